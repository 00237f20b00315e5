import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';

/** Colours of a file that took some away: with fewer it is a drawing, with more the bands are not seen. */
const COLOURS = { least: 8, most: 64 } as const;
/** A band is a run of one colour of so many pixels at least, along a row or a column. */
const RUN = 4;
/**
 * A band goes on where the step into it and the step out of it point the same way, by their cosine. So many go on of all
 * bands, so much of the picture are bands, and so many there are for each row and column. Of 404 drawn pictures and 344
 * others, reduced to 16 and 64 colours, only gradients, skies and painted shades have that; text, panels and icons never.
 */
const BANDED = { cosine: 0.4, goOn: 0.6, covered: 0.4, each: 3 } as const;

/**
 * How many colours a picture was reduced to, if that left its gradients in flat bands, as a GIF without dither does;
 * undefined: it was not. Steps between flat colours that were drawn go up and down again.
 */
export function* bandedColours(picture: Picture): Pieces<number | undefined> {
  const { width, height } = picture;
  const colours = paletteOf(picture);
  if (!colours || colours.size < COLOURS.least) return undefined;
  const total = { bands: 0, goOn: 0, pixels: 0 };
  for (let y = 0; y < height; y++) countBands(picture, y * width, 1, width, total);
  yield;
  for (let x = 0; x < width; x++) countBands(picture, x, width, height, total);
  const { bands, goOn, pixels } = total;
  const banded =
    bands >= BANDED.each * (width + height) &&
    goOn >= BANDED.goOn * bands &&
    pixels >= BANDED.covered * 2 * width * height;
  return banded ? colours.size : undefined;
}

/** The colours of a picture in 8 bits; undefined where they are more than a few. */
function paletteOf({ colour, channels, width, height }: Picture): Set<number> | undefined {
  const n = width * height;
  const found = new Set<number>();
  for (let i = 0; i < n; i++) {
    let key = 0;
    for (let c = 0; c < channels; c++) key = 256 * key + Math.round(255 * colour[c * n + i]);
    found.add(key);
    if (found.size > COLOURS.most) return undefined;
  }
  return found;
}

/** Adds the bands of one line of pixels, `length` of them `step` apart, those at its ends left out. */
function countBands(
  { colour, channels, width, height }: Picture,
  first: number,
  step: number,
  length: number,
  total: { bands: number; goOn: number; pixels: number },
): void {
  const n = width * height;
  const change = (to: number, c: number) => colour[c * n + to] - colour[c * n + to - step];
  const changes = (at: number) => {
    for (let c = 0; c < channels; c++) if (change(at, c) !== 0) return true;
    return false;
  };
  let begun = -1;
  for (let i = 1; i < length; i++) {
    const at = first + i * step;
    if (!changes(at)) continue;
    const before = first + begun * step;
    if (begun > 0 && i - begun >= RUN) {
      let [dot, into, out] = [0, 0, 0];
      for (let c = 0; c < channels; c++) {
        dot += change(before, c) * change(at, c);
        into += change(before, c) ** 2;
        out += change(at, c) ** 2;
      }
      total.bands++;
      total.pixels += i - begun;
      if (dot > BANDED.cosine * Math.sqrt(into * out)) total.goOn++;
    }
    begun = i;
  }
}
