import { atOnce, type Pieces } from '../time-slicing.ts';
import { Fourier } from './fourier.ts';

/** A plane wave: cos 2π(down·y + across·x), in cycles a pixel. */
export interface Wave {
  readonly down: number;
  readonly across: number;
}

/** Radius, px, of the local mean that is taken away first: slower waves are shading, not texture. */
const MEAN_RADIUS = 5;
/** Share of a side over which the picture fades out on either end. */
const BORDER = 0.15;
/** Bins on either side of a peak that are the same wave's. */
const LOBE = 2;
/** Cycles a pixel below which a wave is such shading. */
const SLOWEST = 0.06;
/** Rings of frequencies a cycle a pixel. */
const RINGS = 64;
/** How many times its ring's median a wave has at least. Of 10⁴ random powers the highest is some 13 times the median. */
const STANDS_OUT = 20;

/** A wave that stands out of a picture's texture. */
export interface Peak {
  readonly wave: Wave;
  /** Share of the texture's energy, 0 … 1. */
  readonly share: number;
}

/**
 * The waves that a picture's texture is made of: the peaks of its windowed periodogram that stand out of
 * all others of their frequency, most of all first.
 *
 * @param colour [channels, height, width]; channels are averaged.
 * @param known [height, width], 0 where a pixel counts for nothing; null = all count.
 * @param count at most so many waves; fewer where the spectrum has fewer peaks.
 */
export function dominantWaves(
  colour: Float32Array,
  known: Float32Array | null,
  width: number,
  height: number,
  count: number,
): Wave[] {
  return atOnce(peaksOf(colour, known, width, height))
    .slice(0, count)
    .map(({ wave }) => wave);
}

/** All of the `dominantWaves`, and how much of the texture each is, in pieces. */
export function* peaksOf(
  colour: Float32Array,
  known: Float32Array | null,
  width: number,
  height: number,
): Pieces<Peak[]> {
  const texture = windowed(detail(colour, known, width, height), width, height);
  yield;
  const { power, rows, cols } = yield* periodogram(texture, width, height);
  const total = power.reduce((sum, value) => sum + value, 0);
  const at = (row: number, col: number) => power[((row + rows) % rows) * cols + ((col + cols) % cols)];
  const rings = new Rings();
  const peaks: { power: number; ring: number; peak: Peak }[] = [];
  // The other half of the plane mirrors this one.
  for (let row = -rows / 2; row < rows / 2; row++) {
    yield;
    for (let col = 0; col <= cols / 2; col++) {
      const frequency = Math.hypot(row / rows, col / cols);
      if (frequency < SLOWEST) continue;
      const value = at(row, col);
      const ring = rings.add(frequency, value);
      if (!isPeak(value, row, col, at)) continue;
      const down = (row + vertex(at(row - 1, col), value, at(row + 1, col))) / rows;
      const across = (col + vertex(at(row, col - 1), value, at(row, col + 1))) / cols;
      peaks.push({
        power: value,
        ring,
        peak: { wave: { down, across }, share: (2 * lobe(row, col, at)) / total },
      });
    }
  }
  const medians = rings.medians();
  return peaks
    .map(({ power, ring, peak }) => ({ peak, prominence: power / medians[ring] }))
    .filter(({ prominence }) => prominence > STANDS_OUT)
    .sort((a, b) => b.prominence - a.prominence)
    .map(({ peak }) => peak);
}

/** Power of a peak and of the bins around it, over which the window smears it. */
function lobe(row: number, col: number, at: (row: number, col: number) => number): number {
  let sum = 0;
  for (let i = -LOBE; i <= LOBE; i++) for (let j = -LOBE; j <= LOBE; j++) sum += at(row + i, col + j);
  return sum;
}

/** Powers by frequency, whatever their direction: what a picture has there without any texture. */
class Rings {
  private readonly powers: number[][] = [];

  /** Returns the ring that a frequency belongs to. */
  add(frequency: number, power: number): number {
    const ring = Math.floor(RINGS * frequency);
    this.powers[ring] ??= [];
    this.powers[ring].push(power);
    return ring;
  }

  medians(): number[] {
    return this.powers.map((ring) => ring.sort((a, b) => a - b)[ring.length >> 1]);
  }
}

