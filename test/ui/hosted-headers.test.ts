import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeHosted } from '../../scripts/figma-hosted.mjs';
import { findChromium } from '../../scripts/machine.mjs';
import { serveFolder } from '../../scripts/serve-folder.mjs';
import { temporaryFolder } from '../support/folder.ts';

const executablePath = findChromium();
const folder = temporaryFolder();

/** As Figma nests it: a frame of the page's own origin that relays, in it a data: frame, which goes to the panel. */
const inFigmasFrames = (address: string) => {
  const inner = `<script>location.replace(${JSON.stringify(address)})</script>`;
  const relay = `<script>var heard = 0; addEventListener('message', () => heard++)</script>
    <iframe src="data:text/html,${encodeURIComponent(inner)}"></iframe>`;
  return `<iframe srcdoc="${relay.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></iframe>`;
};
const inOneFrame = (address: string) => `<iframe src="${address}"></iframe>`;
const inFrameWithoutOrigin = (address: string) =>
  inFigmasFrames(address).replace('<iframe', '<iframe sandbox="allow-scripts"');

describe.skipIf(!executablePath)('the headers of a panel that is served', () => {
  let browser: Browser;
  let panel: string;
  let server: Awaited<ReturnType<typeof serveFolder>>;
  beforeAll(async () => {
    await writeHosted(folder.at('web'), 'test/ui/support/fake-engine.ts');
    server = await serveFolder(folder.at('web'));
    panel = `${server.address}ui.html?plugin=42`;
    browser = await chromium.launch({
      executablePath,
      args: ['--headless=new', '--no-sandbox', '--disable-features=LocalNetworkAccessChecks'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** The frame that was to hold the panel, of a page at that address; `faults`: what the browser refused. */
  async function framedBy(origin: string, nested: (address: string) => string) {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.route(`${origin}**`, (route) =>
      route.fulfill({ contentType: 'text/html', body: nested(panel) }),
    );
    await page.goto(origin);
    const settled = () =>
      page.frames().find((frame) => frame.url() === panel || frame.url().startsWith('chrome-error:'));
    await expect.poll(settled).toBeTruthy();
    const frame = settled()!;
    await frame.waitForLoadState();
    return { page, frame, faults };
  }

  it.each([
    ['another page', 'https://hostile.example/', inOneFrame],
    ['another page, nested as Figma nests it', 'https://hostile.example/', inFigmasFrames],
    ['a frame without an origin, which no list matches', 'https://www.figma.com/', inFrameWithoutOrigin],
  ])('refuse %s', async (_, origin, nested) => {
    const { page, frame, faults } = await framedBy(origin, nested);
    expect(frame.url()).toBe('chrome-error://chromewebdata/');
    expect(faults.join()).toContain('frame-ancestors');
    await page.close();
  });

  it.each(['https://www.figma.com/', 'https://embed.figma.com/'])('let %s show it', async (origin) => {
    const { page, frame } = await framedBy(origin, inOneFrame);
    expect(frame.url()).toBe(panel);
    await page.close();
  });

  it('let it work in the frames that Figma makes', async () => {
    const { page, frame, faults } = await framedBy('https://www.figma.com/', inFigmasFrames);
    expect(frame.url()).toBe(panel);
    await expect.poll(() => frame.parentFrame()!.evaluate('heard')).toBeGreaterThan(0);
    // What the engine needs: WebAssembly in a worker that was made here.
    const size = await frame.evaluate(async () => {
      const source =
        'WebAssembly.compile(new Uint8Array([0,97,115,109,1,0,0,0])).then(() => postMessage(1), (e) => postMessage(String(e)))';
      const worker = new Worker(URL.createObjectURL(new Blob([source])));
      return new Promise((done) => {
        worker.onmessage = ({ data }) => done(data);
        worker.onerror = () => done('refused');
      });
    });
    expect(size).toBe(1);
    expect(faults).toEqual([]);
    await page.close();
  });
});
