import { Fourier } from '../image/fourier.ts';
import { type NoiseModel, varianceAt } from './noise-model.ts';
import { brightnessFactor } from './opponent.ts';
import type { StripPlanes } from './strip.ts';
import { LIKE, middlesOf, SLOPE, WINDOW } from './windows-task.ts';

const { radius: RADIUS, side: SIDE, stride: STRIDE } = WINDOW;

/** What `windowsTask` answers, by plain loops in double precision: the oracle of the kernel. */
export function windowsReference(strip: StripPlanes, top: number, noise: NoiseModel): Float64Array {
  return new Windows(strip, noise).look(top);
}

class Windows {
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;
  readonly #weights = new Float64Array(SIDE * SIDE);
  /** Complex, [SIDE, SIDE]: the guide is real, the noisy picture imaginary. */
  readonly #wave = new Float64Array(2 * SIDE * SIDE);
  readonly #fourier = new Fourier(SIDE);
  readonly #guide: Float32Array;

  constructor(
    private readonly strip: StripPlanes,
    private readonly noise: NoiseModel,
  ) {
    const { width, height, planes, guide, firstRow, endRow } = strip;
    this.#guide = guide!;
    const isOwn = (i: number) => i >= firstRow * width && i < endRow * width;
    const area = width * height;
    this.#sums = Float64Array.from({ length: planes * area }, (_, i) =>
      isOwn(i % area) ? LIKE.guide * this.#guide[i] : 0,
    );
    this.#counts = Float64Array.from({ length: area }, (_, i) => (isOwn(i) ? LIKE.guide : 0));
  }

  look(top: number): Float64Array {
    const { firstColumn, firstRow, across, count } = middlesOf(this.strip, top);
    for (let n = 0; n < count; n++)
      this.#lookAt(firstColumn + (n % across) * STRIDE, firstRow + Math.floor(n / across) * STRIDE);
    return Float64Array.of(...this.#sums, ...this.#counts);
  }

  #lookAt(x: number, y: number): void {
    const { width, height, planes } = this.strip;
    const [left, right] = [Math.max(0, x - RADIUS), Math.min(width, x + RADIUS + 1)];
    const [top, bottom] = [Math.max(0, y - RADIUS), Math.min(height, y + RADIUS + 1)];
    const window = { x, y, left, right, top, bottom };
    const brightness = brightnessFactor(planes) * this.#guide[y * width + x];
    const variances = this.noise.planes.map((plane) => varianceAt(plane, brightness));
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
    const { width, height } = this.strip;
    const guide = this.#guide;
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
    const { width, height } = this.strip;
    const guide = this.#guide;
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
    const { width, height, noisy } = this.strip;
    const guide = this.#guide;
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
