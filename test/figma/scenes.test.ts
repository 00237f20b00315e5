/**
 * Random scenes, `SCENES=200 npx vitest run test/figma/scenes.test.ts` for more of them: nested transforms, all scale modes, crops, masks. The judge is librsvg drawing the scene's SVG: an
 * image whose colours are its coordinates tells which pixel really lies under a point of the page.
 */
import { expect, it } from 'vitest';
import type { Picture } from '../../figma-double/double.ts';
import { at, inverse, type Matrix, multiply, UNIT } from '../../figma-double/matrix.ts';
import type { MaskShape } from '../../src/wire/pictures.ts';
import type { Affine } from '../../src/wire/values.ts';
import { Client, encoded, rasterise } from './client.ts';
import { makeScene, type Scene, STEP } from './random-scene.ts';
import { encode, type Pixels } from './render.ts';
import { type DumpedNode, Sandbox } from './sandbox.ts';

const SCENES = Number(process.env.SCENES ?? 80);
const A_SANDBOX = 10;

interface Judged {
  samples: number;
  worst: number;
}

const apply = (m: Affine, x: number, y: number): [number, number] => [
  m[0] * x + m[2] * y + m[4],
  m[1] * x + m[3] * y + m[5],
];

const AROUND = [-2, -1, 0, 1, 2].flatMap((dy) => [-2, -1, 0, 1, 2].map((dx) => [dx, dy] as const));

/** The image pixel under a pixel of the page, by its colour; undefined near edges, where colours blend. */
function trueCoordinates(
  { data, width }: Pixels,
  x: number,
  y: number,
  image: Pixels,
): [number, number] | undefined {
  const here = (y * width + x) * 4;
  // Opaque, and no jump to another repetition of the image: two pixels of the page span at most two of the image.
  for (const step of AROUND.map(([dx, dy]) => dy * width + dx)) {
    const near = here + step * 4;
    const jump = Math.max(Math.abs(data[near]! - data[here]!), Math.abs(data[near + 1]! - data[here + 1]!));
    if (data[near + 3] !== 255 || jump > 3 * STEP) return undefined;
  }
  if (Math.abs(data[here + 2]! - 128) > 1) return undefined;
  const [u, v] = [data[here]! / STEP + 0.5, data[here + 1]! / STEP + 0.5];
  // Interpolation ends half a pixel before the image does.
  return u > 1 && v > 1 && u < image.width - 1 && v < image.height - 1 ? [u, v] : undefined;
}

/** Compares where the plugin says a point of a mask lies in the image with what was drawn there. */
function judgeMapping(
  scene: Scene,
  masks: readonly MaskShape[],
  shown: Pixels,
  view: View,
  page: DumpedNode,
): Judged {
  const judged = { samples: 0, worst: 0 };
  for (const mask of masks) {
    const { toPage, width, height } = find(page, mask.nodeId, UNIT)!;
    const toMask = inverse(toPage);
    for (const [px, py] of grid(width, height)) {
      const [qx, qy] = at(toPage, px, py);
      const [x, y] = [Math.floor((qx - view.x) * view.scale), Math.floor((qy - view.y) * view.scale)];
      if (x < 2 || y < 2 || x >= shown.width - 2 || y >= shown.height - 2) continue;
      const truth = trueCoordinates(shown, x, y, scene.picture);
      if (!truth) continue;
      const centre = at(toMask, view.x + (x + 0.5) / view.scale, view.y + (y + 0.5) / view.scale);
      const errors = mask.matrices.map((m) => {
        const [u, v] = apply(m, ...centre);
        return Math.hypot(u - truth[0], v - truth[1]);
      });
      judged.samples++;
      judged.worst = Math.max(judged.worst, Math.min(...errors));
    }
  }
  return judged;
}

function* grid(width: number, height: number): Generator<[number, number]> {
  for (let y = 0.05; y < 1; y += 0.1) for (let x = 0.05; x < 1; x += 0.1) yield [x * width, y * height];
}

