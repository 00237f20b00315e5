// The whole plugin on the graphics card inside Figma's insecure frame, where WebGL2 is all there is of it. Short by
// default, with the real engine on few steps; all of 'fast' on a part of the sample, which takes minutes in software:
//   WHOLE=1 npm test -- test/figma/webgl2.test.ts
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { psnr } from '../../src/engine/metrics.ts';
import { hands } from '../ui/support/hands.ts';
import { noisy } from '../ui/support/pictures.ts';
import { Stage } from '../ui/support/stage.ts';
import { imageFill } from './client.ts';
import { connect } from './panel.ts';
import { decode, encode, type Pixels } from './render.ts';
import { Sandbox } from './sandbox.ts';

const WHOLE = process.env.WHOLE === '1';
const SIDE = WHOLE ? 128 : 48;
const SIGMA = 25;

let stage: Stage;
beforeAll(async () => {
  const engine = WHOLE ? undefined : 'test/ui/support/capped-engine.ts';
  stage = await Stage.open(engine, undefined, 'test/figma/relay-page.ts');
});
afterAll(() => stage?.close());

/** A part of the sample with sky, sails and water. */
async function sample(): Promise<Pixels> {
  const { data } = await sharp('samples/nagasaki-boats.png')
    .extract({ left: 100, top: 70, width: SIDE, height: SIDE })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: SIDE, height: SIDE };
}

/** What the plugin puts into the document with one engine, chosen by name in the panel's details. */
async function restoredBy(label: string, file: Uint8Array) {
  const sandbox = await Sandbox.open();
  const hash = sandbox.addImage(file);
  sandbox.scene([
    { type: 'RECTANGLE', id: '9:1', name: 'Boats', width: 96, height: 96, fills: [imageFill(hash)] },
  ]);
  const open = await connect(stage, sandbox, 'restore', ['9:1'], { kind: 'insecure' });
  const panel = hands(open.frame);
  try {
    expect(await open.frame.evaluate(() => 'gpu' in navigator)).toBe(false);
    await panel.waitForPhase(/ready/);
    await panel.choose('Fast');
    await panel.openDetails();
    await open.frame.getByLabel('Engine', { exact: true }).selectOption({ label });
    const engine = await open.frame.locator('.engine').textContent();
    const from = performance.now();
    await panel.press(/Restore/);
    await open.frame
      .getByRole('status')
      .filter({ hasText: /Restored in/ })
      .waitFor({ state: 'attached', timeout: 3_000_000 });
    const seconds = (performance.now() - from) / 1000;
    const layer = sandbox.dump().children.find(({ props }) => props.name === 'Boats · restored');
    const [{ imageHash }] = layer!.props.fills as [{ imageHash: string }];
    expect(open.faults).toEqual([]);
    return { engine, seconds, pixels: await decode(sandbox.renderer.images.get(imageHash)!.bytes) };
  } finally {
    await open.close();
    sandbox.dispose();
  }
}

const raster = ({ data, width, height }: Pixels) => ({ data: new Uint8ClampedArray(data), width, height });

it('restores the sample through WebGL2 as well as on the processor', { timeout: 3_600_000 }, async () => {
  const clean = await sample();
  const damaged = noisy(clean, SIGMA);
  const file = await encode(damaged);
  const card = await restoredBy('Graphics card (WebGL)', file);
  const processor = await restoredBy('Processor', file);
  expect(card.engine).toMatch(/^WebGL · /);
  expect(processor.engine).toMatch(/^Processor/);
  const quality = (pixels: Pixels) => psnr(raster(pixels), raster(clean));
  const [before, onCard, onProcessor] = [damaged, card.pixels, processor.pixels].map(quality);
  console.log(
    `${SIDE}², noise σ ${SIGMA}: ${before!.toFixed(2)} dB → ${onCard!.toFixed(2)} dB on “${card.engine}” ` +
      `(${card.seconds.toFixed(0)} s), ${onProcessor!.toFixed(2)} dB on “${processor.engine}” (${processor.seconds.toFixed(0)} s)`,
  );
  if (WHOLE) expect(onCard).toBeGreaterThan(before! + 3);
  expect(Math.abs(onCard! - onProcessor!)).toBeLessThan(0.1);
  // Not merely as good, but nearly the same picture: rounding grows with the steps and decides at which one to stop.
  expect(psnr(raster(card.pixels), raster(processor.pixels))).toBeGreaterThan(WHOLE ? 30 : 35);
});
