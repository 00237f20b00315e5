import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { type Browser, chromium, type Frame, type Page } from 'playwright-core';
import { mainThreadTasks, TASK_CATEGORIES } from '../../../bench/main-thread.ts';
import { buildUi } from '../../../scripts/build-ui.mjs';
import { findChromium } from '../../../scripts/machine.mjs';
import type { Scenario } from './sandbox.ts';
import { withTheme } from './theme.ts';

/** The two kinds of frame a plugin's panel may find itself in. */
export type FrameKind = 'insecure' | 'secure';

export interface Shown {
  readonly page: Page;
  /** The frame the panel runs in. */
  readonly frame: Frame;
  /** Milliseconds from the moment the page was handed over until its first rendering. */
  readonly openMs: number;
  close(): Promise<void>;
}

export interface ShowOptions {
  readonly kind?: FrameKind;
  readonly width?: number;
  readonly height?: number;
  readonly reducedMotion?: boolean;
  /** Runs on the host page before the panel opens; what it returns, when that is over. */
  readonly prepare?: (page: Page) => Promise<() => Promise<void>>;
}

const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--disable-background-networking',
  '--no-first-run',
  '--font-render-hinting=none',
  '--force-color-profile=srgb',
];

/** A browser with pages that nest the panel as Figma does. */
export class Stage {
  private constructor(
    private readonly browser: Browser,
    private readonly server: Server,
    private readonly html: string,
  ) {}

  /** A page at rest for the next panel: a new window costs the browser a second of processor time. */
  private spare: Page | undefined;

  /**
   * `engine` = a module in the real engine's place; `hosted` makes the address of a copy of the panel, given the
   * origin of the page that plays Figma; `player` = what stands in the sandbox' place at the top of the frames.
   */
  static async open(
    engine?: string,
    hosted?: (origin: string) => string,
    player = 'test/ui/support/sandbox.ts',
  ): Promise<Stage> {
    const executablePath = findChromium();
    if (!executablePath) throw new Error('No Chromium: install it or set PRIOR_ART_CHROMIUM.');
    let host = '';
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(host);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = hosted?.(`http://localhost:${(server.address() as AddressInfo).port}`) ?? '';
    host = await hostPage(player, address && new URL(address).origin);
    const html = await buildUi({ outfile: '', hosted: address, ...(engine !== undefined && { engine }) });
    const browser = await chromium.launch({ executablePath, args: FLAGS });
    return new Stage(browser, server, html);
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.close();
  }

  get bytes(): number {
    return Buffer.byteLength(this.html);
  }

  /**
   * Milliseconds of processor time of every task on the pages' main threads during a story. Time on the clock would
   * count what else runs on the machine.
   */
  async trace(page: Page, story: () => Promise<void>): Promise<number[]> {
    await this.browser.startTracing(page, { categories: TASK_CATEGORIES });
    await story();
    return mainThreadTasks(await this.browser.stopTracing()).map(({ cpuMs }) => cpuMs);
  }

  /** Processor time of the browser's processes so far, and the most memory any page's had (Linux only). */
  async processes(): Promise<{ cpuSeconds: number; peakMegabytes: number }> {
    const session = await this.browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    const cpuSeconds = processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
    const peaks = processInfo
      .filter(({ type }) => type === 'renderer')
      .map(({ id }) => /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0);
    return { cpuSeconds, peakMegabytes: Math.max(0, ...peaks.map(Number)) / 1024 };
  }

  async show(scenario: Scenario, options: ShowOptions = {}): Promise<Shown> {
    const { kind = 'insecure', width = 320, height = 560 } = options;
    const page = this.spare ?? (await this.newPage());
    this.spare = undefined;
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ reducedMotion: options.reducedMotion === false ? 'no-preference' : 'reduce' });
    const undo = await options.prepare?.(page);
    const openMs = await page.evaluate(
      ([html, frameKind, given]) => window.openPanel(html, frameKind, given),
      [withTheme(this.html), kind, scenario] as const,
    );
    let closed = false;
    const close = async () => {
      if (closed) return; // it may be another panel's by now
      closed = true;
      await undo?.();
      page.removeAllListeners();
      if (this.spare || !(await this.settle(page))) await page.context().close();
      else this.spare = page;
    };
    return { page, frame: page.frames().at(-1)!, openMs, close };
  }

  private async newPage(): Promise<Page> {
    const context = await this.browser.newContext();
    const page = await context.newPage();
    await this.host(page);
    return page;
  }

  private host(page: Page) {
    const { port } = this.server.address() as AddressInfo;
    return page.goto(`http://localhost:${port}/`);
  }

  /** Ends all that a panel does, its workers too. */
  private async settle(page: Page): Promise<boolean> {
    try {
      await page.mouse.move(0, 0);
      await this.host(page);
      return true;
    } catch {
      return false;
    }
  }
}

declare global {
  interface Window {
    openPanel(html: string, kind: FrameKind, scenario: Scenario): Promise<number>;
  }
}

/** What Figma allows a plugin that may reach one origin or none, as far as it is known. */
const policy = (origin: string) =>
  [
    "default-src 'none'",
    "script-src 'unsafe-inline' 'unsafe-eval' blob: data:",
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    'font-src data:',
    'worker-src blob:',
    `frame-src data: ${origin}`,
    `connect-src ${origin || "'none'"}`,
  ].join('; ');

async function hostPage(player: string, origin: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [player, 'test/ui/support/frames.ts'],
    outbase: 'test',
    bundle: true,
    format: 'iife',
    write: false,
    outdir: 'out',
    define: { __CSP__: JSON.stringify(policy(origin)) },
  });
  const scripts = outputFiles.map(
    ({ text }) => `<script>${text.replaceAll('</script', '<\\/script')}</script>`,
  );
  const style =
    '<style>html, body, iframe { margin: 0; border: 0; width: 100%; height: 100%; display: block }</style>';
  return `<!doctype html><title>Host</title>${style}${scripts.join('')}`;
}
