/** Strokes of the preview's brush on its canvas: grounds, layers, the marked area. */

import type { Box } from '../../engine/image/box.ts';
import type { AreaView, Layer } from '../worker/methods.ts';

export type Rect = readonly [x: number, y: number, width: number, height: number];

/** Shows through where the image is transparent. */
export function checkerboard(context: CanvasRenderingContext2D, rect: Rect): void {
  context.fillStyle = checkerPattern(context);
  context.fillRect(...rect);
}

/** The brush, to be seen on any ground. */
export function ring(
  context: CanvasRenderingContext2D,
  [x, y]: readonly [number, number],
  radius: number,
): void {
  for (const [colour, width] of [
    ['rgb(0 0 0 / 0.6)', 3],
    ['#fff', 1],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
  }
}

export function clip(context: CanvasRenderingContext2D, rect: Rect): void {
  context.beginPath();
  context.rect(...rect);
  context.clip();
}

/** Shrinking a large image anew for every frame would block the page. `scale` = CSS px a unit of the box. */
export function drawLayer(
  context: CanvasRenderingContext2D,
  { bitmap, small }: Layer,
  { x, y, width, height }: Box,
  scale: number,
): void {
  const fits = small !== undefined && width * scale * devicePixelRatio <= small.width;
  context.drawImage(fits ? small : bitmap, x, y, width, height);
}

let pattern: CanvasPattern | undefined;

function checkerPattern(context: CanvasRenderingContext2D): CanvasPattern {
  if (pattern) return pattern;
  const tile = new OffscreenCanvas(16, 16);
  const paint = tile.getContext('2d')!;
  paint.fillStyle = '#fff';
  paint.fillRect(0, 0, 16, 16);
  paint.fillStyle = '#e4e4e4';
  paint.fillRect(0, 0, 8, 8);
  paint.fillRect(8, 8, 8, 8);
  pattern = context.createPattern(tile, 'repeat')!;
  return pattern;
}

/** The tint is drawn at screen size at most: its edge is drawn as lines anyway. */
const TINT_SIDE = 1024;
export const TINT = 'rgb(255 36 189 / 0.42)';
/** What is not to be copied into the area: another hue to all kinds of sight. */
export const AVOIDED = 'rgb(0 132 255 / 0.5)';
export const ERASED = 'rgb(255 255 255 / 0.6)';

/** Where the overlay is opaque, that colour. */
export function tinted(overlay: ImageBitmap, colour: string): OffscreenCanvas {
  const scale = Math.min(1, TINT_SIDE / Math.max(overlay.width, overlay.height));
  const canvas = new OffscreenCanvas(Math.ceil(overlay.width * scale), Math.ceil(overlay.height * scale));
  const context = canvas.getContext('2d')!;
  context.drawImage(overlay, 0, 0, canvas.width, canvas.height);
  context.globalCompositeOperation = 'source-in';
  context.fillStyle = colour;
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

/** The outlines, as a path to be drawn. */
export function edgeOf(outlines: AreaView['outlines']): Path2D {
  const edge = new Path2D();
  for (const outline of outlines) {
    for (let i = 0; i < outline.length; i += 2) {
      if (i === 0) edge.moveTo(outline[0]!, outline[1]!);
      else edge.lineTo(outline[i]!, outline[i + 1]!);
    }
    edge.closePath();
  }
  return edge;
}
