/**
 * Where an image paint puts its pixels on a layer, and where a mask layer lies in those pixels. Pure: no figma.*.
 * Spaces: page (absoluteTransform's target) · layer (node-local, 0 … W × 0 … H) · unit (layer / size) ·
 * image (pixels of the file, 0 … w × 0 … h, y down, pixel centres at .5).
 * Readings of Figma that only the live product can confirm are in turn() and tileSize(), see docs/figma.md.
 */
import type { Affine } from '../wire/values.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Figma's row-major Transform: [[a, c, e], [b, d, f]]. */
export type Rows = readonly [readonly [number, number, number], readonly [number, number, number]];

/** What the mapping needs of an ImagePaint. */
export interface PaintGeometry {
  readonly scaleMode: 'FILL' | 'FIT' | 'CROP' | 'TILE';
  readonly imageTransform?: Rows;
  /** TILE only: layer px per image pixel. */
  readonly scalingFactor?: number;
  /** Degrees clockwise, a multiple of 90; not for CROP. */
  readonly rotation?: number;
}

export const IDENTITY: Affine = [1, 0, 0, 1, 0, 0];

export function fromRows([[a, c, e], [b, d, f]]: Rows): Affine {
  return [a, b, c, d, e, f];
}

export function toRows([a, b, c, d, e, f]: Affine): [[number, number, number], [number, number, number]] {
  return [
    [a, c, e],
    [b, d, f],
  ];
}

/** `outer` after `inner`. */
export function compose(outer: Affine, inner: Affine): Affine {
  const [a, b, c, d, e, f] = outer;
  const [g, h, i, j, k, l] = inner;
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f];
}

export function chain(...outerToInner: Affine[]): Affine {
  return outerToInner.reduce(compose, IDENTITY);
}

/** Throws a RangeError for a matrix that flattens the plane (a layer or image without area). */
export function invert([a, b, c, d, e, f]: Affine): Affine {
  const det = a * d - b * c;
  if (!Number.isFinite(1 / det))
    throw new RangeError(`Expected an invertible matrix, got determinant ${det}.`);
  return [d / det, -b / det, -c / det, a / det, (c * f - d * e) / det, (b * e - a * f) / det];
}

export function apply([a, b, c, d, e, f]: Affine, x: number, y: number): [number, number] {
  return [a * x + c * y + e, b * x + d * y + f];
}

export function scaling(x: number, y: number): Affine {
  return [x, 0, 0, y, 0, 0];
}

export function translation(x: number, y: number): Affine {
  return [1, 0, 0, 1, x, y];
}

/** Linear size of a unit square after the matrix: √|det|. */
export function meanScale([a, b, c, d]: Affine): number {
  return Math.sqrt(Math.abs(a * d - b * c));
}

/** Axis-aligned bounds of a mapped box. */
export function boundsOf(matrix: Affine, { x, y, width, height }: Box): Box {
  return boundsOfPoints([
    apply(matrix, x, y),
    apply(matrix, x + width, y),
    apply(matrix, x + width, y + height),
    apply(matrix, x, y + height),
  ]);
}

