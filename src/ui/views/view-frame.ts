import type { Size } from '../../engine/image/box.ts';
import type { ShownPart } from '../../wire/pictures.ts';
import type { Affine } from '../../wire/values.ts';

/** What is to be seen of an image, about as large as its pixels: all of it, or what a layer shows. */
export interface ViewFrame extends Size {
  /** Pixels of the image → units of the frame. */
  readonly matrix: Affine;
}

/** Share of a side, below which it does not count that a layer shows less or more. */
const SLIGHT = 0.005;

export function wholeFrame({ width, height }: Size): ViewFrame {
  return { width, height, matrix: [1, 0, 0, 1, 0, 0] };
}

/** The layer's rectangle, its image cropped, turned and flipped as on the canvas. */
export function partFrame({ width, height, matrix: [a, b, c, d, e, f] }: ShownPart): ViewFrame {
  const scale = Math.sqrt(Math.abs(a * d - b * c));
  return {
    width: width / scale,
    height: height / scale,
    matrix: [a / scale, b / scale, c / scale, d / scale, e / scale, f / scale],
  };
}

/** The pixel of the image at a point of the frame. */
export function fromFrame({ matrix: [a, b, c, d, e, f] }: ViewFrame, x: number, y: number): [number, number] {
  const det = a * d - b * c;
  return [(d * (x - e) - c * (y - f)) / det, (a * (y - f) - b * (x - e)) / det];
}

/** Whether a layer shows an image otherwise than whole and upright. */
export function hidesSome(part: ShownPart, { width, height }: Size): boolean {
  const frame = partFrame(part);
  const [a, b, c, d, e, f] = frame.matrix;
  const off = (value: number, side: number) => Math.abs(value) > SLIGHT * side;
  return (
    off(b * width, frame.height) ||
    off(c * height, frame.width) ||
    off(e, frame.width) ||
    off(f, frame.height) ||
    off(a * width - frame.width, frame.width) ||
    off(d * height - frame.height, frame.height)
  );
}
