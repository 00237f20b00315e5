import type { Size } from './box.ts';

/** Pixels enough to tell what a mask or a picture is like. */
const ENOUGH = 200_000;

/** A picture in square bins, so that it has no more pixels than are enough; what is left over at two sides is left out. */
export interface Bins extends Size {
  readonly of: (plane: Float32Array) => Float32Array;
}

export function binsOf({ width: stride, height: rows }: Size): Bins {
  const by = Math.ceil(Math.sqrt((stride * rows) / ENOUGH));
  const [width, height] = [Math.floor(stride / by), Math.floor(rows / by)];
  const meanAt = (plane: Float32Array, i: number) => {
    const from = Math.floor(i / width) * by * stride + (i % width) * by;
    let sum = 0;
    for (let v = 0; v < by; v++) for (let u = 0; u < by; u++) sum += plane[from + v * stride + u];
    return sum / by ** 2;
  };
  const of = (plane: Float32Array) =>
    by === 1 ? plane : Float32Array.from({ length: width * height }, (_, i) => meanAt(plane, i));
  return { width, height, of };
}
