import type { EncodedImage } from '../../messages.ts';
import { tileGrid } from '../../tiles.ts';
import { cropImage, fillCrop, type Raster } from '../pixels/crop.ts';
import { type DecodedImage, decodeImage } from '../pixels/decode.ts';
import { findDamage } from '../pixels/findings.ts';
import { type Box, type FillArea, growArea, knownMask, rasterise } from '../pixels/mask.ts';
import { traceOutlines } from '../pixels/outline.ts';
import { type Canvas, cutIntoParts, layPart, OVERLAP } from '../pixels/parts.ts';
import { encodePng } from '../pixels/png-file.ts';
import type { HeavyMethods } from './methods.ts';
import type { Handlers } from './rpc.ts';

interface Picture {
  readonly source: DecodedImage;
  area?: FillArea;
  /** Result pixels per source pixel. */
  scale: number;
  result?: Canvas;
}

type StudioMethods = Pick<HeavyMethods, 'open' | 'area' | 'plan' | 'cut' | 'compose' | 'encode' | 'close'>;

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
      pictures.set(key, { source, scale: 1 });
      const { width, height, format, notes } = source;
      const bitmap = await toBitmap(source);
      const small = Math.max(width, height) > PREVIEW ? await shrink(bitmap, PREVIEW) : undefined;
      const thumbnail = await shrink(small ?? bitmap, THUMBNAIL);
      const findings = findDamage(source, bytes);
      const value = { width, height, format, notes, findings, bitmap, small, thumbnail };
      return { value, transfer: [bitmap, ...(small ? [small] : []), thumbnail] };
    },
    async area({ key, shapes, grow, feather }) {
      const picture = pictureOf(key);
      const { width, height } = picture.source;
      const coverage = await rasterise(shapes, width, height);
      const area = growArea(coverage, width, height, grow, feather);
      picture.area = area;
      const overlay = area.count > 0 ? await toBitmap(weightAsAlpha(area)) : undefined;
      const outlines = traceOutlines(area);
      const crop = fillCrop(area);
      const share = area.count / (width * height);
      const { count, box } = area;
      const value = { count, share, workPixels: crop.width * crop.height, box, overlay, outlines };
      return {
        value,
        transfer: [...(overlay ? [overlay] : []), ...outlines.map(({ buffer }) => buffer as ArrayBuffer)],
      };
    },
    async plan({ key, operation, scale, maxPixels }) {
      const picture = pictureOf(key);
      const { source, area } = picture;
      const fill = operation === 'fill' && area !== undefined;
      const box = fill ? fillCrop(area) : { x: 0, y: 0, width: source.width, height: source.height };
      const parts = cutIntoParts(box, maxPixels).filter((part) => !fill || hasArea(area, part));
      picture.scale = operation === 'upscale' ? scale : 1;
      const base = await startingPoint(source, picture.scale, parts.length > 1);
      const sums = parts.length > 1 ? new Float32Array(base.width * base.height) : undefined;
      picture.result = { picture: { ...base, data: base.data.slice() }, base, sums };
      return { value: parts, transfer: [] };
    },
    async cut({ key, operation, box }) {
      const { source, area } = pictureOf(key);
      const image = cropImage(source, box);
      const mask = operation === 'fill' && area ? knownMask(area, box) : undefined;
      return { value: { image, mask }, transfer: [image.data.buffer, ...(mask ? [mask.buffer] : [])] };
    },
    async compose({ key, operation, patch, box }) {
      const { result, area, scale } = pictureOf(key);
      if (!result) throw new Error('There is no result to lay a part into yet.');
      layPart(result, {
        patch,
        x: Math.round(box.x * scale),
        y: Math.round(box.y * scale),
        fade: Math.round(OVERLAP * scale),
        ...(operation === 'fill' && area && { weight: area.weight }),
      });
      const { width, height } = result.picture;
      const bitmap = await toBitmap(result.picture);
      const small = Math.max(width, height) > PREVIEW ? await shrink(bitmap, PREVIEW) : undefined;
      return { value: { bitmap, small, width, height }, transfer: [bitmap, ...(small ? [small] : [])] };
    },
    async encode({ key }) {
      const { result, source } = pictureOf(key);
      if (!result) throw new Error('There is no result to encode yet.');
      const value = await encodeTiles(result.picture, source);
      return { value, transfer: value.tiles.map(({ png }) => png.buffer as ArrayBuffer) };
    },
    async close({ key }) {
      pictures.delete(key);
      return { value: null, transfer: [] };
    },
  };
}

export function toBitmap({ data, width, height }: Raster): Promise<ImageBitmap> {
  return createImageBitmap(new ImageData(data, width, height));
}

function shrink(bitmap: ImageBitmap, side: number): Promise<ImageBitmap> {
  const scale = side / Math.max(bitmap.width, bitmap.height);
  return createImageBitmap(bitmap, {
    resizeWidth: Math.max(1, Math.round(bitmap.width * scale)),
    resizeHeight: Math.max(1, Math.round(bitmap.height * scale)),
    resizeQuality: 'medium',
  });
}

function hasArea({ weight, width }: FillArea, box: Box): boolean {
  for (let y = box.y; y < box.y + box.height; y++)
    if (weight.subarray(y * width + box.x, y * width + box.x + box.width).some((value) => value > 0))
      return true;
  return false;
}

/**
 * What the parts are laid over. Only a run in several parts that is stopped early leaves any of it to be seen: the
 * source as it was, or plainly enlarged.
 */
async function startingPoint(source: DecodedImage, scale: number, enlarge: boolean): Promise<Raster> {
  const [width, height] = [Math.round(source.width * scale), Math.round(source.height * scale)];
  if (scale === 1) return source;
  if (!enlarge) return { data: new Uint8ClampedArray(width * height * 4), width, height };
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  const bitmap = await toBitmap(source);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return {
    data: context.getImageData(0, 0, width, height).data as Uint8ClampedArray<ArrayBuffer>,
    width,
    height,
  };
}

function weightAsAlpha({ weight, width, box }: FillArea): Raster {
  const data = new Uint8ClampedArray(box.width * box.height * 4).fill(255);
  for (let y = 0, i = 3; y < box.height; y++)
    for (let x = 0; x < box.width; x++, i += 4) data[i] = weight[(box.y + y) * width + box.x + x]!;
  return { data, width: box.width, height: box.height };
}

/** Figma takes at most 4096 px a side: larger results go in pieces. */
async function encodeTiles(image: Raster, { colour }: DecodedImage): Promise<EncodedImage> {
  const { width, height } = image;
  const tiles = [];
  for (const box of tileGrid(image)) {
    const whole = box.width === width && box.height === height;
    const { data } = whole ? image : cropImage(image, box);
    tiles.push({ ...box, png: await encodePng(data, box.width, box.height, colour) });
  }
  return { width, height, tiles };
}
