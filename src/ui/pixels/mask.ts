import { type Box, boxAround, cutPlane } from '../../engine/image/box.ts';
import { grown } from '../../engine/image/grown.ts';
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

/** What makes an area. */
interface AreaParts {
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

/** Grows the covered pixels by `grow` px and fades over `feather` px beyond. */
export function growArea(
  coverage: Uint8Array,
  width: number,
  height: number,
  grow: number,
  feather: number,
): FillArea {
  const weight = new Uint8Array(width * height);
  const area = grown(coverage, width, height, { grow, feather, above: COVERED });
  if (!area) return { width, height, weight, count: 0, box: { x: 0, y: 0, width: 0, height: 0 } };
  const { box, share } = area;
  const near = new Uint8Array(share.length);
  let count = 0;
  for (let i = 0; i < near.length; i++) {
    near[i] = Math.round(255 * share[i]!);
    if (near[i]! > 0) count++;
  }
  for (let y = 0; y < box.height; y++)
    weight.set(near.subarray(y * box.width, (y + 1) * box.width), (box.y + y) * width + box.x);
  const tight = boxAround(near, box.width, box.height)!;
  return { width, height, weight, count, box: { ...tight, x: box.x + tight.x, y: box.y + tight.y } };
}

/** The engine's mask of one box of the image: 255 = known, 0 = to fill. */
export function knownMask({ weight, width }: FillArea, box: Box): Uint8Array<ArrayBuffer> {
  return cutPlane(weight as Uint8Array<ArrayBuffer>, width, box).map((share) => (share > 0 ? 0 : 255));
}
