import { type Box, cutPicture, sharedArea } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import type { NoiseModel } from '../nonlocal/noise-model.ts';
import type { Pieces } from '../time-slicing.ts';
import { withAdjoining } from './adjoining.ts';
import { clippedNoise, SHOWN_IN_PART } from './clipped-noise.ts';
import { measureNoise, type NoiseEstimate } from './noise.ts';
import { all, findByColours, type Looks, lookAt } from './noise-finder.ts';
import { isScreened } from './screen.ts';
import type { Spectra } from './spectra.ts';

/** A patch of a picture, and the noise in it; null where there is none. */
export interface NoisePatch extends Box {
  readonly noise: NoiseEstimate | null;
}

/** About the side of a patch, px. */
const SIDE = 128;

/**
 * Noise that is only in places, where the whole would not tell of it: by what the colours do not share, since texture
 * and noise look alike in brightness; or by what is cut off, where too little is not. Grey pictures have none.
 */
export function* noisePatches(picture: Picture, looks?: Looks): Pieces<NoisePatch[]> {
  const patches: NoisePatch[] = [];
  if (picture.channels !== 3) return patches;
  const { fine, coarse } = looks ?? (yield* lookAt(picture));
  for (const box of gridOf(picture)) {
    yield;
    const half = { x: box.x / 2, y: box.y / 2, width: box.width / 2, height: box.height / 2 };
    const [blocks, coarser] = [within(fine, box), within(coarse, half)];
    const byColours = function* (cutOff: boolean): Pieces<NoiseEstimate | null> {
      const found = yield* findByColours({ fine, coarse }, blocks, coarser, cutOff);
      // Dots on a screen lie otherwise in each block, and look as evenly noisy.
      return found && !(yield* isScreened(picture, box)) ? yield* measureNoise(found) : null;
    };
    const noise =
      (yield* byColours(false)) ??
      (yield* clippedNoise(cutPicture(picture, box), SHOWN_IN_PART)) ??
      (yield* byColours(true));
    patches.push({ ...box, noise });
  }
  return yield* withAdjoining(patches, fine);
}

/** The blocks that start in a box. */
function within(spectra: Spectra, box: Box): number[] {
  const { x, y } = spectra;
  const inside = (b: number) =>
    x[b] >= box.x && x[b] < box.x + box.width && y[b] >= box.y && y[b] < box.y + box.height;
  return all(spectra).filter(inside);
}

function* gridOf({ width, height }: Picture): Generator<Box> {
  const [columns, rows] = [width, height].map((n) => Math.max(1, Math.round(n / SIDE)));
  const edge = (i: number, count: number, n: number) => Math.round((i * n) / count);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const [x, y] = [edge(column, columns, width), edge(row, rows, height)];
      const [right, bottom] = [edge(column + 1, columns, width), edge(row + 1, rows, height)];
      yield { x, y, width: right - x, height: bottom - y };
    }
}

/** The noise of some patches as one, by how much of the box each covers; none where none of them has any. */
export function noiseOver(patches: readonly NoisePatch[], box: Box): NoiseEstimate | undefined {
  const covered = patches.map((patch) => ({ noise: patch.noise, area: sharedArea(patch, box) }));
  const area = covered.reduce((sum, patch) => sum + patch.area, 0);
  const noisy = covered.flatMap(({ noise, area }) => (noise && area > 0 ? { noise, area } : []));
  const energy = (f: (noise: NoiseEstimate) => number) =>
    noisy.reduce((sum, { noise, area }) => sum + area * f(noise) * noise.sigma ** 2, 0);
  const total = energy(() => 1);
  if (total === 0) return undefined;
  const mean = (f: (noise: NoiseEstimate) => number) => energy(f) / total;
  return {
    sigma: Math.sqrt(total / area),
    growth: mean(({ growth }) => growth),
    correlation: mean(({ correlation }) => correlation),
    shot: mean(({ shot }) => Number(shot)) > 0.5,
    model: withLight(noisy.reduce((a, b) => (b.noise.sigma > a.noise.sigma ? b : a)).noise.model, noisy),
  };
}

/** Where most of the noise is of light, and patches tell of it by few levels each, it is what they tell in the mean. */
function withLight(
  model: NoiseModel | undefined,
  noisy: readonly { readonly noise: NoiseEstimate; readonly area: number }[],
): NoiseModel | undefined {
  let [all, told, black, slope] = [0, 0, 0, 0];
  for (const { noise, area } of noisy) {
    const light = noise.model?.light;
    all += area;
    if (!light) continue;
    told += area;
    black += area * light.black;
    slope += area * light.slope;
  }
  if (!model) return model;
  const { light: _, ...rest } = model;
  if (told <= all / 2) return rest;
  return { ...rest, light: { black: black / told, slope: slope / told } };
}
