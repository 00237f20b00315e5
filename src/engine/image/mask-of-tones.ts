import type { PlanarImage } from '../options.ts';
import { areasIn } from './areas.ts';
import { countOf, marks, rarerOf } from './binary-plane.ts';
import { binsOf } from './binned.ts';
import type { Size } from './box.ts';
import { boxMeans } from './box-means.ts';
import { distanceTo } from './distance.ts';
import { isLaidOn } from './mask-border.ts';
import { predicted, type Samples } from './predicted.ts';

/** Looked at: so many samples at most, and only where both colours have this share. */
const LOOK = { samples: 5000, share: 0.02 } as const;
/** How far the boxes of means of means reach on each side, px, for the picture blurred; the last is of a box once, as of local thresholds. */
const REACHES = [1, 2, 4, 7, 11] as const;
const AROUND = 12;
/** What is learnt in one half of such squares, so many a side, is tried in the other. */
const SQUARES = 4;
/** An area counts from this share of the picture on, and these px. */
const AREA = { share: 2e-4, least: 9 } as const;
/** An area that is lost is of one colour: samples this near, so many. */
const FLAT = { within: 0.004, share: 0.85 } as const;
/** Strokes of writing lie within so many px of their ground, or this share of the shorter side, but for this share of them. */
const WRITING = { share: 0.2, reach: 4, side: 0.02, thick: 0.02 } as const;
/**
 * Of a cut the tones tell so many of the samples that are `nearest` to where the colours part, half of them on either side, and no more
 * of all wrongly than so many times those that the rarer colour has. Chosen on 480 masks, half of them cuts.
 */
const CUT = { nearest: 0.2, told: { few: 0.85, many: 0.7 }, wrong: 0.3 } as const;
/** Someone who draws leaves few areas, and few specks. */
const FEW = { areas: 8, specks: 3 } as const;

/**
 * Whether a drawing of two colours is the picture cut in two at some tone, as a threshold or two colours for all of it do, also of the
 * picture blurred or against what is around: its tones tell what is marked all along the border. They do of what was laid on the
 * picture, too, of lost areas of one colour and of strokes, as of dates and scratches. Who selected an area along the picture's own edges,
 * as of a sky, is asked: that is rare.
 *
 * @param light [height, width] 0 … 1, of the picture's size.
 */
export function isCutAtTone(picture: PlanarImage, light: Float32Array): boolean {
  if (light.length !== picture.width * picture.height) return false;
  const isLight = marks(light, (t) => t >= 0.5);
  if (rarerShare(isLight) < LOOK.share) return false;
  const few = isOfFew(isLight, picture.width);
  if (few && isLaidOn(picture, isLight)) return false;
  const colours = coloursOf(picture);
  const bins = binsOf(picture);
  const drawn = marks(bins.of(new Float32Array(isLight)), (t) => t >= 0.5);
  const samples = sampled(colours, isLight, picture);
  if (isWriting(drawn, bins) || isFlat(samples, rarerOf(isLight))) return false;
  const small = colours.map(bins.of);
  const views = sampled([...small, ...small.flatMap((plane) => viewsOf(plane, bins))], drawn, bins);
  const said = predicted(views, views.half);
  const wrong = countOf(said, (value, k) => value > 0 !== (views.is[k] === 1));
  if (wrong > CUT.wrong * rarerShare(views.is) * said.length) return false;
  return rightOf(said, views.is, CUT.nearest) >= CUT.told[few ? 'few' : 'many'];
}

function isOfFew(isLight: Uint8Array, width: number): boolean {
  const least = Math.max(AREA.least, AREA.share * isLight.length);
  const areas = areasIn(isLight, width);
  const large = areas.filter(({ size }) => size >= least).length;
  return large <= FEW.areas && areas.length - large <= FEW.specks;
}

const coloursOf = ({ planes }: PlanarImage) => planes.slice(0, planes.length < 3 ? 1 : 3);

function isWriting(drawn: Uint8Array, { width, height }: Size): boolean {
  const share = rarerShare(drawn);
  const set = rarerOf(drawn);
  const far = Math.max(WRITING.reach, WRITING.side * Math.min(width, height));
  const around = drawn.map((inside) => (inside === set ? 0 : 1));
  const thick = countOf(distanceTo(around, width, height), (d) => d > far);
  return share <= WRITING.share && thick <= WRITING.thick * share * drawn.length;
}

/** The share of the colour that has less. */
function rarerShare(isLight: Uint8Array): number {
  const rarer = rarerOf(isLight);
  return countOf(isLight, (set) => set === rarer) / isLight.length;
}

function viewsOf(plane: Float32Array, { width, height }: Size): Float32Array[] {
  const twice = (reach: number) => boxMeans(boxMeans(plane, width, height, reach), width, height, reach);
  return [...REACHES.map(twice), boxMeans(plane, width, height, AROUND)];
}

interface Looked extends Samples {
  readonly half: Uint8Array;
}

function sampled(planes: readonly Float32Array[], isLight: Uint8Array, { width, height }: Size): Looked {
  const n = isLight.length;
  const at = Uint32Array.from({ length: Math.min(n, LOOK.samples) }, (_, k) =>
    Math.floor((k * n) / Math.min(n, LOOK.samples)),
  );
  const half = Uint8Array.from(at, (i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return (Math.floor((x * SQUARES) / width) + Math.floor((y * SQUARES) / height)) % 2;
  });
  const features = planes.map((plane) => Float32Array.from(at, (i) => plane[i]));
  return { features, half, is: Uint8Array.from(at, (i) => isLight[i]) };
}

function isFlat({ features, is }: Samples, side: number): boolean {
  const colours = features.map((feature) => feature.filter((_, k) => is[k] === side));
  const middle = colours.map((values) => values.slice().sort()[values.length >> 1]);
  const near = colours[0].filter((_, k) =>
    colours.every((values, c) => Math.abs(values[k] - middle[c]) <= FLAT.within),
  );
  return near.length >= FLAT.share * colours[0].length;
}

/** Of the samples nearest to the tone that parts the colours best, half of them on either side, the share that lies on its side of it. */
function rightOf(tones: Float32Array, isLight: Uint8Array, nearest: number): number {
  const order = Uint32Array.from(tones, (_, k) => k).sort((a, b) => tones[a] - tones[b]);
  let [lead, least, border] = [0, 0, 0];
  order.forEach((k, rank) => {
    lead += isLight[k] ? 1 : -1;
    if (lead < least) [least, border] = [lead, rank + 1];
  });
  const reach = Math.min(Math.round((nearest / 2) * order.length), border, order.length - border);
  if (reach < 0.1 * nearest * order.length) return 0;
  let right = 0;
  for (let rank = border - reach; rank < border + reach; rank++)
    if (isLight[order[rank]] === (rank < border ? 0 : 1)) right++;
  return right / (2 * reach);
}
