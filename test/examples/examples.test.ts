import { execFile, spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { extname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import sharp from 'sharp';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../scripts/machine.mjs';
import { encodeImage } from '../../src/node/encode.ts';
import { temporaryFolder } from '../support/folder.ts';
import { noisy, scene } from '../support/pictures.ts';

const root = resolve(import.meta.dirname, '../..');
const examples = resolve(root, 'examples');
const folder = temporaryFolder();
let photo: Buffer;

beforeAll(async () => {
  photo = await encodeImage('x.png', noisy(scene(128, 96), 25), { bits: 8, grey: false, alpha: false });
  await writeFile(folder.at('noisy.png'), photo);
});

const run = (name: string, ...args: string[]) =>
  promisify(execFile)(process.execPath, [resolve(examples, name), ...args]);

describe('examples for Node', () => {
  it('node.mjs and progress.mjs restore a file', async () => {
    const [one, two] = [folder.at('one.png'), folder.at('two.png')];
    expect((await run('node.mjs', folder.at('noisy.png'), one)).stdout).toMatch(/^denoise Noise/);
    expect((await run('progress.mjs', folder.at('noisy.png'), two)).stdout).toMatch(/^nonlocal: \d+ %/);
    for (const path of [one, two])
      expect(await sharp(path).metadata()).toMatchObject({ format: 'png', width: 128 });
  });

  it('sharp.mjs restores between two steps of sharp', async () => {
    await run('sharp.mjs', folder.at('noisy.png'), folder.at('small.webp'));
    expect(await sharp(folder.at('small.webp')).metadata()).toMatchObject({ format: 'webp', width: 400 });
  });

  it('server.mjs answers with the picture, refuses what is none, and gives up what nobody waits for', async () => {
    const server = spawn(process.execPath, [resolve(examples, 'server.mjs'), '0']);
    let said = '';
    const saying = (text: RegExp) =>
      new Promise<RegExpMatchArray>((done) => {
        const look = () => text.test(said) && done(said.match(text)!);
        server.stdout.on('data', look);
        look();
      });
    server.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    try {
      const [, port] = await saying(/listening on (\d+)/);
      const address = `http://127.0.0.1:${port}/`;
      const post = (body: BodyInit) => fetch(address, { method: 'POST', body });
      const first = post(new Uint8Array(photo));
      const left = connect(Number(port), '127.0.0.1');
      left.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${photo.length}\r\n\r\n`);
      left.write(photo, () => setTimeout(() => left.destroy(), 50));
      const [restored, refused] = [await first, await post('no picture')];
      expect(await sharp(await restored.arrayBuffer()).metadata()).toMatchObject({
        format: 'png',
        width: 128,
      });
      expect([refused.status, await refused.text()]).toEqual([422, expect.stringMatching(/JPEG, PNG, WebP/)]);
      await saying(/given up: The visitor has left/);
    } finally {
      server.kill();
    }
  });
});

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

/** A server of files, which notes what it served, that makes pages cross-origin isolated, as threads with shared memory need. */
async function serve(
  files: string,
  served?: Map<string, number>,
): Promise<{ server: Server; address: string }> {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url!, 'http://x').pathname;
    const bytes = await readFile(resolve(files, `.${path}`)).catch(() => undefined);
    served?.set(path, bytes?.length ?? 0);
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    response.setHeader('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream');
    response.writeHead(bytes ? 200 : 404).end(bytes);
  });
  await new Promise<void>((resume) => server.listen(0, '127.0.0.1', resume));
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const executablePath = findChromium();

describe.skipIf(!executablePath)('examples for pages (need a browser)', () => {
  let browser: Browser;
  let servers: Server[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--headless=new', '--no-sandbox'] });
  });

  afterAll(async () => {
    await browser?.close();
    for (const server of servers) server.close();
    servers = [];
  });

  const open = async (files: string, path: string, served?: Map<string, number>) => {
    const { server, address } = await serve(files, served);
    servers.push(server);
    const page = await browser.newPage();
    await page.goto(`${address}${path}`);
    return page;
  };

  it('canvas.html restores its canvas, and an isolated page has threads', async () => {
    const page = await open(root, '/examples/canvas.html');
    const colours = () =>
      page.evaluate(() => {
        const { data } = document.querySelector('canvas')!.getContext('2d')!.getImageData(30, 30, 30, 30);
        return new Set(data.filter((_, i) => i % 4 === 0)).size;
      });
    const before = await colours();
    await page.click('button');
    await page.waitForFunction(() => document.querySelector('output')!.value.startsWith('Done'));
    expect(await colours()).toBeLessThan(before / 2);
    // As text: the test runner rewrites imports.
    const adapter = await page.evaluate(`(async () => {
      const { restore } = await import('/dist/browser.js');
      const bitmap = await createImageBitmap(document.querySelector('canvas'));
      const options = { task: 'denoise', prior: 'network', expert: { steps: 2, net: '4x2' }, executor: 'wasm' };
      const result = await restore(bitmap, options);
      return [result.adapter, result.image instanceof ImageData];
    })()`);
    expect(adapter).toEqual([expect.stringMatching(/^[2-9]\d* threads/), true]);
  });

  it('the Vite app restores a file in its worker, without TensorFlow.js', async () => {
    const outDir = folder.at('vite');
    await build({
      root: resolve(examples, 'vite'),
      logLevel: 'error',
      resolve: { alias: { 'prior-art/browser': resolve(root, 'dist/browser.js') } },
      build: { outDir, emptyOutDir: true, reportCompressedSize: false },
    });
    const names = (await readdir(outDir, { recursive: true })).filter((name) => name.endsWith('.js'));
    const built = await Promise.all(names.map((name) => readFile(resolve(outDir, name), 'utf8')));
    expect(built.some((text) => /tensorflow/i.test(text))).toBe(false);
    expect(built.join('').length).toBeLessThan(630_000);
    const served = new Map<string, number>();
    const page = await open(outDir, '/index.html', served);
    await page.setInputFiles('input', folder.at('noisy.png'));
    await page.waitForFunction(() => document.querySelector('output')!.value === 'Done: denoise.');
    expect(await page.evaluate(() => document.querySelector('canvas')!.width)).toBe(128);
    // What it took: the engine, one task, and the kernels' build that runs here; no network, no executor.
    const scripts = [...served].filter(([path]) => path.endsWith('.js'));
    const total = (some: typeof scripts) => some.reduce((sum, [, bytes]) => sum + bytes, 0);
    // Only task 'auto' looks for scratches.
    const finder = scripts.filter(([path]) => path.includes('/find-'));
    expect(total(finder)).toBeGreaterThan(10_000);
    expect(total(scripts) - total(finder)).toBeLessThan(134_500);
    expect(total(scripts)).toBeLessThan(181_500);
  });
});