/** Each known pixel of the grey picture less the mean of the known ones around it; 0 elsewhere. */
function detail(colour: Float32Array, known: Float32Array | null, width: number, height: number) {
  const n = width * height;
  const channels = colour.length / n;
  const grey = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    if (known?.[i] === 0) continue;
    for (let c = 0; c < channels; c++) grey[i] += colour[c * n + i] / channels;
  }
  const weight = known ? Float32Array.from(known, (k) => (k === 0 ? 0 : 1)) : new Float32Array(n).fill(1);
  const [sums, counts] = [boxSums(grey, width, height), boxSums(weight, width, height)];
  return grey.map((value, i) => (weight[i] === 0 ? 0 : value - sums[i] / counts[i]));
}

/** Sums over squares of MEAN_RADIUS around every pixel, inside the picture: rows first, then columns. */
function boxSums(x: Float32Array, width: number, height: number): Float64Array {
  const along = (from: ArrayLike<number>, lines: number, length: number, line: number, step: number) => {
    const out = new Float64Array(from.length);
    for (let l = 0; l < lines; l++) {
      let sum = 0;
      for (let i = -MEAN_RADIUS; i < length; i++) {
        if (i + MEAN_RADIUS < length) sum += from[l * line + (i + MEAN_RADIUS) * step];
        if (i - MEAN_RADIUS > 0) sum -= from[l * line + (i - MEAN_RADIUS - 1) * step];
        if (i >= 0) out[l * line + i * step] = sum;
      }
    }
    return out;
  };
  return along(along(x, height, width, width, 1), width, height, 1, width);
}

/** Fades the picture out over its borders (Tukey's window), which would make peaks of their own otherwise. */
function windowed(x: Float32Array, width: number, height: number): Float32Array {
  const tukey = (i: number, length: number) => {
    const inside = Math.min(i + 0.5, length - i - 0.5) / (BORDER * length);
    return inside >= 1 ? 1 : Math.sin((Math.PI / 2) * inside) ** 2;
  };
  return x.map((value, i) => value * tukey(i % width, width) * tukey(Math.floor(i / width), height));
}

/** |DFT|² of the picture padded with zeros to powers of two. */
function* periodogram(
  x: Float32Array,
  width: number,
  height: number,
): Pieces<{ power: Float64Array; rows: number; cols: number }> {
  const [rows, cols] = [powerOfTwo(height), powerOfTwo(width)];
  const across = new Fourier(cols);
  const down = new Fourier(rows);
  const spectrum = new Float64Array(2 * rows * cols);
  for (let y = 0; y < height; y++) {
    const line = spectrum.subarray(2 * y * cols, 2 * (y + 1) * cols);
    for (let i = 0; i < width; i++) line[2 * i] = x[y * width + i];
    across.transform(line);
    yield;
  }
  const power = new Float64Array(rows * cols);
  const column = new Float64Array(2 * rows);
  for (let i = 0; i < cols; i++) {
    for (let y = 0; y < rows; y++) {
      column[2 * y] = spectrum[2 * (y * cols + i)];
      column[2 * y + 1] = spectrum[2 * (y * cols + i) + 1];
    }
    down.transform(column);
    for (let y = 0; y < rows; y++) power[y * cols + i] = column[2 * y] ** 2 + column[2 * y + 1] ** 2;
    yield;
  }
  return { power, rows, cols };
}

/** At least 2, since half of the plane is gone through. */
const powerOfTwo = (length: number) => 2 ** Math.max(1, Math.ceil(Math.log2(length)));

function isPeak(value: number, row: number, col: number, at: (row: number, col: number) => number): boolean {
  for (let i = -1; i <= 1; i++)
    for (let j = -1; j <= 1; j++) if ((i !== 0 || j !== 0) && at(row + i, col + j) > value) return false;
  return value > 0;
}

/** Where, between −½ and ½, a parabola through the logarithms of three powers has its top. */
function vertex(before: number, peak: number, after: number): number {
  const [a, b, c] = [before, peak, after].map((power) => Math.log(power + Number.MIN_VALUE));
  const bend = a - 2 * b + c;
  return bend < 0 ? Math.min(0.5, Math.max(-0.5, (a - c) / (2 * bend))) : 0;
}
