import type { Picture } from './picture.ts';

/** What nobody sees must not decide anything: colour under zero alpha becomes NaN, which the estimates leave out. */
export function withoutHidden(picture: Picture): Picture {
  const { alpha, colour, width, height } = picture;
  if (!alpha) return picture;
  return {
    ...picture,
    colour: colour.map((value, i) => (alpha[i % (width * height)] > 0 ? value : Number.NaN)),
  };
}
