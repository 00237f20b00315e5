import { distanceTo } from '../image/distance.ts';
import type { Pieces } from '../time-slicing.ts';
import type { Level } from './level.ts';

/** What a pixel is carried from: known ones within that distance, px. */
const REACH = 5;
/** How far around a pixel the direction is looked for: standard deviation of a Gaussian, px, and its width in these. */
const AROUND = { sigma: 4, width: 2.5 } as const;
/** How much narrower than REACH what is carried is, where there is but one direction; and from which contrast there is, 0 … 255. */
const SHARP = { most: 25, contrast: 1 } as const;
/** Pixels between two yields. */
const PIXELS = 256;

/**
 * [channels, height, width] the picture, its hole filled from the rim inwards with what goes on into it along the direction in
 * which what lies around goes on: edges stay edges (coherence transport; Bornemann & März, J. Math. Imaging Vis. 28, 2007).
 * Where nothing is known the guide stays.
 */
export function* carriedOn({ width, height, channels, colour, hole }: Level): Pieces<Float32Array> {
  const n = width * height;
  const out = colour.slice();
  const known = hole.map((h) => 1 - h);
  const slopes = new Slopes(out, known, width, height, channels);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) slopes.update(x, y);
  yield;
  const depth = distanceTo(known, width, height);
  const inwards = [...hole.keys()].filter((i) => hole[i]).sort((a, b) => depth[a] - depth[b] || a - b);
  const sums = new Float64Array(channels);
  for (const [done, i] of inwards.entries()) {
    if (done % PIXELS === 0) yield;
    const [x, y] = [i % width, Math.floor(i / width)];
    const { acrossX, acrossY, sharpness } = slopes.directionAt(x, y);
    sums.fill(0);
    let total = 0;
    for (let v = Math.max(0, y - REACH); v <= Math.min(height - 1, y + REACH); v++)
      for (let u = Math.max(0, x - REACH); u <= Math.min(width - 1, x + REACH); u++) {
        const [dx, dy] = [u - x, v - y];
        const square = dx * dx + dy * dy;
        const j = v * width + u;
        if (!known[j] || square > REACH * REACH) continue;
        const across = (sharpness * (acrossX * dx + acrossY * dy)) / REACH;
        const weight = Math.exp((-across * across) / 2) / Math.sqrt(square);
        total += weight;
        for (let c = 0; c < channels; c++) sums[c] += weight * out[c * n + j];
      }
    if (total < Number.MIN_VALUE) continue;
    for (let c = 0; c < channels; c++) out[c * n + i] = sums[c] / total;
    known[i] = 1;
    slopes.update(x, y);
    if (x > 0) slopes.update(x - 1, y);
    if (x + 1 < width) slopes.update(x + 1, y);
    if (y > 0) slopes.update(x, y - 1);
    if (y + 1 < height) slopes.update(x, y + 1);
  }
  return out;
}

/** How known colours change to the right and downwards, 0 … 255 a pixel, and the direction in which they do so least. */
class Slopes {
  private readonly right: Float32Array;
  private readonly down: Float32Array;
  private readonly has: Uint8Array;
  private readonly gauss: Float32Array;

  constructor(
    private readonly colour: Float32Array,
    private readonly known: Uint8Array,
    private readonly width: number,
    private readonly height: number,
    private readonly channels: number,
  ) {
    this.right = new Float32Array(colour.length);
    this.down = new Float32Array(colour.length);
    this.has = new Uint8Array(known.length);
    const reach = Math.ceil(AROUND.width * AROUND.sigma);
    this.gauss = Float32Array.from({ length: reach + 1 }, (_, d) =>
      Math.exp((-d * d) / (2 * AROUND.sigma ** 2)),
    );
  }

  /** Measures a known pixel anew. */
  update(x: number, y: number): void {
    const { width, height, known } = this;
    const i = y * width + x;
    if (!known[i]) return;
    const left = x > 0 && known[i - 1] ? 1 : 0;
    const right = x + 1 < width && known[i + 1] ? 1 : 0;
    const up = y > 0 && known[i - width] ? width : 0;
    const down = y + 1 < height && known[i + width] ? width : 0;
    this.has[i] = left + right > 0 && up + down > 0 ? 1 : 0;
    if (!this.has[i]) return;
    for (let at = i; at < this.colour.length; at += known.length) {
      this.right[at] = (255 * (this.colour[at + right] - this.colour[at - left])) / (left + right);
      this.down[at] = (255 * (this.colour[at + down] - this.colour[at - up])) / ((up + down) / width);
    }
  }

  /** The unit vector across the direction around a pixel, and how sure that is: 1 = not at all. */
  directionAt(x: number, y: number): { acrossX: number; acrossY: number; sharpness: number } {
    const { width, height, gauss } = this;
    const reach = gauss.length - 1;
    let [xx, xy, yy, total] = [0, 0, 0, 0];
    for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++)
      for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++) {
        const j = v * width + u;
        if (!this.has[j]) continue;
        const weight = gauss[Math.abs(u - x)] * gauss[Math.abs(v - y)];
        total += weight;
        for (let at = j; at < this.colour.length; at += this.known.length) {
          const [right, down] = [this.right[at], this.down[at]];
          xx += weight * right * right;
          xy += weight * right * down;
          yy += weight * down * down;
        }
      }
    const scale = 1 / Math.max(Number.MIN_VALUE, total * this.channels);
    const difference = scale * Math.hypot(xx - yy, 2 * xy);
    const angle = Math.atan2(2 * xy, xx - yy) / 2;
    const sharpness =
      difference > 0 ? 1 + SHARP.most * Math.exp(-((SHARP.contrast ** 2 / difference) ** 2)) : 1;
    return { acrossX: Math.cos(angle), acrossY: Math.sin(angle), sharpness };
  }
}
