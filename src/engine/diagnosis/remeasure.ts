import type { Picture } from '../image/picture.ts';
import { AREA, inverseDct } from '../jpeg/dct.ts';
import { type NoiseModel, type PlaneNoise, REACH, varianceAt, whiteNoise } from '../nonlocal/noise-model.ts';
import { mapped, type Pieces } from '../time-slicing.ts';
import { fitLine } from './line.ts';
import { FEW_PIXELS, photographic } from './noise-finder.ts';
import { MEASURED, type Spectra, spectraOf, unclipped } from './spectra.ts';

/**
 * Blocks that count as flat in an answer: those in which it left so much of the noise's energy, and a share of all at
 * least. This and what follows was chosen on eight 128² crops at σ = 25.
 */
const FLAT = { left: 0.05, share: 0.1, least: 16 } as const;
/** How the noise was known to grow with brightness counts for so many blocks, by those that are flat. */
const KNOWN = 0.25;
/** Correlation that few blocks of white noise may seem to have. */
const BY_CHANCE = 0.08;
/** White noise of colours: brightness that seems to have so much more variance than they has texture. */
const ALIKE = 1.25;

/**
 * The noise of a picture, measured anew where a first answer is flat: where there is texture shows better without the noise,
 * so that less of it counts as noise. Of no plane it is more than before.
 *
 * @param noisy the noisy picture, NaN where alpha hides it.
 * @param answer its colours, [channels, height, width].
 * @param before the noise that the answer was found with.
 */
export function* remeasured(noisy: Picture, answer: Float32Array, before: NoiseModel): Pieces<NoiseModel> {
  const step = noisy.width * noisy.height < FEW_PIXELS ? 4 : 8;
  const seen = yield* mapped(noisy.colour, (value, i) => (Number.isNaN(value) ? value : answer[i]));
  const [given, left] = [yield* spectraOf(noisy, step), yield* spectraOf({ ...noisy, colour: seen }, step)];
  const blocks = photographic(given);
  if (blocks.length < FLAT.least) return before;
  const planes: PlaneNoise[] = [];
  for (const [p, plane] of before.planes.entries()) {
    planes.push(remeasuredPlane({ given, left, blocks }, p, plane));
    yield;
  }
  return likeWhite(planes);
}

interface Looked {
  /** Of the noisy picture and of the answer, the same blocks. */
  readonly given: Spectra;
  readonly left: Spectra;
  readonly blocks: readonly number[];
}

function remeasuredPlane({ given, left, blocks }: Looked, p: number, before: PlaneNoise): PlaneNoise {
  const unit = measuredEnergy(before);
  const variance = ({ power }: Spectra, b: number) =>
    MEASURED.reduce((sum, i) => sum + power[p][b * AREA + i], 0) / unit;
  const shares = new Map(
    blocks.map((b) => [b, variance(left, b) / varianceAt(before, given.brightness[b])] as const),
  );
  const share = (b: number) => shares.get(b) ?? Number.POSITIVE_INFINITY;
  const sure = Math.max(FLAT.least, FLAT.share * blocks.length);
  const flat = blocks
    .toSorted((a, b) => share(a) - share(b))
    .filter((b, i) => i < sure || share(b) < FLAT.left);
  const levels = flat.map((b) => ({
    brightness: given.brightness[b],
    variance: Math.max(0, variance(given, b) - variance(left, b)) / unclipped(given, b),
  }));
  const [now, then] = levels.reduce(
    ([a, b], level) => [a + level.variance, b + varianceAt(before, level.brightness)],
    [0, 0],
  );
  if (now >= then) return before;
  const known = [0.1, 0.9].map((brightness) => ({
    brightness,
    variance: (now / then) * varianceAt(before, brightness),
  }));
  const times = Math.round((KNOWN * flat.length) / known.length);
  return { ...before, ...fitLine([...levels, ...Array.from({ length: times }, () => known).flat()]) };
}

/** Energy of the frequencies that are measured of a block of noise of variance 1. */
export function measuredEnergy({ correlation }: PlaneNoise): number {
  const lags = 2 * REACH + 1;
  let total = 0;
  for (const i of MEASURED) {
    const wave = new Float64Array(AREA);
    wave[i] = 1;
    inverseDct(wave);
    for (let a = 0; a < AREA; a++)
      for (let b = 0; b < AREA; b++) {
        const [dy, dx] = [(a >> 3) - (b >> 3), (a & 7) - (b & 7)];
        if (Math.max(Math.abs(dy), Math.abs(dx)) > REACH) continue;
        total += wave[a] * wave[b] * correlation[(REACH + dy) * lags + REACH + dx];
      }
  }
  return total;
}

const [WHITE] = whiteNoise(1, 1).planes;

/** Noise that is white but for chance; where all colours' is, and about as strong, it is that of brightness too. */
function likeWhite(planes: readonly PlaneNoise[]): NoiseModel {
  const isWhite = ({ correlation }: PlaneNoise) =>
    correlation.every((r, i) => Math.abs(r - WHITE.correlation[i]) < BY_CHANCE);
  const own = planes.map((plane) => (isWhite(plane) ? { ...plane, correlation: WHITE.correlation } : plane));
  const [brightness, ...colours] = own;
  if (colours.length === 0 || !planes.every(isWhite)) return { planes: own };
  const mean = colours.reduce((sum, plane) => sum + varianceAt(plane, 0.5), 0) / colours.length;
  const more = varianceAt(brightness, 0.5) / mean;
  if (more <= 1 || more > ALIKE) return { planes: own };
  return {
    planes: [{ ...brightness, black: brightness.black / more, slope: brightness.slope / more }, ...colours],
  };
}
