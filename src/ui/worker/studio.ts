import { sampleBoxes } from '../../engine/estimate/sample.ts';
import { cutRaster } from '../../engine/image/box.ts';
import {
  type Defects,
  describeDefects,
  describeOverlays,
  findDefects,
  withOverlays,
} from '../../engine/index.ts';
import { tileGrid } from '../../wire/tiles.ts';
import { fillCrop, layPatch, type Raster } from '../pixels/crop.ts';
import { type DecodedImage, decodeImage } from '../pixels/decode.ts';
import { findContent, findDamage } from '../pixels/findings.ts';
import { type FillArea, growArea, isSoft, knownMask, rasterise } from '../pixels/mask.ts';
import { traceOutlines } from '../pixels/outline.ts';
import { encodePng, isOpaque } from '../pixels/png-encoder.ts';
import { fromStencil } from '../pixels/stencil.ts';
import type { Layer, Piece, Stroke, WorkerMethods } from './methods.ts';
import type { Handlers } from './rpc.ts';

interface Picture {
  readonly source: DecodedImage;
  found?: Defects;
  /** 255 where scratches and dust were found, and what of writing is meant. */
  defects?: Uint8Array;
  area?: FillArea;
  /** What is not to be copied into it. */
  avoided?: FillArea | undefined;
  result?: Raster;
}

type StudioMethods = Pick<
  WorkerMethods,
  'open' | 'area' | 'propose' | 'sample' | 'cut' | 'compose' | 'encode' | 'close' | 'specimen'
>;

const THUMBNAIL = 64;
/** Above this side, px, a smaller copy is made for the preview. */
const PREVIEW = 1280;

/** Keeps the pixels: opens files, draws areas to fill, puts results together and encodes them. */
export function createStudio(): Handlers<StudioMethods> {
  const pictures = new Map<string, Picture>();
  const pictureOf = (key: string): Picture => {
    const picture = pictures.get(key);
    if (!picture) throw new Error(`No image is open under "${key}".`);
    return picture;
  };
  return {
    async open({ key, bytes, expected }) {
      const source = await decodeImage(bytes, expected);
      pictures.set(key, { source });
      const { width, height, format, notes } = source;
      const layer = await toLayer(source);
      const thumbnail = await shrink(layer.small ?? layer.bitmap, THUMBNAIL);
      const diagnosis = findDamage(source, bytes);
      const translucent = source.stencil !== undefined || !isOpaque(source.data);
      const content = findContent(source);
      const value = { width, height, format, notes, diagnosis, content, ...layer, thumbnail, translucent };
      return { value, transfer: [...bitmapsOf(layer), thumbnail] };
    },
    async area(request) {
      const picture = pictureOf(request.key);
      const { area, soft } = await markedArea(picture, request);
      picture.area = area;
      picture.avoided = await avoidedBy(request.strokes, area.width, area.height);
      return shownArea(area, picture.avoided, soft);
    },
    async propose({ key, writing }) {
      const picture = pictureOf(key);
      picture.found ??= findDefects(picture.source);
      const { found } = picture;
      const { data } = writing ? withOverlays(found) : found.mask;
      picture.defects = data.map((known) => 255 - known);
      const count = found.defects.length + (writing ? found.overlays.length : 0);
      const words = [describeDefects(found), describeOverlays(found)].filter(Boolean).join(' ');
      return { value: { count, words, leaves: !writing && found.overlays.length > 0 }, transfer: [] };
    },
    async sample({ key }) {
      const { source } = pictureOf(key);
      const value = stack(
        sampleBoxes({ ...source, channels: [0, 1, 2], step: 4 }).map((box) => cutRaster(source, box)),
      );
      return { value, transfer: [value.data.buffer] };
    },
    async cut({ key, operation }) {
      const { source, area, avoided } = pictureOf(key);
      const fill = operation === 'fill' && area !== undefined;
      const box = fill ? fillCrop(area) : { x: 0, y: 0, width: source.width, height: source.height };
      const image = cutRaster(source, box);
      const mask = fill ? knownMask(area, box) : undefined;
      const copyFrom = fill && avoided ? knownMask(avoided, box) : undefined;
      const planes = [mask, copyFrom].flatMap((plane) => plane?.buffer ?? []);
      return { value: { image, box, mask, copyFrom }, transfer: [image.data.buffer, ...planes] };
    },
    async compose({ key, inArea, patch, box }) {
      const picture = pictureOf(key);
      const { source, area } = picture;
      const result = inArea && area ? layPatch(source, patch, box, area.weight) : patch;
      picture.result = result;
      const layer = await toLayer(result);
      const { width, height } = result;
      return { value: { ...layer, width, height }, transfer: bitmapsOf(layer) };
    },
    async encode({ key, index }) {
      const { result, source } = pictureOf(key);
      if (!result) throw new Error('There is no result to encode yet.');
      const value = await encodePiece(result, source, index);
      return { value, transfer: [value.png.buffer as ArrayBuffer] };
    },
    async specimen({ side }) {
      const data = new Uint8ClampedArray(4 * side * side).fill(255);
      for (let i = 0, at = 0; i < side * side; i++, at += 4)
        for (let c = 0; c < 3; c++) data[at + c] = (i >> (4 + c)) + 8 * hashUnit(3 * i + c);
      const png = await encodePng(data, side, side);
      return { value: png, transfer: [png.buffer as ArrayBuffer] };
    },
    async close({ key }) {
      pictures.delete(key);
      return { value: null, transfer: [] };
    },
  };
}

