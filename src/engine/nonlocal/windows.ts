import { Fourier } from '../image/fourier.ts';
import type { Picture } from '../image/picture.ts';
import { throwIfAborted } from '../stopping/abort.ts';
import type { Pace } from '../stopping/pace.ts';
import { inTurns, type Pieces } from '../time-slicing.ts';
import { type NoiseModel, varianceAt } from './noise-model.ts';
import { brightnessFactor, fromOpponent, toOpponent } from './opponent.ts';

/** A window is 2·RADIUS + 1 px wide and high, in a transform of SIDE². */
const RADIUS = 15;
const SIDE = 32;
/** How far apart windows lie, px. */
const STRIDE = 6;
/** How far around a pixel its slope is looked for, px, and how many pixels without any count beside what is seen. */
const SLOPE = { radius: 3, flat: 1 } as const;
/**
 * Of the weights: how unlike in colour pixels may be, as a share of the noise's variance; how far apart they lie, px; and
 * below which share they count as none. Of the spectrum: how much noise is expected. How much an answer of no window counts
 * beside theirs. Chosen at σ = 25 on crops of F16, kodim05 and 23, barbara, zebra and butterfly.
 */
const LIKE = { colour: 0.5, far: 12, least: 1e-3, noise: 0.7, guide: 0.5 } as const;
/** Rows of the answer that are found at once; windows around them reach twice their radius farther. */
const STRIP = 128;
/** Windows between turns for the page. */
const PIECE = 16;

interface WindowsContext {
  readonly pace: Pace;
  readonly signal?: AbortSignal;
  /** Says how much is done, 0 … 1; may throw to end it. */
  progress(done: number, colour: () => Float32Array): Promise<void>;
}

/**
 * Denoises by windows of adapted shape (data-adaptive dual domain denoising; Pierazzo & Facciolo, IPOL 7, 2017): around a
 * pixel those count that an answer says are like it, after its slope is taken off, and their spectrum is shrunk by what
 * the answer's says of the picture.
 *
 * @param picture without alpha, 1 or 3 planes, whose noise is white.
 * @param guide the answer, [channels, height, width].
 * @returns the planes; rows that there is no time for are the guide's.
 * @throws a DOMException AbortError after `signal`.
 */
export async function denoiseInWindows(
  { width, height, channels, colour }: Picture,
  guide: Float32Array,
  noise: NoiseModel,
  { pace, signal, progress }: WindowsContext,
): Promise<Float32Array> {
  const planes = channels as 1 | 3;
  const out = guide.slice();
  for (let top = 0; top < height && pace.allows(); top += STRIP) {
    const bottom = Math.min(height, top + STRIP);
    const [from, to] = [Math.max(0, top - 2 * RADIUS), Math.min(height, bottom + 2 * RADIUS)];
    const rows = (samples: Float32Array) => toOpponent(samples, planes, from * width, (to - from) * width);
    const strip = new Strip({
      width,
      height: to - from,
      planes,
      noisy: rows(colour),
      guide: rows(guide),
      noise,
    });
    const first = Math.max(top - RADIUS, 0) - from;
    const found = await pace.time(() =>
      inTurns(strip.look(from, first, Math.min(height, bottom + RADIUS) - from, signal)),
    );
    const size = (to - from) * width;
    for (let c = 0; c < planes; c++)
      out.set(
        found.subarray(c * size + (top - from) * width, c * size + (bottom - from) * width),
        (c * height + top) * width,
      );
    await progress(bottom / height, () => out.slice());
  }
  return out;
}

interface StripPlanes {
  readonly width: number;
  readonly height: number;
  readonly planes: 1 | 3;
  /** In opponent colours, [planes, height, width]. */
  readonly noisy: Float32Array;
  readonly guide: Float32Array;
  readonly noise: NoiseModel;
}

/** Some rows of a picture, and what windows say of them. */
class Strip {
  readonly #sums: Float32Array;
  readonly #counts: Float32Array;
  readonly #weights = new Float32Array(SIDE * SIDE);
  /** Complex, [SIDE, SIDE]: the guide is real, the noisy picture imaginary. */
  readonly #wave = new Float64Array(2 * SIDE * SIDE);
  readonly #fourier = new Fourier(SIDE);

