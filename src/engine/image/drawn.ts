import type { Pieces } from '../time-slicing.ts';
import { apart, laidOver } from './laid-over.ts';
import type { Picture } from './picture.ts';

/** Pixels around one that tell whether it is part of a drawing. */
const WINDOW = 4;
/** Share of flat pixels in the window from which a pixel begins to be one of a drawing, and is one. */
const BEGINS = 0.05;
const CERTAIN = 0.2;

/** Mean share below which a picture is a photograph throughout, and above which it is a drawing throughout. */
const PHOTOGRAPH = 0.35;
const DRAWING = 0.985;
/** A gradient that was drawn: so many pixels in a row or column are alike, while the next ones differ. */
const RUN = 4;
/**
 * Pixel art: so few of the pixels that are not flat are blended; of pictures with few colours some may lie between others by
 * chance (a sprite of 16 × 16 px has a tenth, drawings with smooth edges a third and more, and tens of colours).
 */
const PIXEL_ART = 0.1;
const OF_FEW_COLOURS = { colours: 16, blended: 0.15 } as const;

/** What of a picture is drawn in flat colours, rather than photographed. */
export interface Drawn {
  /** [height, width] 0 … 1: how much of a pixel's surroundings is flat; in photographs, part of areas laid over them. */
  readonly share: Float32Array;
  /** [height, width] 1 = of one colour with three of its neighbours, or of pixel art: no edge runs through it. */
  readonly flat: Uint8Array;
  /** [height, width] 1 = in a gradient, of a drawing that may have some (`withGradients`). */
  readonly gradient?: Uint8Array;
  /** Of pixels of pale strokes: per channel the ink that they are drawn in, as it shows (`withPens`). */
  readonly ink?: ReadonlyMap<number, readonly number[]>;
  /** Whether it is pixel art: each of its pixels is meant as a square. */
  readonly pixelArt: boolean;
}

/**
 * Tells drawings by pixels that have exactly the colour of three neighbours in a square: samples of photographs differ by
 * their noise at least. Of a premultiplied picture alpha counts too.
 */
export function* findDrawn(picture: Picture): Pieces<Drawn> {
  const { width, height } = picture;
  const flat = yield* flatPixels(picture);
  const around = (marked: Uint8Array) => shareAround(marked, width, height);
  const evenly = yield* around(flat);
  const isPhotograph = meanOf(evenly) < PHOTOGRAPH;
  const isDrawing = yield* isDrawnThroughout(picture, flat);
  const share = isPhotograph ? yield* around(yield* laidOver(picture, flat)) : evenly;
  const few = countColours(picture, OF_FEW_COLOURS.colours) <= OF_FEW_COLOURS.colours;
  yield;
  const mayBe = few || meanOf(evenly) > DRAWING;
  const palette = mayBe && few ? coloursOf(picture, flat) : undefined;
  const blended = mayBe ? yield* blendedShare(picture, flat, palette) : 1;
  const isPlain = countColours(picture, 1) === 1;
  const pixelArt = !isPlain && blended < (few ? OF_FEW_COLOURS.blended : PIXEL_ART);
  if (isDrawing || pixelArt) share.fill(1);
  if (pixelArt) flat.fill(1);
  return { share, flat, pixelArt };
}

/** Whether everything in a picture is near pixels that are even, or that have a run of others like them. */
export function* isDrawnThroughout(picture: Picture, even: Uint8Array): Pieces<boolean> {
  const { width, height } = picture;
  return meanOf(yield* shareAround(yield* withRuns(picture, even), width, height)) > DRAWING;
}

/** [height, width] 1 = with three neighbours in a square that are of its colour, or no farther from it than this. */
export function* flatPixels(picture: Picture, tolerance = 0): Pieces<Uint8Array> {
  const { width, height } = picture;
  const flat = new Uint8Array(width * height);
  const same = (i: number, j: number) => apart(picture, i, j) <= tolerance;
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const i = y * width + x;
      if (same(i, i + 1) && same(i, i + width) && same(i, i + width + 1))
        for (const j of [i, i + 1, i + width, i + width + 1]) flat[j] = 1;
    }
    yield;
  }
  return flat;
}

const meanOf = (share: Float32Array) => share.reduce((sum, s) => sum + s, 0) / share.length;

