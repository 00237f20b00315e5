import type { Picture } from '../image/picture.ts';
import { type Coefficients, fromBlocks, toBlocks } from './blocks.ts';
import { AREA } from './dct.ts';
import type { JpegComponent } from './file.ts';
import { downsample, type Plane, sharpen, upsample } from './sampling.ts';
import { fromPlanes, type Planes, toPlanes } from './ycbcr.ts';

/** What the file of a decoded picture holds, as far as the pixels show it. */
export interface Decoded {
  /** Of each component: its coefficients, multiples of its steps where they are certain. */
  readonly components: readonly Coefficients[];
  /** Of each component, per block: 1 where decoding the coefficients again gives the pixels that are there. */
  readonly certain: readonly Uint8Array[];
  /** Root mean square of what decoding leaves, over all samples, in 1/255. */
  readonly error: number;
}

/** Rounds of guessing what was clipped; text on white takes three. */
const ROUNDS = 6;

/**
 * Finds the coefficients that a JPEG's pixels were decoded from. Samples at black or white may have been beyond and
 * blocks at the border reach past it: there what the last round decoded stands in, until it explains what is seen.
 *
 * @param picture its top left corner on the grid of the blocks of all components.
 * @param components luma alone, or with Cb and Cr.
 */
export function findCoefficients(picture: Picture, components: readonly JpegComponent[]): Decoded {
  const { colour, channels, width, height } = picture;
  const size = { width, height };
  let blocks: Coefficients[] | undefined;
  let observed = colour;
  for (let round = 0; ; round++) {
    const planes = toPlanes(observed, channels);
    blocks = samplesOf(planes, components, size).map((plane, c) =>
      rounded(toBlocks(plane, blocks?.[c]), components[c].table),
    );
    const decoded = decode(blocks, components, size);
    const guessed = beyondRange(colour, decoded);
    if (round === ROUNDS) return judged(picture, components, blocks, decoded);
    observed = guessed;
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Each component's samples, of planes at full resolution. */
export function samplesOf(planes: Planes, components: readonly JpegComponent[], size: Size): Plane[] {
  return planes.map((data, c) => {
    const means = downsample({ data, ...size }, components[c]);
    return sharpen(means, components[c], size.width, size.height);
  });
}

function rounded(blocks: Coefficients, table: Uint16Array): Coefficients {
  const { data } = blocks;
  for (let i = 0; i < data.length; i++) {
    const step = table[i % AREA];
    data[i] = step * Math.round(data[i] / step);
  }
  return blocks;
}

/** Colour of coefficients, not clipped. */
function decode(blocks: readonly Coefficients[], components: readonly JpegComponent[], { width, height }: Size) {
  const planes = blocks.map((block, c) => {
    const { across, down } = components[c];
    const samples = fromBlocks(block, Math.ceil(width / across), Math.ceil(height / down));
    return upsample(samples, components[c], width, height).data;
  });
  return fromPlanes(planes);
}

/** The picture with what was decoded beyond black or white where it is black or white. */
function beyondRange(colour: Float32Array, decoded: Float32Array): Float32Array {
  return colour.map((value, i) => {
    if (value <= 0) return Math.min(0, decoded[i]);
    return value >= 1 ? Math.max(1, decoded[i]) : value;
  });
}

/** Largest distance, in 1/255, of a decoder's sample from ours: three roundings lie between. */
const TOLERANCE = 3;

function judged(
  { colour, channels, width, height }: Picture,
  components: readonly JpegComponent[],
  blocks: Coefficients[],
  decoded: Float32Array,
): Decoded {
  const n = width * height;
  const certain = blocks.map(({ columns, rows }) => new Uint8Array(columns * rows).fill(1));
  let sum = 0;
  for (let i = 0; i < colour.length; i++) {
    const off = 255 * (Math.min(1, Math.max(0, decoded[i])) - colour[i]);
    sum += off * off;
    if (Math.abs(off) <= TOLERANCE) continue;
    const [x, y] = [i % width, Math.floor((i % n) / width)];
    blocks.forEach(({ columns }, c) => {
      const { across, down } = components[c];
      certain[c][Math.floor(y / (8 * down)) * columns + Math.floor(x / (8 * across))] = 0;
    });
  }
  return { components: blocks, certain, error: Math.sqrt(sum / (channels === 1 ? n : 3 * n)) };
}
