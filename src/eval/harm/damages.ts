import sharp, { type Sharp } from 'sharp';
import { type DamageOptions, damage } from '../../damage/damage.ts';
import type { PlanarImage } from '../../engine/options.ts';
import { normal, streamKey, uniform } from '../../engine/random.ts';
import { encodeImage } from '../../node/encode.ts';
import { decodeImage, type FileImage } from '../../node/image-file.ts';

/** What a diagnosis can find. */
export const FINDINGS = ['noise', 'impulse', 'jpeg', 'dither', 'dust', 'halftone', 'bands'] as const;
export type Finding = (typeof FINDINGS)[number];

/** One way to damage an undamaged picture. */
export interface Damage {
  /** What is to be found; undefined = nothing. */
  readonly finding?: Finding;
  /** Too weak to be seen: found or not, both are right. */
  readonly faint?: boolean;
  /** Only for pictures with a photograph in them, as it happens to those alone. */
  readonly ofPhotographs?: boolean;
  /** Whether a picture can suffer it; default: any can. */
  suits?(format: FileImage['format']): boolean;
  apply(image: FileImage, seed: number): Promise<FileImage>;
}

const by = (options: DamageOptions) => async (image: FileImage, seed: number) =>
  (await damage(image, { ...options, seed })).image;

const jpeg = (quality: number) => (image: FileImage) => recoded(image, (png) => sharp(png).jpeg({ quality }));

/** By name; levels in the usual units: σ in 1/255, photons at white, JPEG quality, share of pixels in %. */
export const DAMAGES = {
  none: { apply: async (image: FileImage) => image },
  'noise-2': { finding: 'noise', faint: true, apply: by({ noise: 2 }) },
  'noise-5': { finding: 'noise', apply: by({ noise: 5 }) },
  'noise-9': { finding: 'noise', apply: by({ noise: 9 }) },
  'noise-10': { finding: 'noise', apply: by({ noise: 10 }) },
  'noise-25': { finding: 'noise', apply: by({ noise: 25 }) },
  'shot-60': { finding: 'noise', ofPhotographs: true, apply: by({ shot: 60 }) },
  'grain-9': { finding: 'noise', ofPhotographs: true, apply: async (image, seed) => grain(image, 9, seed) },
  'chroma-14': {
    finding: 'noise',
    ofPhotographs: true,
    suits: ({ grey }) => !grey,
    apply: (image, seed) => jpeg(90)(blotches(image, 14, seed, 1.6)),
  },
  'chroma-14-wide': {
    finding: 'noise',
    ofPhotographs: true,
    suits: ({ grey }) => !grey,
    apply: (image, seed) => jpeg(90)(blotches(image, 14, seed, 4)),
  },
  'noise-15-jpeg-90': {
    finding: 'noise',
    ofPhotographs: true,
    apply: async (image, seed) => jpeg(90)(await by({ noise: 15 })(image, seed)),
  },
  'jpeg-20': { finding: 'jpeg', apply: jpeg(20) },
  'jpeg-50': { finding: 'jpeg', apply: jpeg(50) },
  'jpeg-80': { finding: 'jpeg', faint: true, apply: jpeg(80) },
  'jpeg-20-as-png': { finding: 'jpeg', apply: async (image) => asPng(await jpeg(20)(image)) },
  'jpeg-50-as-png': { finding: 'jpeg', apply: async (image) => asPng(await jpeg(50)(image)) },
  'jpeg-80-as-png': { finding: 'jpeg', faint: true, apply: async (image) => asPng(await jpeg(80)(image)) },
  'gif-16': {
    finding: 'dither',
    ofPhotographs: true,
    suits: ({ alpha }) => !alpha,
    apply: (image) => recoded(image, (png) => sharp(png).gif({ colours: 16, dither: 1 })),
  },
  'gif-16-flat': {
    finding: 'bands',
    faint: true,
    ofPhotographs: true,
    suits: ({ alpha }) => !alpha,
    apply: (image) => recoded(image, (png) => sharp(png).gif({ colours: 16, dither: 0 })),
  },
  'salt-1': { finding: 'impulse', apply: async (image, seed) => saltAndPepper(image, 0.01, seed) },
  'salt-5': { finding: 'impulse', apply: async (image, seed) => saltAndPepper(image, 0.05, seed) },
  scratches: { finding: 'dust', ofPhotographs: true, apply: by({ scratches: 6 }) },
} as const satisfies Record<string, Damage>;
export type DamageName = keyof typeof DAMAGES;
export const DAMAGE_NAMES = Object.keys(DAMAGES) as DamageName[];

