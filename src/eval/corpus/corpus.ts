import { InvalidOptionError } from '../../engine/errors.ts';
import type { FileImage } from '../../node/image-file.ts';
import { Dice } from './dice.ts';
import { type Drawing, render } from './draw.ts';
import { engraving, icon, lineArt, logo, map } from './kinds/graphics.ts';
import { desktop, panel } from './kinds/panels.ts';
import { illustrated, ownPhotograph, photograph } from './kinds/photographs.ts';
import { checkerboard, dithered, halftone, modules, pixelArt, stripes } from './kinds/pixels.ts';
import { comic, diagram, illustration, plot } from './kinds/scenes.ts';
import { code, paragraph, pixelLetters, table } from './kinds/text.ts';
import { texture } from './kinds/textures.ts';
import { flat, gradient, sky } from './kinds/tones.ts';

/** One undamaged picture. */
export interface CorpusPicture {
  /** `KIND-NUMBER`, a file name without an ending. */
  readonly name: string;
  readonly kind: KindName | 'photo';
  readonly image: FileImage;
}

type Drawn = FileImage | Drawing;
type Draw = (dice: Dice, index: number) => Drawn | Promise<Drawn>;

/** How many of each kind there are, and who draws them: what comes in turn comes by the index, all else by the dice. */
const KINDS = {
  text: { count: 48, draw: paragraph },
  'pixel-letters': { count: 12, draw: pixelLetters },
  table: { count: 20, draw: table },
  code: { count: 14, draw: code },
  panel: { count: 36, draw: panel },
  desktop: { count: 4, draw: desktop },
  map: { count: 14, draw: map },
  'line-art': { count: 14, draw: lineArt },
  engraving: { count: 8, draw: engraving },
  comic: { count: 10, draw: comic },
  diagram: { count: 12, draw: diagram },
  plot: { count: 10, draw: plot },
  illustration: { count: 10, draw: illustration },
  icon: { count: 28, draw: icon },
  logo: { count: 12, draw: logo },
  'pixel-art': { count: 24, draw: pixelArt },
  dithered: { count: 18, draw: dithered },
  checkerboard: { count: 12, draw: checkerboard },
  modules: { count: 12, draw: modules },
  stripes: { count: 8, draw: stripes },
  gradient: { count: 20, draw: gradient },
  halftone: { count: 8, draw: halftone },
  flat: { count: 8, draw: flat },
  sky: { count: 12, draw: sky },
  texture: { count: 24, draw: texture },
  illustrated: { count: 10, draw: illustrated },
  photograph: { count: 20, draw: photograph },
} as const satisfies Record<string, { count: number; draw: Draw }>;
export type KindName = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as KindName[];

interface CropOptions {
  /** Another seed cuts elsewhere; default 0. */
  readonly seed?: number;
  /** Crops of each photograph; default 3. */
  readonly crops?: number;
  /** Shortest and longest side of a crop, px; default 128 and 256. */
  readonly sides?: readonly [number, number];
}

/** Crops of the pictures in those files, `photo-NUMBER`: as undamaged as they are. */
export async function* cropPhotographs(
  paths: readonly string[],
  { seed = 0, crops = 3, sides = [128, 256] }: CropOptions = {},
): AsyncGenerator<CorpusPicture> {
  for (let index = 0; index < crops * paths.length; index++) {
    const name = nameOf('photo', index);
    const image = await ownPhotograph(new Dice(seed, name), paths[index % paths.length], sides);
    yield { name, kind: 'photo', image };
  }
}

const nameOf = (kind: string, index: number) => `${kind}-${String(index).padStart(2, '0')}`;

/** Share of the opaque pictures that are stored with alpha all the same, as some programs save screenshots. */
const STORED_WITH_ALPHA = 0.1;

interface CorpusOptions {
  /** Another seed draws other words, colours, sizes and shapes of the same kinds; default 0. */
  readonly seed?: number;
  /** Default: all. */
  readonly kinds?: readonly KindName[];
  /** At most so many of each kind; default: all. */
  readonly count?: number;
}

/** Undamaged pictures of many kinds, made by code alone; same options, same pictures. Throws InvalidOptionError. */
export async function* drawCorpus(options: CorpusOptions = {}): AsyncGenerator<CorpusPicture> {
  const { seed = 0, kinds = KIND_NAMES, count = Number.POSITIVE_INFINITY } = options;
  for (const kind of kinds) {
    if (!(kind in KINDS)) throw InvalidOptionError.of('kinds', `some of ${KIND_NAMES.join(',')}`, kind);
    for (let index = 0; index < Math.min(count, KINDS[kind].count); index++) {
      const name = nameOf(kind, index);
      const dice = new Dice(seed, name);
      const drawn = await KINDS[kind].draw(dice, index);
      const image = 'shapes' in drawn ? await render(drawn) : drawn;
      yield { name, kind, image: dice.chance(STORED_WITH_ALPHA) ? withAlpha(image) : image };
    }
  }
}

function withAlpha(image: FileImage): FileImage {
  const { planes, format } = image;
  if (format.alpha) return image;
  const colours = format.grey ? [planes[0], planes[0], planes[0]] : planes;
  return { ...image, planes: [...colours, planes[0].map(() => 1)], format: { ...format, alpha: true } };
}