/** Flat pixels, and those of gradients along one axis. */
function* withRuns(picture: Picture, flat: Uint8Array): Pieces<Uint8Array> {
  const { width, height } = picture;
  const found = flat.slice();
  function* along(lines: number, length: number, at: (line: number, i: number) => number): Pieces<void> {
    for (let line = 0; line < lines; line++) {
      for (let i = 1, run = 1; i < length; i++) {
        run = apart(picture, at(line, i), at(line, i - 1)) === 0 ? run + 1 : 1;
        if (run >= RUN) for (let j = run === RUN ? i - run + 1 : i; j <= i; j++) found[at(line, j)] = 1;
      }
      yield;
    }
  }
  yield* along(height, width, (y, x) => y * width + x);
  yield* along(width, height, (x, y) => y * width + x);
  return found;
}

/** How many colours a picture has, of 8 bits; at most one more than `most` are counted. */
function countColours(picture: Picture, most: number): number {
  const known = new Set<number>();
  for (let i = 0; i < picture.width * picture.height && known.size <= most; i++)
    known.add(codeOf(picture, i));
  return known.size;
}

/** The colours of the pixels that are marked. */
function coloursOf(picture: Picture, marked: Uint8Array): Set<number> {
  const found = new Set<number>();
  marked.forEach((is, i) => {
    if (is) found.add(codeOf(picture, i));
  });
  return found;
}

function codeOf({ width, height, channels, colour }: Picture, i: number): number {
  let code = 0;
  for (let c = 0; c < channels; c++) code = 256 * code + Math.round(255 * colour[c * width * height + i]);
  return code;
}

/** How far the channels of a blend may be apart in the share they say either side has, beside rounding. */
const ONE_SHARE = 0.05;

/**
 * How many of the pixels that are not flat are a blend of those on either side of them, as those of smooth edges are: between
 * both in every channel, and by the same share; along rows also by shares that grow from channel to channel, as letters drawn by a
 * screen's strips have them, of opaque pictures without a palette. Its colours are no blends: shades lie between others too.
 */
function* blendedShare(picture: Picture, flat: Uint8Array, palette?: ReadonlySet<number>): Pieces<number> {
  const { width, height, channels, colour } = picture;
  const n = width * height;
  const between = (i: number, step: number, byStrips: boolean) => {
    const low: number[] = [];
    const high: number[] = [];
    for (let c = 0; c < channels; c++) {
      const [a, value, b] = [colour[c * n + i - step], colour[c * n + i], colour[c * n + i + step]];
      if (a === b ? value !== a : (a - value) * (value - b) <= 0) return false;
      if (a === b) continue;
      const [share, rounding] = [(value - a) / (b - a), 1 / (255 * Math.abs(b - a))];
      low.push(share - rounding);
      high.push(share + rounding);
    }
    if (low.length > 0 && Math.max(...low) - Math.min(...high) < ONE_SHARE) return true;
    return byStrips && low.length === 3 && (isRising(low, high) || isRising(low.reverse(), high.reverse()));
  };
  let [blends, all] = [0, 0];
  for (let y = 1; y + 1 < height; y++) {
    yield;
    for (let x = 1; x + 1 < width; x++) {
      const i = y * width + x;
      if (flat[i]) continue;
      all++;
      if (!between(i, 1, !palette && channels === 3) && !between(i, width, false)) continue;
      if (!palette?.has(codeOf(picture, i))) blends++;
    }
  }
  return all === 0 ? 0 : blends / all;
}

const isRising = (low: readonly number[], high: readonly number[]): boolean =>
  high.slice(1).every((most, c) => most >= low[c]);

/** How much of what surrounds each pixel, as far as the window reaches in the picture, is marked. */
function* shareAround(marked: Uint8Array, width: number, height: number): Pieces<Float32Array> {
  const share = new Float32Array(width * height);
  const columns = new Uint32Array(width);
  const addRow = (y: number, sign: number) => {
    for (let x = 0; x < width; x++) columns[x] += sign * marked[y * width + x];
  };
  for (let y = 0; y < Math.min(WINDOW, height); y++) addRow(y, 1);
  for (let y = 0; y < height; y++) {
    yield;
    if (y + WINDOW < height) addRow(y + WINDOW, 1);
    if (y > WINDOW) addRow(y - WINDOW - 1, -1);
    const rows = Math.min(height, y + WINDOW + 1) - Math.max(0, y - WINDOW);
    let sum = 0;
    for (let x = 0; x < Math.min(WINDOW, width); x++) sum += columns[x];
    for (let x = 0; x < width; x++) {
      if (x + WINDOW < width) sum += columns[x + WINDOW];
      if (x > WINDOW) sum -= columns[x - WINDOW - 1];
      const count = rows * (Math.min(width, x + WINDOW + 1) - Math.max(0, x - WINDOW));
      share[y * width + x] = Math.min(
        1,
        Math.max(0, (Math.fround(sum / count) - BEGINS) / (CERTAIN - BEGINS)),
      );
    }
  }
  return share;
}
