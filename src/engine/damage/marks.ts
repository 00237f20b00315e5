import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../turns.ts';

/** Distance of either side from the middle of a line, px, along the axes and along the diagonals: lines up to 4 px wide. */
const REACH = { axis: 4, diagonal: 3 } as const;
/** How far a line stands out of either side at least, of the full range; and the lesser side's share of the greater's. */
const RIDGE = { least: 0.12, alike: 0.65 } as const;
/** How far bare paper's samples lie from their commonest value, 1/255; and the most of all ridges that are bare paper. */
const PAPER = { within: 6, share: 0.75 } as const;
/** The shortest line, px; its most pixels by its extent; share of exact repetitions along its sides from which it is drawn. */
const LINE = { least: 24, thick: 8, drawn: 0.2 } as const;
/** All lines, by the picture's longer side, at least; and how far what lies on either side of them varies, σ of the full range. */
const SURE = { length: 0.3, sides: 0.05 } as const;

/**
 * Whether a picture is scratched down to bare paper: long bright lines, alone in their surroundings, which share one
 * value whatever they cross. The edges, ropes and twigs of a photograph take their light from it and have many values;
 * stripes and hatching are not alone, and what is drawn repeats exactly along its sides. Lines of uneven brightness,
 * dark ones, specks, and pictures with hardly another line than these are not judged. Thresholds were chosen on 24 undamaged photographs
 * (Set5, four of Kodak's and others), the drawn corpus of seeds 0 to 2, and drawn scratches on some of these.
 */
export function* hasScratches(picture: Picture): Pieces<boolean> {
  const { width, height } = picture;
  const x = brightnessOf(picture);
  const ridges = yield* ridgesOf(x, width, height);
  if (keepPaper(x, ridges) > PAPER.share) return false;
  const sides: number[] = [];
  let length = 0;
  for (let start = 0; start < ridges.length; start++) {
    if (!ridges[start]) continue;
    const line = takeLine(x, ridges, start, width);
    if (line) {
      length += line.extent;
      for (const side of line.sides) sides.push(side);
    }
    yield;
  }
  return length >= SURE.length * Math.max(width, height) && deviation(sides) >= SURE.sides;
}

function brightnessOf({ colour, channels, width, height }: Picture): Float32Array {
  const x = new Float32Array(width * height);
  for (let i = 0; i < colour.length; i++) x[i % x.length] += colour[i] / channels;
  return x;
}

/** From one side of a line to its middle: across, down, and along both diagonals. */
const stepsOf = (width: number) => [
  REACH.axis,
  REACH.axis * width,
  REACH.diagonal * (width + 1),
  REACH.diagonal * (width - 1),
];

/** Pixels brighter than both of their sides, near and twice as far: [height, width], 1 + the index of the step across; 0 = none. */
function* ridgesOf(x: Float32Array, width: number, height: number): Pieces<Uint8Array> {
  const ridges = new Uint8Array(x.length);
  const steps = stepsOf(width);
  const border = 2 * REACH.axis;
  for (let i = border; i + border < height; i++) {
    for (let j = border; j + border < width; j++) {
      const at = i * width + j;
      let best: number = RIDGE.least;
      for (let k = 0; k < steps.length; k++) {
        const step = steps[k];
        const [a, b] = [x[at] - x[at - step], x[at] - x[at + step]];
        const least = Math.min(a, b);
        // So put that it refuses what is not a number.
        if (!(least >= best && least >= RIDGE.alike * Math.max(a, b))) continue;
        if (!(x[at] - Math.max(x[at - 2 * step], x[at + 2 * step]) >= RIDGE.alike * least)) continue;
        best = least;
        ridges[at] = k + 1;
      }
    }
    yield;
  }
  return ridges;
}

/** Leaves only the ridges of the commonest value. Returns their share of all. */
function keepPaper(x: Float32Array, ridges: Uint8Array): number {
  const counts = new Float64Array(256);
  const level = (i: number) => Math.min(255, Math.round(255 * x[i]));
  for (let i = 0; i < x.length; i++) if (ridges[i]) counts[level(i)]++;
  const near = (v: number) => counts.slice(Math.max(0, v - 4), v + 5).reduce((a, b) => a + b, 0);
  const sums = counts.map((_, v) => near(v));
  const most = Math.max(...sums);
  const paper = sums.indexOf(most);
  for (let i = 0; i < x.length; i++) if (Math.abs(level(i) - paper) > PAPER.within) ridges[i] = 0;
  return (
    most /
    Math.max(
      1,
      counts.reduce((a, b) => a + b, 0),
    )
  );
}

/** Takes the ridges that hang together with the one at `start` away: a line with what lies on its sides, or null. */
function takeLine(x: Float32Array, ridges: Uint8Array, start: number, width: number) {
  const steps = stepsOf(width);
  const around = [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1];
  const line = [{ at: start, step: steps[ridges[start] - 1] }];
  ridges[start] = 0;
  const sides: number[] = [];
  const top = Math.floor(start / width);
  let [left, right, bottom, drawn] = [width, 0, top, 0];
  for (const { at, step } of line) {
    [left, right] = [Math.min(left, at % width), Math.max(right, at % width)];
    bottom = Math.max(bottom, Math.floor(at / width));
    const along = step === REACH.axis * width ? 1 : width;
    for (const side of [at - step, at + step]) {
      sides.push(x[side]);
      if (x[side] === x[side + along]) drawn++;
    }
    for (const to of around) {
      const next = at + to;
      if (ridges[next] === 0) continue;
      line.push({ at: next, step: steps[ridges[next] - 1] });
      ridges[next] = 0;
    }
  }
  const extent = Math.max(right - left, bottom - top) + 1;
  const isLine = extent >= LINE.least && line.length <= LINE.thick * extent;
  return isLine && drawn <= LINE.drawn * sides.length ? { extent, sides } : null;
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
}