/** Damages a picture as its name says, rounded to what a file of its format holds; same seed, same result. */
export async function damaged(image: FileImage, name: DamageName, seed: number): Promise<FileImage> {
  const made: FileImage = await DAMAGES[name].apply(image, seed);
  return rounded(made, made);
}

/** As a file of such samples holds it. */
export function rounded<T extends PlanarImage>(image: T, { format }: FileImage): T {
  const white = format.bits === 16 ? 65535 : 255;
  return { ...image, planes: image.planes.map((plane) => plane.map((x) => Math.round(x * white) / white)) };
}

/** Through another file format and back, its bytes kept if they are a JPEG's; alpha stays as it was. */
async function recoded(image: FileImage, encode: (png: Buffer) => Sharp): Promise<FileImage> {
  const { grey, alpha } = image.format;
  const colours = grey ? image.planes.slice(0, 1) : image.planes.slice(0, 3);
  const png = await encodeImage('x.png', { ...image, planes: colours }, { bits: 8, grey, alpha: false });
  const coded = await decodeImage(await encode(png).toBuffer());
  if (!alpha) return coded;
  const planes = [0, 1, 2].map((c) => coded.planes[Math.min(c, coded.planes.length - 1)]);
  return { ...image, planes: [...planes, image.planes[3]], format: { ...image.format, bits: 8 } };
}

const asPng = ({ file: _, ...image }: FileImage): FileImage => image;

type Change = (value: number, at: number, channel: number) => number;

/** Changes colour samples; grey with alpha keeps its three planes alike. */
function changed(image: FileImage, change: Change): FileImage {
  const planes = image.planes.map((plane, channel) =>
    channel === 3
      ? plane
      : plane.map((value, at) =>
          Math.min(1, Math.max(0, change(value, at, image.format.grey ? 0 : channel))),
        ),
  );
  return { ...image, planes };
}

/** Noise of unit variance, smeared by a Gaussian of this width, px. */
export function smearedNoise(width: number, height: number, spread: number, key: number): Float32Array {
  const reach = Math.ceil(3 * spread);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, k) =>
    Math.exp(-((k - reach) ** 2) / (2 * spread ** 2)),
  );
  // Each axis sums independent values: their variance grows by the sum of squares.
  const norm = Math.sqrt(weights.reduce((sum, weight) => sum + weight ** 2, 0));
  const [w, h] = [width + 2 * reach, height + 2 * reach];
  const white = Float32Array.from({ length: w * h }, (_, i) => normal(key, i));
  const rows = new Float32Array(width * h);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < width; x++)
      for (let k = 0; k < weights.length; k++)
        rows[y * width + x] += (weights[k] / norm) * white[y * w + x + k];
  return Float32Array.from({ length: width * height }, (_, i) =>
    weights.reduce((sum, weight, k) => sum + (weight / norm) * rows[i + k * width], 0),
  );
}

/** As a scanner gives it: one grain for all colours, a little soft. */
export function grain(image: FileImage, sigma: number, seed: number): FileImage {
  const noise = smearedNoise(image.width, image.height, 0.7, streamKey(seed, 21));
  return changed(image, (value, at) => value + (sigma / 255) * noise[at]);
}

/** As a camera's own filter leaves it at night: colours in coarse blotches, brightness nearly clean. */
function blotches(image: FileImage, sigma: number, seed: number, spread: number): FileImage {
  const channels = [22, 23, 24].map((stream) =>
    smearedNoise(image.width, image.height, spread, streamKey(seed, stream)),
  );
  const scale = (sigma / 255) * Math.sqrt(3 / 2);
  return changed(image, (value, at, channel) => {
    const mean = (channels[0][at] + channels[1][at] + channels[2][at]) / 3;
    return image.format.grey ? value : value + scale * (channels[channel][at] - mean);
  });
}

function saltAndPepper(image: FileImage, share: number, seed: number): FileImage {
  const key = streamKey(seed, 25);
  return changed(image, (value, at) =>
    uniform(key, 2 * at) < share ? Math.round(uniform(key, 2 * at + 1)) : value,
  );
}
