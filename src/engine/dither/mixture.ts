import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';

/**
 * Colours mix where one lies in the other as dots, along rows as much as along columns, which stripes do not: so large a share of the places
 * at which two meet tells that they do `not`, and that they do for `sure`; of those that meet `seldom` less is told. What is farther apart
 * than `range`, 1/255 in a channel, is mixed on purpose, as dots to be seen. Chosen on crops of eight photographs.
 */
const MIXED = { not: 0.25, sure: 0.5, seldom: 4, least: 3, range: 80 } as const;

/** Most colours of a file that has taken some away. */
const MOST = 256;

/** Which colours of a picture are dithered. */
export interface Mixture {
  /** The number of each pixel's colour. [height, width] */
  readonly colourAt: Uint8Array;
  readonly colours: number;
  /** How sure it is that two colours are mixed, 0 … 1; each is with itself. [colours, colours] */
  readonly mixed: Float32Array;
  /** Of the places at which colours meet, the share at which they are mixed. */
  readonly share: number;
  /** Of how many others a colour has neighbours: the perplexity of a neighbour's colour where one's own is known. */
  readonly company: number;
  /** How far what mixes lies apart, in samples: the root mean square of distances. */
  readonly step: number;
  /** Share of the pixels that have the colour of all around them. */
  readonly flat: number;
}

/** Which colours an opaque picture of few mixes, as error diffusion and ordered dither do; undefined of others. */
export function* mixtureIn(picture: Picture): Pieces<Mixture | undefined> {
  const { width, height } = picture;
  const numbered = picture.alpha ? undefined : yield* numberedColours(picture);
  if (!numbered) return undefined;
  const { colourAt, palette } = numbered;
  const colours = palette.length / picture.channels;
  const meet = new Float32Array(colours ** 2);
  const dots = [meet.slice(), meet.slice()];
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 1; x < width; x++) countMeeting(row + x, 1, x > 1, dots[0]);
    for (let x = 0; y > 0 && x < width; x++) countMeeting(row + x, width, y > 1, dots[1]);
    yield;
  }
  let [met, mixing, apart] = [0, 0, 0];
  const mixed = meet.map((places, pair) => {
    const [a, b] = [Math.floor(pair / colours), pair % colours];
    if (a === b) return 1;
    met += places;
    const away = distances(palette, colours, a, b);
    if (places < MIXED.least || Math.max(...away) > MIXED.range) return 0;
    const share = (2 * Math.min(dots[0][pair], dots[1][pair])) / (places + MIXED.seldom);
    const sure = Math.min(1, Math.max(0, (share - MIXED.not) / (MIXED.sure - MIXED.not)));
    mixing += sure * places;
    apart += sure * places * away.reduce((sum, d) => sum + d ** 2, 0);
    return sure;
  });
  const [share, step] = [mixing / (met || 1), Math.sqrt(apart / (mixing || 1)) / 255];
  const [company, flat] = [companyOf(meet, colours), yield* flatShare(colourAt, width, height)];
  return { colourAt, colours, mixed, share, company, step, flat };

  /** Of a pixel and the one a step before it, and the one before that where there `isThird`. */
  function countMeeting(at: number, step: number, isThird: boolean, dotsOf: Float32Array): void {
    const [a, b] = [colourAt[at], colourAt[at - step]];
    if (a === b) return;
    const isDot = isThird && colourAt[at - 2 * step] === a;
    for (const pair of [a * colours + b, b * colours + a]) {
      meet[pair]++;
      if (isDot) dotsOf[pair] += 2;
    }
  }
}

/** By how often colours meet. [colours, colours] */
function companyOf(meet: Float32Array, colours: number): number {
  let [met, entropy] = [0, 0];
  for (let a = 0; a < colours; a++) {
    const places = meet.subarray(a * colours, (a + 1) * colours);
    const all = places.reduce((sum, n) => sum + n, 0);
    met += all;
    for (const n of places) if (n > 0) entropy += n * Math.log(all / n);
  }
  return Math.exp(entropy / (met || 1));
}

/** How far two colours lie apart in each channel, 1/255. */
const distances = (palette: readonly number[], colours: number, a: number, b: number): number[] =>
  Array.from({ length: palette.length / colours }, (_, c) =>
    Math.abs(palette[c * colours + a] - palette[c * colours + b]),
  );

/** Share of the pixels within a picture that have the colour of all eight around them. */
function* flatShare(colourAt: Uint8Array, width: number, height: number): Pieces<number> {
  let flat = 0;
  for (let y = 1; y + 1 < height; y++) {
    for (let x = 1; x + 1 < width; x++) {
      const at = y * width + x;
      let same = true;
      for (let row = at - width; same && row <= at + width; row += width)
        for (let i = row - 1; i <= row + 1; i++) same &&= colourAt[i] === colourAt[at];
      if (same) flat++;
    }
    yield;
  }
  return flat / ((width - 2) * (height - 2));
}

/** Each pixel's colour by number, and the colours, 1/255, [channels, colours]; undefined where there are too many. */
function* numberedColours({ colour, channels, width, height }: Picture) {
  const n = width * height;
  const numbers = new Map<number, number>();
  const colourAt = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    if (i % width === 0) yield;
    let key = 0;
    for (let c = 0; c < channels; c++) key = 256 * key + Math.round(255 * colour[c * n + i]);
    let number = numbers.get(key);
    if (number === undefined) {
      if (numbers.size === MOST) return undefined;
      number = numbers.size;
      numbers.set(key, number);
    }
    colourAt[i] = number;
  }
  const palette = Array.from({ length: channels }, (_, c) =>
    Array.from(numbers.keys(), (key) => Math.floor(key / 256 ** (channels - 1 - c)) % 256),
  ).flat();
  return { colourAt, palette };
}