  constructor(private readonly strip: StripPlanes) {
    const { guide, width, height } = strip;
    this.#sums = guide.map((value) => LIKE.guide * value);
    this.#counts = new Float32Array(width * height).fill(LIKE.guide);
  }

  /** The colours by the windows around some of its rows, on the whole picture's grid. */
  *look(above: number, firstRow: number, endRow: number, signal?: AbortSignal): Pieces<Float32Array> {
    const { width, height, planes } = this.strip;
    let count = 0;
    for (let y = firstRow; y < endRow; y++) {
      if ((above + y) % STRIDE !== STRIDE / 2) continue;
      for (let x = STRIDE / 2; x < width; x += STRIDE) {
        if (count++ % PIECE === 0) {
          yield;
          throwIfAborted({ signal });
        }
        this.#lookAt(x, y);
      }
    }
    const n = width * height;
    for (let i = 0; i < this.#sums.length; i++) this.#sums[i] /= this.#counts[i % n];
    return fromOpponent(this.#sums, planes);
  }

  #lookAt(x: number, y: number): void {
    const { width, height, planes, guide, noise } = this.strip;
    const [left, right] = [Math.max(0, x - RADIUS), Math.min(width, x + RADIUS + 1)];
    const [top, bottom] = [Math.max(0, y - RADIUS), Math.min(height, y + RADIUS + 1)];
    const window = { x, y, left, right, top, bottom };
    const brightness = brightnessFactor(planes) * guide[y * width + x];
    const variances = noise.planes.map((plane) => varianceAt(plane, brightness));
    const slopes = variances.map((_, p) => this.#slopeAt(x, y, p, variances));
    const [total, squares] = this.#weigh(window, slopes, variances);
    for (let p = 0; p < planes; p++) {
      const mean = this.#load(window, slopes[p], p, total);
      this.#transform(bottom - top);
      this.#shrink(LIKE.noise * variances[p] * squares);
      this.#transform(SIDE);
      this.#add(window, slopes[p], p, mean);
    }
  }

  /** Squared distance of two pixels' colours, in variances of the noise, with a slope [x, y] of each plane between them. */
  #distance(
    a: number,
    b: number,
    dx: number,
    dy: number,
    slopes: readonly Slope[],
    variances: readonly number[],
  ) {
    const { guide, width, height } = this.strip;
    let sum = 0;
    for (let p = 0; p < slopes.length; p++) {
      const base = p * width * height;
      const difference = guide[base + a] - guide[base + b] - slopes[p][0] * dx - slopes[p][1] * dy;
      sum += (difference * difference) / variances[p];
    }
    return sum;
  }

  /** How a plane of the guide rises to the right and down, by the pixels like this one. */
  #slopeAt(x: number, y: number, p: number, variances: readonly number[]): Slope {
    const { guide, width, height } = this.strip;
    const flat = variances.map(() => NONE);
    const [base, centre] = [p * width * height, y * width + x];
    let [xx, xd, yy, yd] = [SLOPE.flat as number, 0, SLOPE.flat as number, 0];
    for (let dy = -SLOPE.radius; dy <= SLOPE.radius; dy++)
      for (let dx = -SLOPE.radius; dx <= SLOPE.radius; dx++) {
        if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
        const at = centre + dy * width + dx;
        const weight = Math.exp(-this.#distance(at, centre, 0, 0, flat, variances) / (2 * LIKE.colour));
        const rise = guide[base + at] - guide[base + centre];
        xx += weight * dx * dx;
        xd += weight * dx * rise;
        yy += weight * dy * dy;
        yd += weight * dy * rise;
      }
    return [xd / xx, yd / yy];
  }

  /** Weighs the pixels of a window; the sum of the weights, and that of their squares. */
  #weigh({ x, y, left, right, top, bottom }: Window, slopes: readonly Slope[], variances: readonly number[]) {
    const { width } = this.strip;
    this.#weights.fill(0);
    let [total, squares] = [0, 0];
    for (let row = top; row < bottom; row++)
      for (let column = left; column < right; column++) {
        const dx = column - x;
        const dy = row - y;
        const unlike = this.#distance(row * width + column, y * width + x, dx, dy, slopes, variances);
        const weight = Math.exp(-unlike / (2 * LIKE.colour) - (dx * dx + dy * dy) / (2 * LIKE.far ** 2));
        if (weight < LIKE.least) continue;
        this.#weights[(row - top) * SIDE + column - left] = weight;
        total += weight;
        squares += weight * weight;
      }
    return [total, squares];
  }

