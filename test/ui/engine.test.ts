import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GpuAbility } from '../../src/ui/worker/methods.ts';
import { shortName } from '../../src/ui/worker/probe.ts';
import { chooseEngine, type Probed } from '../../src/ui/worker/threads.ts';
import { hands } from './support/hands.ts';
import { scene } from './support/pictures.ts';
import type { Scenario } from './support/sandbox.ts';
import { oneImage, target } from './support/scenarios.ts';
import { Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage?.close());

const SIZE = 40;

async function small(change: Partial<Scenario> = {}, size = SIZE): Promise<Scenario> {
  const png = await sharp(scene(size, size, 25), { raw: { width: size, height: size, channels: 4 } })
    .removeAlpha()
    .png()
    .toBuffer();
  const fill = {
    index: 0,
    imageHash: 'x',
    scaleMode: 'FILL',
    width: size,
    height: size,
    visible: true,
  } as const;
  return oneImage({
    selection: { targets: [target('1:1', 'Small', { fills: [fill] })], masks: [], problems: [] },
    files: { '1:1': new Uint8Array(png) },
    ...change,
  });
}

const HOW = 'has too little memory';

it('restores with the real engine in the real frame: less noise', async () => {
  const scenario = await small({ settings: { quality: 'fast' } });
  const shown = await stage.show(scenario);
  const panel = hands(shown.frame);
  await panel.waitForPhase(/ready/);
  await panel.timesKnown();
  await panel.press(/Restore/);
  await panel.waitForPhase(/Restored in/);
  expect(await panel.text()).toMatch(/Processor/);
  const [tile] = await shown.page.evaluate(() => window.played.written.at(-1)?.tiles ?? []);
  const clean = scene(SIZE, SIZE, 0);
  const error = (samples: ArrayLike<number>) => {
    let sum = 0;
    for (let i = 0; i < clean.length; i++) if (i % 4 < 3) sum += (samples[i]! - clean[i]!) ** 2;
    return sum / (0.75 * clean.length);
  };
  const result = await sharp(tile!.png).ensureAlpha().raw().toBuffer();
  expect(error(result)).toBeLessThan(0.35 * error(scene(SIZE, SIZE, 25)));
  await shown.close();
});

it('copies nothing into a large area from where the brush says so', async () => {
  const [width, height] = [160, 96];
  // Red tiles on the left, blue ones on the right.
  const tiles = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const shade = 120 + 60 * (((x >> 2) + (y >> 2)) % 2) + ((x * 7 + y * 13) % 11);
    return i % 3 === (x < width / 2 ? 0 : 2) ? shade : 40;
  });
  const png = await sharp(tiles, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  const fills = [{ index: 0, imageHash: 'x', scaleMode: 'FILL', width, height, visible: true } as const];
  const shown = await stage.show(
    await small({
      settings: { quality: 'fast' },
      selection: { targets: [target('1:1', 'Tiles', { fills })], masks: [], problems: [] },
      files: { '1:1': new Uint8Array(png) },
    }),
  );
  const panel = hands(shown.frame);
  await panel.waitForPhase(/ready/);
  await panel.choose('Fill');
  // The image is 288 px wide in the preview, 1.8 times its size, and starts 28 px from the preview's top.
  const at = (x: number, y: number) => [1.8 * x, 28 + 1.8 * y] as const;
  const size = shown.frame.getByLabel('Brush size');
  await size.fill('80');
  await panel.brush(at(74, 48), at(86, 48));
  await panel.choose('Avoid');
  for (const y of [10, 48, 86]) await panel.brush(at(0, y), at(58, y));
  await panel.areaSays(/avoids the blue/);
  await panel.press(/^Fill/);
  await panel.waitForPhase(/Filled in/);
  const [tile] = await shown.page.evaluate(() => window.played.written.at(-1)?.tiles ?? []);
  const { data, info } = await sharp(tile!.png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let bluer = 0;
  for (let y = 36; y < 60; y++)
    for (let x = 60; x < 76; x++) {
      const at = 3 * (y * info.width + x);
      if (data[at + 2]! > data[at]!) bluer++;
    }
  // Towards the rim the seam is blended; with red to copy from, none is.
  expect(bluer).toBeGreaterThan(0.75 * 24 * 16);
});

it('cancels and stops a real run at once', async () => {
  // Smaller ones have too little for a network to learn from.
  const shown = await stage.show(await small({ settings: { quality: 'best' } }, 96));
  const panel = hands(shown.frame);
  await panel.waitForPhase(/ready/);
  await panel.choose('Best');
  const running = async () => {
    await panel.press(/Restore/);
    await shown.frame
      .locator('.progress-head')
      .filter({ hasText: /Refining\s*(About|Almost)/ })
      .waitFor();
  };
  await running();
  let from = Date.now();
  await shown.frame.locator('body').press('Escape');
  await panel.waitForPhase(/Cancelled/);
  expect(Date.now() - from).toBeLessThan(5000);
  await running();
  from = Date.now();
  await panel.press(/Stop and keep/);
  await panel.waitForPhase(/Partly refined/);
  expect(Date.now() - from).toBeLessThan(8000);
  expect(await shown.page.evaluate(() => window.played.refused)).toEqual([]);
  await shown.close();
});

const none: GpuAbility = { adapter: undefined, software: false, problem: 'this frame is not secure' };
const card: GpuAbility = { adapter: 'Apple M2', software: false, problem: undefined };
const program: GpuAbility = { adapter: 'SwiftShader', software: true, problem: 'only a software adapter' };
const side = (webgpu: GpuAbility, webgl2: GpuAbility, secure = true) => ({
  secure,
  webgpu,
  webgl2,
  wasm: true,
  isolated: false,
  cores: 8,
});

