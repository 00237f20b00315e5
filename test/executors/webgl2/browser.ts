import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../../scripts/machine.mjs';

export const NO_BROWSER = findChromium() ? undefined : 'no Chromium was found (set PRIOR_ART_CHROMIUM)';

export interface OpenPage {
  readonly page: Page;
  /** Calls a function that page.ts put into the global scope. */
  call<T>(name: string, ...values: unknown[]): Promise<T>;
  /** The same in a classic blob worker of a `data:` frame: the nesting that a plugin's page runs in. */
  inFigmaFrame<T>(name: string, ...values: unknown[]): Promise<T>;
  close(): Promise<void>;
}

/** The frame's script: starts a worker from the bundle it is sent, passes one call on and the answer back. */
const FRAME = `onmessage = ({ data: { script, name, values } }) => {
  const serve = 'onmessage = async ({ data: { name, values } }) => postMessage(await self[name](...values));';
  const url = URL.createObjectURL(new Blob([script, '\\n', serve], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.onmessage = ({ data }) => parent.postMessage({ result: data }, '*');
  worker.onerror = ({ message }) => parent.postMessage({ error: message }, '*');
  worker.postMessage({ name, values });
};`;

/** A blank page of a fresh browser with the bundle of page.ts loaded. */
export async function openPage(entry = 'page.ts'): Promise<OpenPage> {
  const browser: Browser = await chromium.launch({
    executablePath: findChromium(),
    args: ['--headless=new', '--no-sandbox', '--disable-background-networking', '--no-first-run'],
  });
  const page = await browser.newPage();
  const script = await bundle(entry);
  await page.addScriptTag({ content: script });
  return {
    page,
    call: <T>(name: string, ...values: unknown[]) =>
      page.evaluate(
        ([f, list]) => (globalThis as unknown as Record<string, (...a: unknown[]) => Promise<T>>)[f](...list),
        [name, values] as const,
      ),
    inFigmaFrame: <T>(name: string, ...values: unknown[]) =>
      page.evaluate(callInFrame<T>, { frame: FRAME, script, name, values }),
    close: () => browser.close(),
  };
}

interface FrameCall {
  frame: string;
  script: string;
  name: string;
  values: unknown[];
}

function callInFrame<T>({ frame, script, name, values }: FrameCall): Promise<T> {
  const element = document.createElement('iframe');
  element.src = `data:text/html,<script>${encodeURIComponent(frame)}</script>`;
  document.body.append(element);
  element.onload = () => element.contentWindow!.postMessage({ script, name, values }, '*');
  return new Promise((resolve, reject) => {
    addEventListener('message', ({ data }) => {
      element.remove();
      if (data.error) reject(new Error(data.error));
      else resolve(data.result);
    });
  });
}

/** vitest itself does not run in a browser; the cases only need this much of it. */
const EXPECT = `export const expect = (value, message) => ({
  toBeLessThanOrEqual(limit) { if (!(value <= limit)) throw new Error(message + ': expected ' + value + ' <= ' + limit); },
});`;

async function bundle(entry = 'page.ts'): Promise<string> {
  const result = await build({
    entryPoints: [`${import.meta.dirname}/${entry}`],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    plugins: [
      {
        name: 'expect without vitest',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^vitest$/ }, () => ({ path: 'vitest', namespace: 'expect' }));
          onLoad({ filter: /.*/, namespace: 'expect' }, () => ({ contents: EXPECT, loader: 'js' }));
        },
      },
    ],
  });
  return result.outputFiles[0].text;
}
