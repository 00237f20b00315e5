import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { type Browser, type ConsoleMessage, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSite } from '../../scripts/docs.mjs';
import { findChromium } from '../../scripts/machine.mjs';
import { serveFolder } from '../../scripts/serve-folder.mjs';
import { PAGES } from '../../site/pages.mjs';
import { temporaryFolder } from '../support/folder.ts';

const folder = temporaryFolder();
const texts = new Map<string, string>();
let files: string[] = [];

beforeAll(async () => {
  await buildSite({ out: folder.at('site'), api: false, examples: ['boats'] });
  files = await readdir(folder.at('site'), { recursive: true });
  for (const name of files)
    if (/^[\w-]+\.html$/.test(name)) texts.set(name, await readFile(folder.at(`site/${name}`), 'utf8'));
});

it('every link leads to a page, a file or a heading that there is', () => {
  expect(texts.size).toBeGreaterThan(12);
  const lost: string[] = [];
  let followed = 0;
  for (const [page, html] of texts)
    for (const [, address] of html.matchAll(/(?:href|src)="([^"]*)"/g)) {
      if (/^(https?|mailto|data):/.test(address)) continue;
      const [path, anchor] = address.split('#');
      const target = path === '' ? page : posix.normalize(path);
      const isThere = files.includes(target);
      const isNamed = anchor === undefined || texts.get(target)?.includes(`id="${anchor}"`);
      if (!isThere || !isNamed) lost.push(`${page} → ${address}`);
      followed++;
    }
  expect(lost).toEqual([]);
  expect(followed).toBeGreaterThan(300);
});

it('every document is a page', async () => {
  const documents = (await readdir('docs')).filter((name) => name.endsWith('.md'));
  const shown = PAGES.flatMap(({ parts }) => parts.filter((part) => part.length === 1).map(([file]) => file));
  expect(documents.filter((name) => !shown.includes(`docs/${name}`))).toEqual([]);
});

it('nothing is asked for from elsewhere', () => {
  for (const [page, html] of texts)
    expect(html, page).not.toMatch(/(?:src|<link[^>]* href)="(?:https?:)?\/\//);
});

const executablePath = findChromium();

describe.skipIf(!executablePath)('in a browser', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serveFolder>>;
  const faults: string[] = [];

  beforeAll(async () => {
    server = await serveFolder(folder.at('site'));
    browser = await chromium.launch({ executablePath, args: ['--headless=new', '--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const open = async (path: string, how: Parameters<Browser['newPage']>[0]): Promise<Page> => {
    const page = await browser.newPage(how);
    page.on('pageerror', ({ message }) => faults.push(`${path}: ${message}`));
    page.on('console', (said: ConsoleMessage) => {
      if (said.type() === 'error') faults.push(`${path}: ${said.text()}`);
    });
    await page.goto(server.address + path);
    return page;
  };

  it('every page fits a phone, in light and in dark, without a word on the console', async () => {
    const page = await open('index.html', { viewport: { width: 375, height: 700 } });
    for (const name of texts.keys()) {
      await page.goto(server.address + name);
      const look = (colorScheme: 'light' | 'dark') =>
        page
          .emulateMedia({ colorScheme })
          .then(() => page.evaluate(() => getComputedStyle(document.body).backgroundColor));
      expect(await look('dark'), name).not.toBe(await look('light'));
      const surplus = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(surplus, name).toBeLessThanOrEqual(0);
    }
    await page.close();
    expect(faults).toEqual([]);
  });

  it('the slider shows more of what was before', async () => {
    const page = await open('index.html', { viewport: { width: 1000, height: 700 } });
    const shown = () => page.evaluate(() => getComputedStyle(document.querySelector('.before')!).clipPath);
    const half = await shown();
    await page.locator('.slider input').press('End');
    expect(half).toContain('50%');
    expect(await shown()).toContain(' 0% ');
    await page.close();
  });

  it('the playground fills the scratches of its photograph by itself, and opens what the browser can read', async () => {
    const page = await open('index.html', { viewport: { width: 1200, height: 900 } });
    await page.locator('#try').scrollIntoViewIfNeeded();
    const frame = page.frameLocator('iframe.playground');
    await frame.locator('#layers button', { hasText: 'restored' }).waitFor({ timeout: 90_000 });
    const choose = (name: string, mimeType: string, buffer: Buffer) =>
      frame.locator('#file').setInputFiles({ name, mimeType, buffer });
    await choose('words.txt', 'text/plain', Buffer.from('no picture'));
    await frame.getByText('words is no picture that this browser can read.').waitFor();
    expect(await frame.locator('#layers li').count()).toBe(3);
    const background = { r: 90, g: 120, b: 30 };
    const image = sharp({ create: { width: 40, height: 30, channels: 3, background } });
    await choose('field.webp', 'image/webp', await image.webp().toBuffer());
    await frame.getByText('field, 40 × 30 px').waitFor();
    await page.close();
    expect(faults).toEqual([]);
  });
});
