import { middle } from '../diagnosis/analyse.ts';
import { marks } from '../image/binary-plane.ts';
import { type Box, boxAround, cutPicture, paste, type Size } from '../image/box.ts';
import { type AnyImage, type Picture, pictureOf, toPicture } from '../image/picture.ts';
import type { Mask } from '../options.ts';
import { normal, streamKey } from '../random.ts';
import { areaOf, type Hole } from '../tasks/hole.ts';
import { partsOf } from '../tasks/hole-parts.ts';
import type { Pieces } from '../time-slicing.ts';

/** Pixels of an image that stand for all of it where time is measured, and how much of the image's work they are. */
export interface Sample {
  readonly picture: Picture;
  readonly mask?: Mask;
  readonly share: number;
  /** Some of the image in one piece, for what is not to be seen in pieces; absent where the sample is. */
  readonly middle?: Picture;
  /** With a mask: how much of the area that is worked on. */
  readonly areaShare?: number;
  /** With an image and its mask: the hole itself. */
  readonly hole?: HoleSize;
  /** Where parts of the hole are thick: these, in the whole image, and a sample of the rest, if there is any. */
  readonly thick?: { readonly picture: Picture; readonly mask: Mask; readonly thin?: Sample };
}

/** What of a hole its memory goes by. */
type HoleSize = Pick<Hole, 'thickness' | 'box' | 'sources'>;

/** Boxes of this size, one below the other: as many rows of the non-local stage's strips as boxes. */
const BOX = { width: 128, height: 64 } as const;
/** Enough to see flat and busy places, and to give as many workers something to do. */
const BOXES = 8;
/** JPEG's grid, of halved chroma too. */
const GRID = 16;
/** Side of the middle, px: enough to find how chroma was sampled. */
const MIDDLE = 256;
/** Of so many rows one is looked at to see how busy a place is. */
const GLANCED = 4;

/**
 * Of boxes all over an image, on JPEG's grid, those that stand for as many of them each, from the calmest to the busiest: an empty half
 * of a page is half of them. All of an image that is not larger than they are.
 */
export function sampleBoxes(image: Size & Partial<Samples>): Box[] {
  const { width, height, data = [], channels = [], step = 1 } = image;
  if (width < BOX.width || height < BOX.height || width * height <= BOXES * BOX.width * BOX.height)
    return [{ x: 0, y: 0, width, height }];
  const busy = ({ x, y }: Box) => {
    let sum = 0;
    for (const channel of channels)
      for (let row = y; row < y + BOX.height; row += GLANCED) {
        const first = channel + step * (row * width + x);
        for (let i = first + step; i < first + step * BOX.width; i += step)
          sum += Math.abs(data[i] - data[i - step]);
      }
    return sum;
  };
  const [columns, rows] = [Math.floor(width / BOX.width), Math.floor(height / BOX.height)];
  const onGrid = (room: number, i: number, count: number) =>
    GRID * Math.floor((room * i) / Math.max(1, count - 1) / GRID);
  const all = Array.from({ length: columns * rows }, (_, i) => {
    const x = onGrid(width - BOX.width, i % columns, columns);
    const box = { ...BOX, x, y: onGrid(height - BOX.height, Math.floor(i / columns), rows) };
    return { box, busy: busy(box) };
  }).sort((a, b) => a.busy - b.busy);
  return Array.from({ length: BOXES }, (_, i) => all[Math.floor(((i + 0.5) / BOXES) * all.length)].box);
}

/** Where an image's samples lie: each channel's first one, and how far apart those of neighbours along a row. */
interface Samples {
  readonly data: ArrayLike<number>;
  readonly channels: readonly number[];
  readonly step: number;
}

const samplesOf = ({ colour, channels, width, height }: Picture) => ({
  ...{ width, height, data: colour, step: 1 },
  channels: Array.from({ length: channels }, (_, c) => c * width * height),
});

/** Where less of a sample is known, as inside of large holes, its lower half counts as known: from nothing nothing is filled. */
const LEAST_KNOWN = 0.25;
/** Areas that grow by more than this may swallow all that a sample knows, px. */
const MOST_GROWTH = 8;

/** A sample, with what is thick of the hole apart: copies take about as long whatever its size, so that no part stands for it. */
export function* sampleToFill(image: AnyImage, mask: Mask, hole: Hole, growth = 0): Pieces<Sample> {
  const picture = yield* pictureOf(image);
  const { width, height } = picture;
  const { thin, thick } = yield* partsOf(hole, width, height);
  const sample = sampleOf(picture, mask, growth);
  if (!thick) return sample;
  const maskOf = ({ known }: Hole): Mask => ({ data: known.map((k) => 255 * k), width, height });
  const rest = thin ? { thin: sampleOf(picture, maskOf(thin)) } : {};
  return { ...sample, thick: { picture, mask: maskOf(thick), ...rest } };
}

