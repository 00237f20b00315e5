import { type Box, cutPicture, sharedArea } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../turns.ts';
import { estimateNoise, type NoiseEstimate, SMEARED, typicalSigma } from './noise.ts';

/** A patch of a picture, and the noise in it; null where there is none. */
export interface NoisePatch extends Box {
  readonly noise: NoiseEstimate | null;
}

/** About the side of a patch, px. */
const SIDE = 128;
/** σ in 1/255 of the differences between colours from which they are noise: of clean pictures it is 4 at most. */
const COLOUR_NOISE = 6;

/**
 * Noise that is only in places, where the flattest parts of the whole would not tell of it. Texture is much like it but
 * for one thing: it is in all colours alike, so what counts is how noisy their differences are. Grey pictures have none.
 */
export function* noisePatches(picture: Picture): Pieces<NoisePatch[]> {
  const patches: NoisePatch[] = [];
  if (picture.channels !== 3) return patches;
  for (const box of gridOf(picture)) {
    const part = cutPicture(picture, box);
    yield;
    patches.push({ ...box, noise: yield* noiseOf(part) });
  }
  return patches;
}

function* noiseOf(part: Picture): Pieces<NoiseEstimate | null> {
  const differences = colourDifferences(part);
  if ((yield* estimateNoise(differences)).sigma < COLOUR_NOISE) return null;
  const noise = yield* estimateNoise(part);
  if (noise.correlation <= SMEARED) return noise;
  return { ...noise, sigma: Math.max(noise.sigma, yield* typicalSigma(differences)) };
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

/** Red less green over blue less green, about middle grey, as noisy as the colours themselves if these are independent. */
function colourDifferences({ width, height, colour }: Picture): Picture {
  const n = width * height;
  const difference = (a: number, b: number) => 0.5 + (a - b) / Math.SQRT2;
  const planes = Float32Array.from({ length: 2 * n }, (_, i) =>
    difference(colour[i < n ? i : i + n], colour[n + (i % n)]),
  );
  return { width, height, channels: 2, colour: planes, alpha: null };
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
    impulses: mean(({ impulses }) => impulses),
  };
}
