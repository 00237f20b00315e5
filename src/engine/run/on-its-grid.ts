import type { Diagnosis } from '../diagnosis/analyse.ts';
import { cutPicture } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';

/** What lies on the grid of a picture's compression that was cropped off it, and the way back. */
interface Inner {
  readonly picture: Picture;
  readonly diagnosis: Diagnosis;
  /** The planes of all, [channels, height, width]: the rim of less than a block as it was. */
  around(planes: Float32Array, rim: Float32Array): Float32Array;
}

/** Undefined where a picture's compression lies on its own grid, or nowhere. */
export function onItsGrid(picture: Picture, diagnosis: Diagnosis | undefined): Inner | undefined {
  if (!diagnosis?.jpeg?.offset) return undefined;
  const { offset, ...jpeg } = diagnosis.jpeg;
  const [width, height] = [picture.width - offset.x, picture.height - offset.y];
  return {
    picture: cutPicture(picture, { ...offset, width, height }),
    diagnosis: { ...diagnosis, jpeg: { ...jpeg, onGrid: true } },
    around: (planes, rim) => {
      const out = rim.slice();
      const [rows, all] = [planes.length / width, picture.width * picture.height];
      for (let row = 0; row < rows; row++) {
        const [plane, y] = [Math.floor(row / height), offset.y + (row % height)];
        out.set(planes.subarray(row * width, (row + 1) * width), plane * all + y * picture.width + offset.x);
      }
      return out;
    },
  };
}