it('chooses WebGPU in the worker, else on the page, else WebGL, else the processor, and says why', () => {
  const table: readonly (readonly [Probed, string, readonly string[], string, RegExp])[] = [
    [{ worker: side(card, card), page: side(card, card) }, 'auto', [], 'worker webgpu', /fastest way/],
    [{ worker: side(none, card), page: side(card, card) }, 'auto', [], 'page webgpu', /fastest way/],
    [
      { worker: side(none, card, false), page: side(none, card, false) },
      'auto',
      [],
      'worker webgl2',
      /hides the/,
    ],
    [
      { worker: side(program, program), page: side(program, program) },
      'auto',
      [],
      'worker wasm',
      /not usable/,
    ],
    [{ worker: side(none, none), page: side(program, none) }, 'webgpu', [], 'page webgpu', /imitates/],
    [
      { worker: { ...side(none, program), wasm: false }, page: side(none, none) },
      'auto',
      [],
      'worker webgl2',
      /WebAssembly is refused here/,
    ],
    [{ worker: side(card, card), page: side(card, card) }, 'wasm', [], 'worker wasm', /You chose/],
    [{ worker: side(card, card), page: side(card, card) }, 'webgl2', [], 'worker webgl2', /WebGL/],
    [
      { worker: side(card, card), page: side(card, card) },
      'auto',
      ['webgpu'],
      'worker webgl2',
      /WebGPU has too little memory, so WebGL/,
    ],
    [
      { worker: side(card, card), page: side(card, card) },
      'auto',
      ['webgpu', 'webgl2'],
      'worker wasm',
      /The graphics card has too little memory, so the processor/,
    ],
  ];
  for (const [probed, wanted, lost, expected, why] of table) {
    const choice = chooseEngine(probed, wanted, new Map(lost.map((name) => [name, HOW])));
    expect(`${choice.where} ${choice.executor}`).toBe(expected);
    expect(choice.why).toMatch(why);
    for (const words of [choice.why, choice.faster ?? '']) expect(words.length).toBeLessThanOrEqual(90);
  }
});

it('calls adapters what people call them', () => {
  const names = {
    'ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)':
      'SwiftShader',
    'ANGLE (Apple, ANGLE Metal Renderer: Apple M2, Unspecified Version)': 'Apple M2',
    'ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 (0x00002504) Direct3D11 vs_5_0 ps_5_0, D3D11)':
      'NVIDIA GeForce RTX 3060',
    'ANGLE (Intel, Intel(R) UHD Graphics 620 (0x00005917) Direct3D11 vs_5_0 ps_5_0, D3D11)':
      'Intel UHD Graphics 620',
    'Adreno (TM) 740': 'Adreno 740',
  };
  for (const [long, short] of Object.entries(names)) expect(shortName(long)).toBe(short);
});

it('shows what it found under Diagnostics, to be copied', async () => {
  const shown = await stage.show(await small({ command: 'diagnostics' }), { kind: 'secure' });
  await shown.frame.getByText('isSecureContext').waitFor();
  const facts = await shown.frame.waitForFunction(() => {
    const text = document.querySelector('.facts')?.textContent ?? '';
    return /Worker: WebGL2/.test(text) && text;
  });
  const text = String(await facts.jsonValue());
  for (const fact of [
    /isSecureContextyes/,
    /navigator.gpuyes/,
    /Page: WebGPU/,
    /Worker of a blobyes/,
    /Module of a blob(yes|no)/,
    /Worker of data:no/,
    /CSP.*worker-src refused data/,
    /CSP founddefault-src 'none'/,
    /HeadlessChrome|Chrome/,
  ])
    expect(text).toMatch(fact);
  await shown.frame.getByRole('button', { name: 'Try large messages' }).click();
  await shown.frame.getByText(/^Image of 4096², \d+ MB$/).waitFor();
  await shown.frame.waitForFunction(() => {
    const outcomes = [...document.querySelectorAll('.facts dt')]
      .filter(({ textContent }) => /^(Message|Image) of/.test(textContent ?? ''))
      .map((term) => term.nextElementSibling?.textContent ?? '');
    return outcomes.length === 4 && outcomes.every((words) => /^[\d.]+ s$/.test(words));
  });
  await shown.frame.getByRole('button', { name: 'Copy' }).click();
  await shown.frame
    .getByRole('status')
    .filter({ hasText: 'Diagnostics copied.' })
    .waitFor({ state: 'attached' });
  await shown.frame.locator('body').press('Escape');
  await hands(shown.frame)
    .button(/Restore/)
    .waitFor();
  await shown.close();
});

it('times every engine for a second under Diagnostics, or says why not', async () => {
  const shown = await stage.show(await small({ command: 'diagnostics' }));
  const found = await shown.frame.waitForFunction(() => {
    const facts = [...document.querySelectorAll('.facts dt')]
      .map((term) => [term.textContent ?? '', term.nextElementSibling?.textContent ?? ''] as const)
      .filter(([name]) => name.startsWith('Speed: '));
    return facts.length === 3 && facts.every(([, words]) => !/waiting|measuring/.test(words)) && facts;
  });
  const speeds = Object.fromEntries((await found.jsonValue()) as [string, string][]);
  const figure = /^[\d.]+ ms a step, mean of \d+; [\d.]+ s to start$/;
  expect(speeds['Speed: WASM']).toMatch(figure);
  expect(speeds['Speed: WebGL2']).toMatch(figure);
  expect(speeds['Speed: WebGPU']).toMatch(/^WebGPU is not offered here/);
  await shown.close();
});
