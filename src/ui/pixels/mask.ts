import { MARKED } from '../../engine/image/marked.ts';
import type { MaskShape } from '../../wire/pictures.ts';
import type { Stroke } from '../worker/methods.ts';
import { drawStroke } from './stroke.ts';

/**
 * The area to fill in image pixels. Everywhere in the panel 1 means "to fill"; only `knownMask` turns it round into
 * the engine's mask, where 1 means "known".
 */
export interface FillArea {
  readonly width: number;
  readonly height: number;
  /** 255 where to fill after growing, falling to 0 over the feather, 0 elsewhere: the weight of the result. */
  readonly weight: Uint8Array;
  /** Pixels with a weight above 0. */
  readonly count: number;
  /** Smallest box around them; empty if there are none. */
  readonly box: Box;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What makes an area. */
export interface AreaParts {
  readonly shapes: readonly MaskShape[];
  /** Coverage that was found, 0 or 255 a pixel. */
  readonly found?: Uint8Array | undefined;
  readonly strokes?: readonly Stroke[];
}

/** Union of shapes and what was found, then with the strokes, or without them where they erase; antialiased: 0 … 255. */
export async function rasterise(
  { shapes, found, strokes = [] }: AreaParts,
  width: number,
  height: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  for (const shape of shapes) {
    if (shape.kind === 'paths') {
      const paths = shape.paths.map(({ data, rule }) => ({ path: new Path2D(data), rule }));
      for (const matrix of shape.matrices) {
        context.setTransform(...matrix);
        for (const { path, rule } of paths) context.fill(path, rule);
      }
      continue;
    }
    const bitmap = await createImageBitmap(
      new Blob([shape.png as Uint8Array<ArrayBuffer>], { type: 'image/png' }),
    );
    for (const matrix of shape.matrices) {
      context.setTransform(...matrix);
      context.drawImage(bitmap, 0, 0);
    }
    bitmap.close();
  }
  context.resetTransform();
  if (found) context.drawImage(await asAlpha(found, width, height), 0, 0);
  for (const stroke of strokes) drawStroke(context, stroke);
  const { data } = context.getImageData(0, 0, width, height);
  const coverage = new Uint8Array(width * height);
  for (let i = 0; i < coverage.length; i++) coverage[i] = data[4 * i + 3]!;
  return coverage;
}

function asAlpha(coverage: Uint8Array, width: number, height: number): Promise<ImageBitmap> {
  const image = new ImageData(width, height);
  for (let i = 0; i < coverage.length; i++) image.data[4 * i + 3] = coverage[i]!;
  return createImageBitmap(image);
}

/** A hard edge has about one half-covered pixel for each of its length; more than this many make it soft. */
const SOFT_WIDTH = 3;

/** Whether the shapes fade out by themselves, as a blurred brush does. */
export function isSoft(coverage: Uint8Array, width: number, height: number): boolean {
  let [partly, edge] = [0, 0];
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const value = coverage[i]!;
      if (value > COVERED && value < 255 - COVERED) partly++;
      if (x + 1 < width && value > 127 !== coverage[i + 1]! > 127) edge++;
      if (y + 1 < height && value > 127 !== coverage[i + width]! > 127) edge++;
    }
  return partly > SOFT_WIDTH * edge;
}

/** Coverage, 0 … 255, above which a pixel is to fill. */
const COVERED = MARKED * 255;

/**
 * Grows the covered pixels (by more than a tenth) by `grow` px and fades over `feather` px beyond, by exact
 * Euclidean distance between pixel centres.
 */