/** Noise without a memory, 0 … 1. */
function hashUnit(i: number): number {
  return (Math.imul(i ^ (i >>> 15), 0x2c1b3c6d) >>> 8) / 2 ** 24;
}

/** Equally wide images, one below the other. */
function stack(parts: readonly Raster[]): Raster {
  const { width, height } = parts[0]!;
  const data = new Uint8ClampedArray(4 * width * height * parts.length);
  parts.forEach((part, i) => {
    data.set(part.data, 4 * width * height * i);
  });
  return { data, width, height: height * parts.length };
}

/** The area to fill: what shapes, proposals and strokes mark, grown unless its edge is soft already. */
async function markedArea(
  { source: { width, height }, defects }: Picture,
  { shapes, proposed, strokes, grow, keepSoft, feather }: WorkerMethods['area']['params'],
): Promise<{ area: FillArea; soft: boolean }> {
  const found = proposed ? defects : undefined;
  const drawn = strokes.filter(({ brush }) => brush !== 'avoid');
  const coverage = await rasterise({ shapes, found, strokes: drawn }, width, height);
  const soft = keepSoft && isSoft(coverage, width, height);
  return { area: growArea(coverage, width, height, soft ? 0 : grow, feather), soft };
}

/** The area as the preview shows it, and how much work it is. */
async function shownArea(area: FillArea, avoided: FillArea | undefined, soft: boolean) {
  const { count, box } = area;
  const overlay = count > 0 ? await toBitmap(weightAsAlpha(area)) : undefined;
  const outlines = traceOutlines(area);
  const crop = fillCrop(area);
  const share = count / (area.width * area.height);
  const shown = avoided && { box: avoided.box, overlay: await toBitmap(weightAsAlpha(avoided)) };
  const workPixels = crop.width * crop.height;
  const overlays = [overlay, shown?.overlay].filter((bitmap) => bitmap !== undefined);
  return {
    value: { count, share, soft, workPixels, box, overlay, outlines, avoided: shown },
    transfer: [...overlays, ...outlines.map(({ buffer }) => buffer as ArrayBuffer)],
  };
}

/** What the strokes mark as not to be copied, where any of it is left. */
async function avoidedBy(
  strokes: readonly Stroke[],
  width: number,
  height: number,
): Promise<FillArea | undefined> {
  if (strokes.every(({ brush }) => brush !== 'avoid')) return undefined;
  const marking = strokes.filter(({ brush }) => brush !== 'draw');
  const coverage = await rasterise({ shapes: [], strokes: marking }, width, height);
  const avoided = growArea(coverage, width, height, 0, 0);
  return avoided.count > 0 ? avoided : undefined;
}

function toBitmap({ data, width, height }: Raster): Promise<ImageBitmap> {
  return createImageBitmap(new ImageData(data, width, height));
}

/** What the preview draws. */
export async function toLayer(image: Raster): Promise<Layer> {
  const bitmap = await toBitmap(image);
  const large = Math.max(image.width, image.height) > PREVIEW;
  return { bitmap, small: large ? await shrink(bitmap, PREVIEW) : undefined };
}

export function bitmapsOf({ bitmap, small }: Layer): ImageBitmap[] {
  return small ? [bitmap, small] : [bitmap];
}

function shrink(bitmap: ImageBitmap, side: number): Promise<ImageBitmap> {
  const scale = side / Math.max(bitmap.width, bitmap.height);
  return createImageBitmap(bitmap, {
    resizeWidth: Math.max(1, Math.round(bitmap.width * scale)),
    resizeHeight: Math.max(1, Math.round(bitmap.height * scale)),
    resizeQuality: 'medium',
  });
}

function weightAsAlpha({ weight, width, box }: FillArea): Raster {
  const data = new Uint8ClampedArray(box.width * box.height * 4).fill(255);
  for (let y = 0, i = 3; y < box.height; y++)
    for (let x = 0; x < box.width; x++, i += 4) data[i] = weight[(box.y + y) * width + box.x + x]!;
  return { data, width: box.width, height: box.height };
}

/** Figma takes at most 4096 px a side: larger results go in pieces. */
async function encodePiece(
  picture: Raster,
  { colour, stencil }: DecodedImage,
  index: number,
): Promise<Piece> {
  const image = stencil ? fromStencil(picture, stencil) : picture;
  const { width, height } = image;
  const boxes = tileGrid(image);
  const box = boxes[index]!;
  const { data } = boxes.length === 1 ? image : cutRaster(image, box);
  return { width, height, boxes, png: await encodePng(data, box.width, box.height, colour) };
}