export function boundsOfPoints(points: readonly (readonly [number, number])[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

export function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Quarter turns clockwise, 0 … 3. */
function quarterTurns(rotation: number | undefined): number {
  return (((Math.round((rotation ?? 0) / 90) % 4) + 4) % 4) as 0 | 1 | 2 | 3;
}

/**
 * Unit square of the turned picture → unit square of the image file. Reading: `rotation` turns the picture
 * clockwise on the layer, as the properties panel does. Unverified direction.
 */
function turn(rotation: number | undefined): Affine {
  switch (quarterTurns(rotation)) {
    case 1:
      return [0, -1, 1, 0, 0, 1]; // (p, q) → (q, 1 − p)
    case 2:
      return [-1, 0, 0, -1, 1, 1];
    case 3:
      return [0, 1, -1, 0, 1, 0]; // (p, q) → (1 − q, p)
    default:
      return IDENTITY;
  }
}

/** Size of the picture as it stands on the layer, after its rotation, in image pixels. */
function turnedSize(image: Size, rotation: number | undefined): Size {
  return quarterTurns(rotation) % 2 === 0 ? image : { width: image.height, height: image.width };
}

/**
 * Layer px of one repetition. Reading: tiles start at the layer's top left corner, scalingFactor 1 = one image pixel
 * a layer px. Unverified for rotated tiles.
 */
function tileSize(paint: PaintGeometry, image: Size): Size {
  const turned = turnedSize(image, paint.rotation);
  const factor = paint.scalingFactor ?? 1;
  return { width: turned.width * factor, height: turned.height * factor };
}

/** T of the notes: unit space of the layer → unit space of the image. */
function unitMatrix(paint: PaintGeometry, layer: Size, image: Size): Affine {
  if (paint.scaleMode === 'CROP') return paint.imageTransform ? fromRows(paint.imageTransform) : IDENTITY;
  const turned = turnedSize(image, paint.rotation);
  const ratios = [layer.width / turned.width, layer.height / turned.height] as const;
  const scale = paint.scaleMode === 'FILL' ? Math.max(...ratios) : Math.min(...ratios);
  const a = ratios[0] / scale;
  const b = ratios[1] / scale;
  return compose(turn(paint.rotation), [a, 0, 0, b, (1 - a) / 2, (1 - b) / 2]);
}

/** Layer px → image pixels. FILL, FIT and CROP; throws a RangeError for TILE, which has no single matrix. */
export function layerToImage(paint: PaintGeometry, layer: Size, image: Size): Affine {
  if (paint.scaleMode === 'TILE')
    throw new RangeError('A tiled image has one matrix a tile: use layerToTiles.');
  return chain(
    scaling(image.width, image.height),
    unitMatrix(paint, layer, image),
    scaling(1 / layer.width, 1 / layer.height),
  );
}

/** More repetitions than this under one mask are a texture, not a picture. */
const MAX_TILES = 1000;

/** Layer px → image pixels, one matrix for every repetition that touches `part` of the layer. */
export function layerToTiles(paint: PaintGeometry, image: Size, part: Box): Affine[] {
  const tile = tileSize(paint, image);
  const toImage = chain(
    scaling(image.width, image.height),
    turn(paint.rotation),
    scaling(1 / tile.width, 1 / tile.height),
  );
  const columns = [Math.floor(part.x / tile.width), Math.ceil((part.x + part.width) / tile.width)] as const;
  const rows = [Math.floor(part.y / tile.height), Math.ceil((part.y + part.height) / tile.height)] as const;
  const number = (columns[1] - columns[0]) * (rows[1] - rows[0]);
  if (number > MAX_TILES)
    throw new RangeError(`The image repeats ${number} times under the area, more than ${MAX_TILES}.`);
  const matrices: Affine[] = [];
  for (let row = rows[0]; row < rows[1]; row++)
    for (let column = columns[0]; column < columns[1]; column++)
      matrices.push(compose(toImage, translation(-column * tile.width, -row * tile.height)));
  return matrices;
}

/** Every way from page to image pixels for what lies within `pageBox`: one matrix, or one a tile. */
export function pageToImage(
  paint: PaintGeometry,
  layer: Size,
  image: Size,
  layerToPage: Affine,
  pageBox: Box,
): Affine[] {
  const pageToLayer = invert(layerToPage);
  if (paint.scaleMode !== 'TILE') return [compose(layerToImage(paint, layer, image), pageToLayer)];
  const part = intersection(boundsOf(pageToLayer, pageBox), wholeOf(layer));
  return part ? layerToTiles(paint, image, part).map((matrix) => compose(matrix, pageToLayer)) : [];
}

/** Reads the size by name: a Figma layer may stand in for it, whose properties a spread does not see. */
export function wholeOf({ width, height }: Size): Box {
  return { x: 0, y: 0, width, height };
}

function intersection(a: Box, b: Box): Box | undefined {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

export type Point = readonly [number, number];

/**
 * The paint that shows a ×factor image of the same aspect exactly where it showed the old one: everything is in unit
 * space but TILE's scale.
 */
export function scaledPaint<P extends PaintGeometry>(paint: P, factor: number): P {
  return paint.scaleMode === 'TILE'
    ? { ...paint, scalingFactor: (paint.scalingFactor ?? 1) / factor }
    : paint;
}

/**
 * imageTransform of a CROP paint that shows one `tile` of a picture (pixels of the result, of size `result`) where the
 * whole picture stood under `paint`.
 */
export function tileTransform(paint: PaintGeometry, layer: Size, image: Size, result: Size, tile: Box): Rows {
  const toResult = compose(
    scaling(result.width / image.width, result.height / image.height),
    layerToImage(paint, layer, image),
  );
  return toRows(
    chain(
      scaling(1 / tile.width, 1 / tile.height),
      translation(-tile.x, -tile.y),
      toResult,
      scaling(layer.width, layer.height),
    ),
  );
}