export function growArea(
  coverage: Uint8Array,
  width: number,
  height: number,
  grow: number,
  feather: number,
): FillArea {
  const weight = new Uint8Array(width * height);
  const covered = coveredBox(coverage, width, height);
  if (!covered) return { width, height, weight, count: 0, box: EMPTY_BOX };
  // Distances are only wanted near the area: on a huge image anything else would take seconds.
  const margin = Math.ceil(grow + feather) + 1;
  const near = widen(covered, margin, width, height);
  const squared = grow + feather > 0 ? squaredDistance(coverage, width, near) : undefined;
  let count = 0;
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = near.y, j = 0; y < near.y + near.height; y++) {
    for (let x = near.x; x < near.x + near.width; x++, j++) {
      const i = y * width + x;
      const beyond = squared ? Math.sqrt(squared[j]!) - grow : coverage[i]! > COVERED ? 0 : 1;
      const value = beyond <= 0 ? 255 : Math.round(255 * (1 - beyond / (feather + 1)));
      if (value <= 0 || (beyond > 0 && feather === 0)) continue;
      weight[i] = value;
      count++;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = y + 1;
    }
  }
  return {
    width,
    height,
    weight,
    count,
    box: { x: left, y: top, width: right - left, height: bottom - top },
  };
}

function coveredBox(coverage: Uint8Array, width: number, height: number): Box | undefined {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (coverage[i]! <= COVERED) continue;
      if (x < left) left = x;
      if (x >= right) right = x + 1;
      if (y < top) top = y;
      bottom = y + 1;
    }
  return bottom > 0 ? { x: left, y: top, width: right - left, height: bottom - top } : undefined;
}

function widen(box: Box, margin: number, width: number, height: number): Box {
  const [x, y] = [Math.max(0, box.x - margin), Math.max(0, box.y - margin)];
  return {
    x,
    y,
    width: Math.min(width, box.x + box.width + margin) - x,
    height: Math.min(height, box.y + box.height + margin) - y,
  };
}

const EMPTY_BOX: Box = { x: 0, y: 0, width: 0, height: 0 };

/** The engine's mask of one box of the image: 255 = known, 0 = to fill. */
export function knownMask({ weight, width }: FillArea, box: Box): Uint8Array<ArrayBuffer> {
  const known = new Uint8Array(box.width * box.height);
  for (let y = 0, i = 0; y < box.height; y++)
    for (let x = 0; x < box.width; x++, i++)
      known[i] = weight[(box.y + y) * width + box.x + x]! > 0 ? 0 : 255;
  return known;
}

/**
 * Squared distance of every pixel of a box to the nearest covered pixel in it: two passes of lower envelopes
 * (Felzenszwalb 2012).
 */
function squaredDistance(
  coverage: Uint8Array,
  stride: number,
  { x: left, y: top, width, height }: Box,
): Float64Array {
  const far = (width + height) ** 2;
  const field = new Float64Array(width * height);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++)
      field[i] = coverage[(top + y) * stride + left + x]! > COVERED ? 0 : far;
  const side = Math.max(width, height);
  const scratch = {
    line: new Float64Array(side),
    vertices: new Int32Array(side),
    starts: new Float64Array(side + 1),
  };
  for (let x = 0; x < width; x++) transformLine(field, x, width, height, scratch);
  for (let y = 0; y < height; y++) transformLine(field, y * width, 1, width, scratch);
  return field;
}

interface Scratch {
  readonly line: Float64Array;
  readonly vertices: Int32Array;
  readonly starts: Float64Array;
}

function transformLine(
  field: Float64Array,
  from: number,
  step: number,
  length: number,
  scratch: Scratch,
): void {
  const { line, vertices, starts } = scratch;
  for (let i = 0; i < length; i++) line[i] = field[from + i * step]!;
  let last = 0;
  vertices[0] = 0;
  starts[0] = -Infinity;
  starts[1] = Infinity;
  for (let q = 1; q < length; q++) {
    let meet = meeting(line, q, vertices[last]!);
    while (meet <= starts[last]!) meet = meeting(line, q, vertices[--last]!);
    vertices[++last] = q;
    starts[last] = meet;
    starts[last + 1] = Infinity;
  }
  for (let q = 0, k = 0; q < length; q++) {
    while (starts[k + 1]! < q) k++;
    const v = vertices[k]!;
    field[from + q * step] = (q - v) ** 2 + line[v]!;
  }
}

/** Where the parabolas rooted at q and v cross. */
function meeting(line: Float64Array, q: number, v: number): number {
  return (line[q]! + q * q - line[v]! - v * v) / (2 * (q - v));
}