interface View {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

interface Found {
  readonly toPage: Matrix;
  readonly width: number;
  readonly height: number;
}

function find(page: DumpedNode, id: string, outer: Matrix): Found | undefined {
  for (const child of page.children) {
    const own = (child.props.relativeTransform as Matrix | undefined) ?? UNIT;
    const toPage = child.type === 'GROUP' ? outer : multiply(outer, own);
    const { width, height } = child.props as { width: number; height: number };
    const found = child.id === id ? { toPage, width, height } : find(child, id, toPage);
    if (found) return found;
  }
  return undefined;
}

/** Fills what is masked with its negative; everything else stays. */
function fillMasked(picture: Pixels, coverage: Uint8Array): Pixels {
  const data = picture.data.map((value, i) => (i % 4 < 3 && coverage[i >> 2]! > 0 ? 255 - value : value));
  return { ...picture, data };
}

/** Image pixels over which librsvg blends when it scales an image: measured, its filter reaches just over 5. */
const REACH = 6;

/** Page pixels that differ although no image pixel within reach of interpolation was masked. */
function strayChanges(
  before: Pixels,
  after: Pixels,
  coverage: Uint8Array,
  scene: Scene,
): { stray: number; changed: number } {
  const { width, height } = scene.picture;
  const masked = (u: number, v: number) => {
    for (let y = Math.floor(v - REACH); y <= v + REACH; y++)
      for (let x = Math.floor(u - REACH); x <= u + REACH; x++)
        if (x >= 0 && y >= 0 && x < width && y < height && coverage[y * width + x]! > 0) return true;
    return false;
  };
  let [stray, changed] = [0, 0];
  for (let y = 2; y < before.height - 2; y++)
    for (let x = 2; x < before.width - 2; x++) {
      const i = (y * before.width + x) * 4;
      if ([0, 1, 2, 3].every((c) => before.data[i + c] === after.data[i + c])) continue;
      changed++;
      const truth = trueCoordinates(before, x, y, scene.picture);
      if (truth && !masked(...truth)) stray++;
    }
  return { stray, changed };
}

/** The picture without some layers: looking must not change the document. */
function without(picture: Picture, ids: readonly string[]): Picture {
  return {
    ...picture,
    children: picture.children.filter(({ id }) => !ids.includes(id)).map((child) => without(child, ids)),
  };
}

interface Verdict extends Judged {
  /** Masks may lie where the crop or the letterbox shows no image. */
  readonly missed: boolean;
}

async function judge(sandbox: Sandbox, client: Client, scene: Scene): Promise<Verdict> {
  const box = sandbox.call('box', scene.target) as Omit<View, 'scale'>;
  // Whole pixels: a rounded size would stretch the picture by up to half a pixel.
  const view = { ...box, width: Math.ceil(box.width), height: Math.ceil(box.height), scale: 2 };
  const look = (hidden: readonly string[]) =>
    sandbox.renderer.pixels(without(sandbox.picture(), hidden), view, view.scale);
  const before = await look(scene.masks);
  const source = await client.read(scene.target, scene.masks);
  if (source.type === 'failed') {
    expect(source.problem.code, scene.words).toBe('mask-outside');
    return { samples: 0, worst: 0, missed: true };
  }
  const page = sandbox.dump();
  const judged = judgeMapping(scene, source.masks, before, view, page);
  expect(judged.worst, scene.words).toBeLessThan(0.5);
  const coverage = await rasterise(source.masks, scene.picture);
  const snapshot = sandbox.snapshot();
  const original = JSON.stringify(sandbox.dump(scene.target));
  const result = await encoded(fillMasked(scene.picture, coverage));
  const { name } = await client.written(source, result, { task: 'fill' });
  expect(name).toBe('Picture · restored');
  expect(JSON.stringify(sandbox.dump(scene.target)), scene.words).toBe(original);
  const after = await look([...scene.masks, scene.target]);
  const { stray, changed } = strayChanges(before, after, coverage, scene);
  expect(stray, `${scene.words}: ${stray} of ${changed}`).toBe(0);
  sandbox.call('undo');
  expect(sandbox.snapshot(), scene.words).toBe(snapshot);
  return { ...judged, missed: false };
}

/** A document with some of the scenes, far apart. */
async function open(first: number): Promise<{ sandbox: Sandbox; client: Client; scenes: Scene[] }> {
  const sandbox = await Sandbox.open();
  const client = new Client(sandbox);
  const scenes: Scene[] = [];
  for (let seed = first; seed < first + A_SANDBOX; seed++) {
    const { picture } = makeScene(seed, () => '');
    const hash = sandbox.addImage(await encode(picture));
    scenes.push(makeScene(seed, () => hash));
  }
  sandbox.scene(scenes.flatMap(({ specs }) => specs));
  await client.open('fill', []);
  return { sandbox, client, scenes };
}

it('random scenes map within half a pixel and change nothing but what is masked', {
  timeout: 240_000,
}, async () => {
  let [worst, samples, missed] = [0, 0, 0];
  for (let first = 0; first < SCENES; first += A_SANDBOX) {
    const { sandbox, client, scenes } = await open(first);
    for (const scene of scenes) {
      const verdict = await judge(sandbox, client, scene);
      worst = Math.max(worst, verdict.worst);
      samples += verdict.samples;
      if (verdict.missed) missed++;
    }
    sandbox.dispose();
  }
  console.log(
    `${samples} points in ${SCENES} scenes, ${missed} with masks off the image: worst error ${worst.toFixed(3)} px`,
  );
  expect(samples).toBeGreaterThan(SCENES * 20);
  expect(missed).toBeLessThan(SCENES / 10);
});
