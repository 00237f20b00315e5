import { type EncodedImage, MAX_IMAGE_SIDE } from '../../messages.ts';
import { blendPatch, cropImage, fillCrop, type Raster } from '../pixels/crop.ts';
import { type DecodedImage, decodeImage } from '../pixels/decode.ts';
import { findDamage } from '../pixels/findings.ts';
import { type FillArea, growArea, knownMask, rasterise } from '../pixels/mask.ts';
import { traceOutlines } from '../pixels/outline.ts';
import { encodePng } from '../pixels/png-file.ts';
import type { HeavyMethods } from './methods.ts';
import type { Handlers } from './rpc.ts';

interface Picture {
  readonly source: DecodedImage;
  area?: FillArea;
  result?: Raster;
}

type StudioMethods = Pick<HeavyMethods, 'open' | 'area' | 'prepare' | 'compose' | 'encode' | 'close'>;

const THUMBNAIL = 64;

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
      const bitmap = await toBitmap(source);
      const thumbnail = await shrink(bitmap);
      const findings = findDamage(source, source.jpegQuality);
      const value = { width, height, format, notes, findings, bitmap, thumbnail };
      return { value, transfer: [bitmap, thumbnail] };
    },
    async area({ key, shapes, grow, feather }) {
      const picture = pictureOf(key);
      const { width, height } = picture.source;
      const coverage = await rasterise(shapes, width, height);
      const area = growArea(coverage, width, height, grow, feather);
      picture.area = area;
      const overlay = await toBitmap({ data: weightAsAlpha(area.weight), width, height });
      const outlines = traceOutlines(area);
      const crop = fillCrop(area);
      const share = area.count / (width * height);
      const value = { count: area.count, share, workPixels: crop.width * crop.height, overlay, outlines };
      return { value, transfer: [overlay, ...outlines.map(({ buffer }) => buffer as ArrayBuffer)] };
    },
    async prepare({ key, operation }) {
      const { source, area } = pictureOf(key);
      if (operation !== 'fill' || !area) {
        const box = { x: 0, y: 0, width: source.width, height: source.height };
        const image = { data: source.data.slice(), width: source.width, height: source.height };
        return { value: { image, mask: undefined, box }, transfer: [image.data.buffer] };
      }
      const box = fillCrop(area);
      const image = cropImage(source, box);
      const mask = knownMask(area, box);
      return { value: { image, mask, box }, transfer: [image.data.buffer, mask.buffer] };
    },
    async compose({ key, operation, patch, box }) {
      const picture = pictureOf(key);
      const { source, area } = picture;
      picture.result = operation === 'fill' && area ? blendPatch(source, patch, box, area) : patch;
      const { width, height } = picture.result;
      const bitmap = await toBitmap(picture.result);
      return { value: { bitmap, width, height }, transfer: [bitmap] };
    },
    async encode({ key }) {
      const { result, source } = pictureOf(key);
      if (!result) throw new Error('There is no result to encode yet.');
      const value = await encodeTiles(result, source);
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

function shrink(bitmap: ImageBitmap): Promise<ImageBitmap> {
  const scale = THUMBNAIL / Math.max(bitmap.width, bitmap.height);
  return createImageBitmap(bitmap, {
    resizeWidth: Math.max(1, Math.round(bitmap.width * scale)),
    resizeHeight: Math.max(1, Math.round(bitmap.height * scale)),
    resizeQuality: 'medium',
  });
}

function weightAsAlpha(weight: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const data = new Uint8ClampedArray(weight.length * 4).fill(255);
  for (let i = 0; i < weight.length; i++) data[4 * i + 3] = weight[i]!;
  return data;
}

/** Figma takes at most 4096 px a side: larger results go in pieces without overlap. */
async function encodeTiles(image: Raster, { colour }: DecodedImage): Promise<EncodedImage> {
  const { width, height } = image;
  const tiles = [];
  for (let y = 0; y < height; y += MAX_IMAGE_SIDE)
    for (let x = 0; x < width; x += MAX_IMAGE_SIDE) {
      const box = {
        x,
        y,
        width: Math.min(MAX_IMAGE_SIDE, width - x),
        height: Math.min(MAX_IMAGE_SIDE, height - y),
      };
      const whole = box.width === width && box.height === height;
      const { data } = whole ? image : cropImage(image, box);
      tiles.push({ ...box, png: await encodePng(data, box.width, box.height, colour) });
    }
  return { width, height, tiles };
}
