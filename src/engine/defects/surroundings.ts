import type { Curve } from './curves.ts';
import type { Sheet } from './sheet.ts';

/** Half the sides of the squares in which other lines, and what is as bright, are counted; and what of it is the line itself, px. */
const AROUND = { others: 10, crowd: 14, own: 4 } as const;
/** Every how many pixels of a line, and of its surroundings, are looked at. */
const EVERY = { along: 4, around: 2 } as const;
/** What is as bright as the line lies at most this much of its contrast below it. */
const AS_BRIGHT = 0.35;
/** Half the side of the square around a speck, and of the part of it that may be the speck's, px. */
const SPECK = { crowd: 14, own: 6 } as const;

/** Looks around the lines and specks of a sheet, one after the other. */
export class Surroundings {
  /** [height, width] 1 on what is looked at, else 0. */
  private readonly own: Uint8Array;

  /** @param rise [height, width] more than 0 on the middle of a line */
  constructor(
    private readonly sheet: Sheet,
    private readonly rise: Float32Array,
  ) {
    this.own = new Uint8Array(rise.length);
  }

  /** Other lines around a line, in pixels of them for each of its own; and the share of the surroundings that is as bright. */
  of(curve: Curve): { others: number; crowd: number } {
    const { x, width, height } = this.sheet;
    this.stamp(curve, 1);
    let [others, crowd, looks] = [0, 0, 0];
    for (let i = 0; i < curve.at.length; i += EVERY.along, looks++) {
      const [px, py] = [curve.at[i] % width, Math.floor(curve.at[i] / width)];
      const ground = Math.max(curve.sides[0][i], curve.sides[1][i]);
      const asBright = curve.tone[i] - AS_BRIGHT * (curve.tone[i] - ground);
      let [count, bright] = [0, 0];
      for (let dy = -AROUND.crowd; dy <= AROUND.crowd; dy += EVERY.around)
        for (let dx = -AROUND.crowd; dx <= AROUND.crowd; dx += EVERY.around) {
          const [u, v] = [px + dx, py + dy];
          if (u < 0 || v < 0 || u >= width || v >= height) continue;
          const at = v * width + u;
          if (this.own[at]) continue;
          count++;
          if (x[at] >= asBright) bright++;
          if (this.rise[at] > 0 && Math.max(Math.abs(dx), Math.abs(dy)) <= AROUND.others) others++;
        }
      crowd += count > 0 ? bright / count : 1;
    }
    this.stamp(curve, 0);
    return { others: (others * EVERY.around ** 2) / looks / (2 * AROUND.others), crowd: crowd / looks };
  }

  private stamp({ at }: Curve, value: number): void {
    const { width } = this.sheet;
    for (const middle of at)
      for (let dy = -AROUND.own; dy <= AROUND.own; dy++) {
        const from = middle + dy * width - AROUND.own;
        this.own.fill(value, from, from + 2 * AROUND.own + 1);
      }
  }

  /** Of what lies around a speck: the share above a level, and the share on lines. */
  ofSpeck(peak: number, level: number): { crowd: number; lines: number } {
    const { x, width, height } = this.sheet;
    const [px, py] = [peak % width, Math.floor(peak / width)];
    let [count, crowd, lines] = [0, 0, 0];
    for (let dy = -SPECK.crowd; dy <= SPECK.crowd; dy += EVERY.around)
      for (let dx = -SPECK.crowd; dx <= SPECK.crowd; dx += EVERY.around) {
        const [u, v] = [px + dx, py + dy];
        if (Math.max(Math.abs(dx), Math.abs(dy)) <= SPECK.own) continue;
        if (u < 0 || v < 0 || u >= width || v >= height) continue;
        const at = v * width + u;
        count++;
        if (x[at] >= level) crowd++;
        if (this.rise[at] > 0) lines++;
      }
    return { crowd: crowd / count, lines: lines / count };
  }
}
