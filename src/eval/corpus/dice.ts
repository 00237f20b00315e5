import { streamKey, uniform } from '../../engine/random.ts';

/** One colour, R, G and B from 0 to 255. */
export type Colour = readonly [number, number, number];

/** Random choices that follow from a key alone: what is drawn with one is the same everywhere. */
export class Dice {
  private drawn = 0;
  private readonly key: number;

  constructor(seed: number, name = '') {
    this.key = [...name].reduce((key, letter) => streamKey(key, letter.codePointAt(0) ?? 0), seed);
  }

  /** Uniform in [0, 1). */
  next(): number {
    return uniform(this.key, this.drawn++);
  }

  /** Uniform in [from, to). */
  between(from: number, to: number): number {
    return from + (to - from) * this.next();
  }

  /** An integer from `from` to `to`, both included. */
  int(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)];
  }

  /** `count` things made one after the other. */
  times<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => make(i));
  }

  /** A colour of this lightness (0 black … 1 white, Rec. 601 luma, ± .05), its channels apart by up to twice `chroma`. */
  colour(lightness: number, chroma = 60): Colour {
    const hue = this.times(3, () => this.between(-chroma, chroma));
    const luma = 0.299 * hue[0] + 0.587 * hue[1] + 0.114 * hue[2];
    const base = 255 * (lightness + this.between(-0.05, 0.05));
    const [r, g, b] = hue.map((value) => Math.round(Math.min(255, Math.max(0, base + value - luma))));
    return [r, g, b];
  }

  grey(lightness: number): Colour {
    const value = Math.round(255 * lightness);
    return [value, value, value];
  }
}

export const css = ([r, g, b]: Colour) => `rgb(${r},${g},${b})`;

export const BLACK: Colour = [0, 0, 0];
export const WHITE: Colour = [255, 255, 255];
