import type { Size } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import { areSame } from '../image/same.ts';
import type { Pieces } from '../time-slicing.ts';
import { type Coefficients, fromBlocks, toBlocks } from './blocks.ts';
import { AREA, SIDE } from './dct.ts';
import type { JpegComponent } from './file.ts';
import { downsample, type Plane, sampledSize, sharpen, upsample } from './sampling.ts';
import { fromPlanes, limited, type Planes, toPlanes } from './ycbcr.ts';

/** What the file of a decoded picture holds, as far as the pixels show it. */
interface Decoded {
  /** Of each component: its coefficients, multiples of its steps, the most likely ones where they are not certain. */
  readonly coefficients: readonly Coefficients[];
  /** Of each component, per block: 1 where decoding the multiples again gives the pixels that are there. */
  readonly certain: readonly Uint8Array[];
}

/** Rounds of guessing what was clipped; text on white takes three. */
const ROUNDS = 4;

/**
 * Finds the coefficients that a JPEG's pixels were decoded from. Samples at black or white may have been beyond and
 * blocks at the border reach past it: there what the last round decoded stands in, until it explains what is seen.
 *
 * @param picture its top left corner on the grid of the blocks of all components.
 * @param components luma alone, or with Cb and Cr; planes of a coloured picture that are not known are as they are seen.
 */
export function* findCoefficients(picture: Picture, components: readonly JpegComponent[]): Pieces<Decoded> {
  const { colour, channels, width, height } = picture;
  let blocks: Coefficients[] = [];
  let observed = colour;
  for (let round = 0; ; round++) {
    const planes = toPlanes(observed, channels);
    yield;
    const samples = samplesOf(planes, components, picture);
    const before = blocks;
    blocks = [];
    const known: Float32Array[] = [];
    for (const [c, plane] of samples.entries()) {
      yield;
      blocks.push(rounded(toBlocks(plane, before[c]), components[c].table));
      yield;
      known.push(toPlane(blocks[c], components[c], width, height));
    }
    yield;
    const decoded = fromPlanes([...known, ...planes.slice(known.length)]);
    yield;
    if (round === ROUNDS || !reachesBeyond(colour, decoded) || isSettled(blocks, before)) {
      return { coefficients: blocks, certain: whatFits(picture, components, blocks, decoded) };
    }
    observed = decoded;
    for (let i = 0; i < colour.length; i++) if (!isBeyond(colour[i], decoded[i])) observed[i] = colour[i];
  }
}

/** Another round would find the same again. */
const isSettled = (blocks: readonly Coefficients[], before: readonly Coefficients[]): boolean =>
  before.length > 0 && blocks.every(({ data }, c) => areSame(data, before[c].data));

/** Each component's samples as a decoder had them, of planes at full resolution. */
export function samplesOf(
  planes: Planes,
  components: readonly JpegComponent[],
  { width, height }: Size,
): Plane[] {
  return components.map((component, c) => {
    const means = downsample({ data: planes[c], width, height }, component);
    return sharpen(means, component, width, height);
  });
}

function rounded({ data, ...size }: Coefficients, table: Uint16Array): Coefficients {
  for (let i = 0; i < data.length; i++) data[i] = table[i % AREA] * Math.round(data[i] / table[i % AREA]);
  return { ...size, data };
}

/** The pixels of a component, from its coefficients. */
function toPlane(blocks: Coefficients, component: JpegComponent, width: number, height: number) {
  const { across, down } = component;
  const samples = fromBlocks(blocks, sampledSize(width, across), sampledSize(height, down));
  return upsample(samples, component, width, height).data;
}

const isBeyond = (value: number, decoded: number) =>
  (value <= 0 && decoded < 0) || (value >= 1 && decoded > 1);

function reachesBeyond(colour: Float32Array, decoded: Float32Array): boolean {
  for (let i = 0; i < colour.length; i++) if (isBeyond(colour[i], decoded[i])) return true;
  return false;
}

/** Largest distance, in 1/255, of a decoder's sample from ours: three roundings lie between. */
const TOLERANCE = 3;

/** Of each component, which blocks lie wholly in the picture and were decoded to what is seen. */
function whatFits(
  { colour, width, height }: Picture,
  components: readonly JpegComponent[],
  blocks: readonly Coefficients[],
  decoded: Float32Array,
): Uint8Array[] {
  const n = width * height;
  const fits = blocks.map(({ columns, rows }, c) => {
    const [w, h] = [SIDE * components[c].across, SIDE * components[c].down];
    return Uint8Array.from({ length: columns * rows }, (_, b) =>
      Number(((b % columns) + 1) * w <= width && (Math.floor(b / columns) + 1) * h <= height),
    );
  });
  for (let i = 0; i < colour.length; i++) {
    const off = Math.min(1, Math.max(0, decoded[i])) - colour[i];
    if (Math.abs(off) <= TOLERANCE / 255) continue;
    const x = i % width;
    const y = Math.floor((i % n) / width);
    components.forEach(({ across, down }, c) => {
      fits[c][Math.floor(y / (SIDE * down)) * blocks[c].columns + Math.floor(x / (SIDE * across))] = 0;
    });
  }
  return fits;
}

/** Pixels that are judged together, [UNIT, UNIT]: the most that a block of any component spans. */
const UNIT = 2 * SIDE;
/** Share of a unit's samples that may be farther off: at a tile's border chroma is enlarged without what lies beyond. */
const FEW = 0.25;

/**
 * Whether a decoder makes of these coefficients what is seen, everywhere: it cuts the samples of each component, too, before it
 * enlarges them. A part that is another may be what was painted since, or damaged in the file.
 */
export function* decodesTo(
  { colour, channels, width, height }: Picture,
  components: readonly JpegComponent[],
  coefficients: readonly Coefficients[],
): Pieces<boolean> {
  const planes = [...toPlanes(colour, channels)];
  for (const [c, component] of components.entries()) {
    yield;
    const { across, down } = component;
    const samples = fromBlocks(coefficients[c], sampledSize(width, across), sampledSize(height, down));
    const data = samples.data.map((value) => Math.min(127, Math.max(-128, value)));
    yield;
    planes[c] = upsample({ ...samples, data }, component, width, height).data;
  }
  yield;
  const decoded = limited(fromPlanes(planes));
  yield;
  const columns = Math.ceil(width / UNIT);
  const counts = Array.from({ length: columns * Math.ceil(height / UNIT) }, () => ({ all: 0, off: 0 }));
  for (let i = 0; i < colour.length; i++) {
    const y = Math.floor(i / width) % height;
    const unit = counts[Math.floor(y / UNIT) * columns + Math.floor((i % width) / UNIT)];
    unit.all++;
    if (!(Math.abs(decoded[i] - colour[i]) <= TOLERANCE / 255)) unit.off++; // what is no number, too
  }
  return counts.every(({ all, off }) => off <= FEW * all);
}