  /** Fills the wave with what a weighted plane is above slope and mean; the noisy picture's mean. */
  #load({ x, y, left, right, top, bottom }: Window, [sx, sy]: Slope, p: number, total: number): number {
    const { width, height, noisy, guide } = this.strip;
    const [base, weights, wave] = [p * width * height, this.#weights, this.#wave];
    let [mean, known] = [0, 0];
    wave.fill(0);
    for (let pass = 0; pass < 2; pass++) {
      for (let row = top; row < bottom; row++)
        for (let column = left; column < right; column++) {
          const i = (row - top) * SIDE + column - left;
          if (weights[i] === 0) continue;
          const at = base + row * width + column;
          const slope = sx * (column - x) + sy * (row - y);
          if (pass === 0) {
            known += (weights[i] / total) * (guide[at] - slope);
            mean += (weights[i] / total) * (noisy[at] - slope);
          } else {
            wave[2 * i] = weights[i] * (guide[at] - slope - known);
            wave[2 * i + 1] = weights[i] * (noisy[at] - slope - mean);
          }
        }
    }
    return mean;
  }

  /** Transforms the wave in both directions, and leaves it transposed; below so many rows it is 0. */
  #transform(rows: number): void {
    for (let row = 0; row < rows; row++)
      this.#fourier.transform(this.#wave.subarray(2 * SIDE * row, 2 * SIDE * (row + 1)));
    transpose(this.#wave);
    for (let row = 0; row < SIDE; row++)
      this.#fourier.transform(this.#wave.subarray(2 * SIDE * row, 2 * SIDE * (row + 1)));
  }

  /** Leaves the noisy picture's spectrum, shrunk by what the guide's has beside noise of so much energy, and conjugate. */
  #shrink(noise: number): void {
    const wave = this.#wave;
    for (let i = 0; i < SIDE * SIDE; i++) {
      const j = ((SIDE * SIDE - (i & ~(SIDE - 1))) % (SIDE * SIDE)) + ((SIDE - (i % SIDE)) % SIDE);
      if (j < i) continue;
      const [a, b, c, d] = [wave[2 * i], wave[2 * i + 1], wave[2 * j], wave[2 * j + 1]];
      const energy = ((a + c) ** 2 + (b - d) ** 2) / 4;
      const share = energy / (energy + noise) / (2 * SIDE * SIDE);
      wave[2 * i] = share * (b + d);
      wave[2 * i + 1] = share * (a - c);
      wave[2 * j] = share * (b + d);
      wave[2 * j + 1] = -share * (a - c);
    }
  }

  #add({ x, y, left, right, top, bottom }: Window, [sx, sy]: Slope, p: number, mean: number): void {
    const { width, height } = this.strip;
    for (let row = top; row < bottom; row++)
      for (let column = left; column < right; column++) {
        const i = (row - top) * SIDE + column - left;
        const weight = this.#weights[i];
        if (weight === 0) continue;
        const at = row * width + column;
        const plain = mean + sx * (column - x) + sy * (row - y);
        this.#sums[p * width * height + at] += weight * (this.#wave[2 * i] + weight * plain);
        if (p === 0) this.#counts[at] += weight * weight;
      }
  }
}

type Slope = readonly [x: number, y: number];
const NONE: Slope = [0, 0];

/** Its middle, and where it begins and ends, px. */
interface Window {
  readonly x: number;
  readonly y: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function transpose(wave: Float64Array): void {
  for (let i = 0; i < SIDE; i++)
    for (let j = 0; j < i; j++)
      for (let part = 0; part < 2; part++) {
        const a = 2 * (i * SIDE + j) + part;
        const b = 2 * (j * SIDE + i) + part;
        const kept = wave[a];
        wave[a] = wave[b];
        wave[b] = kept;
      }
}
