import type { Picture } from '../image/picture.ts';
import { overBackdrop } from '../nonlocal/backdrop.ts';
import { inTurns } from '../time-slicing.ts';

/** The colours, with those around in place of what alpha hides. */
export async function colourOverBackdrop(picture: Picture): Promise<Float32Array> {
  const { colour, alpha } = picture;
  if (!alpha) return colour;
  const shown = await inTurns(overBackdrop(picture));
  return colour.map((value, i) => (alpha[i % alpha.length] === 0 ? shown[i] : value));
}