/** A sample of an image; with a mask, of where there is something to fill, and what grows from there. */
export function sampleOf(image: AnyImage | Picture, mask?: Mask, growth = 0): Sample {
  const picture = 'colour' in image ? image : toPicture(image);
  const { width, height } = picture;
  const boxes = mask ? boxesAtHoles(mask) : sampleBoxes(samplesOf(picture));
  if (boxes.length === 1) return { picture, share: 1, ...(mask ? { mask } : {}) };
  const [w, h] = [boxes[0].width, boxes[0].height * boxes.length];
  const stacked: Picture = {
    ...{ width: w, height: h, channels: picture.channels },
    colour: new Float32Array(picture.channels * w * h),
    alpha: picture.alpha && new Float32Array(w * h),
  };
  const known = mask && new Float32Array(w * h);
  for (const [i, box] of boxes.entries()) {
    const part = cutPicture(picture, box);
    paste(stacked, { ...box, x: 0, y: i * box.height }, part.colour);
    if (part.alpha) stacked.alpha?.set(part.alpha, i * box.height * w);
    known?.set(knownOf(mask!, box), i * box.height * w);
  }
  if (!known) return { picture: stacked, share: (w * h) / (width * height), middle: middle(picture, MIDDLE) };
  const isKnown = known.filter((k) => k >= 0.9).length >= LEAST_KNOWN * known.length;
  if (!isKnown || growth > MOST_GROWTH) known.fill(1, known.length / 2);
  const open = (data: Uint8Array) => data.reduce((sum, o) => sum + o, 0);
  const marked = (data: Float32Array) => marks(data, (k) => k < 0.5);
  const whole = marked(knownOf(mask!, { x: 0, y: 0, width, height }));
  const tight = boxAround(whole, width, height);
  const area = tight ? areaOf(tight, width, height) : { width, height };
  return {
    picture: stacked,
    mask: { data: known, width: w, height: h },
    share: open(marked(known)) / Math.max(1, open(whole)),
    areaShare: (w * h) / (area.width * area.height),
  };
}

/** 0 … 1, whatever the mask's samples are. */
function knownOf({ data, width }: Mask, { x, y, width: w, height }: Box): Float32Array {
  const most = data instanceof Float32Array ? 1 : 255;
  const known = new Float32Array(w * height);
  for (let row = 0, i = 0; row < height; row++)
    for (let at = (y + row) * width + x, end = at + w; at < end; at++, i++) known[i] = data[at] / most;
  return known;
}

/** Boxes around pixels to fill, evenly spread over them. */
function boxesAtHoles(mask: Mask): Box[] {
  const { width, height } = mask;
  const whole = sampleBoxes(mask);
  if (whole.length === 1) return whole;
  const known = knownOf(mask, { x: 0, y: 0, width, height });
  const open: number[] = [];
  known.forEach((k, i) => {
    if (k < 0.5) open.push(i);
  });
  const inside = (at: number, size: number, room: number) =>
    Math.min(Math.max(0, Math.round(at - size / 2)), room - size);
  return whole.map((box, i) => {
    const at = open[Math.floor(((i + 0.5) / whole.length) * open.length)] ?? 0;
    return {
      ...box,
      x: inside(at % width, box.width, width),
      y: inside(Math.floor(at / width), box.height, height),
    };
  });
}

/** A made-up photograph: waves of many lengths, with noise of σ = 15 of 255. */
export function madeUp(width: number = BOX.width, height: number = 2 * BOX.height): Picture {
  const key = streamKey(0, 0);
  const colour = Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    const waves = Math.sin(x / 7) * Math.cos(y / 11) + Math.sin(x / 23 + y / 17);
    return Math.min(1, Math.max(0, 0.5 + 0.15 * waves + (15 / 255) * normal(key, i)));
  });
  return { width, height, channels: 3, colour, alpha: null };
}

/** Nothing is missing but two corners of a picture, so that all between them is worked on. */
export function cornersOf({ width, height }: Picture): Mask {
  const data = new Float32Array(width * height).fill(1);
  [data[0], data[data.length - 1]] = [0, 0];
  return { data, width, height };
}

/** A disc in the middle of a square picture is missing. */
export function disc(side: number, diameter: number): Mask {
  const data = Float32Array.from({ length: side * side }, (_, i) =>
    Math.hypot((i % side) - side / 2, Math.floor(i / side) - side / 2) <= diameter / 2 ? 0 : 1,
  );
  return { data, width: side, height: side };
}

/** Strokes over a tenth of a picture are missing. */
export function scattered({ width, height }: Picture): Mask {
  const data = Float32Array.from({ length: width * height }, (_, i) =>
    Math.floor(i / width) % 30 < 3 && i % width > 8 ? 0 : 1,
  );
  return { data, width, height };
}
