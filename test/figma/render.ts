/** Pixels of the double's scenes, by librsvg. */
import sharp from 'sharp';
import type { Picture } from '../../figma-double/double.ts';
import { drawSvg } from '../../figma-double/svg.ts';

export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export class Renderer {
  readonly images = new Map<string, { bytes: Uint8Array; width: number; height: number }>();

  private svg(scene: Picture, box: Box, scale: number): Buffer {
    return Buffer.from(
      drawSvg(scene, box, scale, (hash) => {
        const image = this.images.get(hash);
        if (!image) return undefined;
        const type = image.bytes[0] === 0xff ? 'jpeg' : 'png';
        const href = `data:image/${type};base64,${Buffer.from(image.bytes).toString('base64')}`;
        return { href, width: image.width, height: image.height };
      }),
    );
  }

  async png(scene: Picture, box: Box, scale: number): Promise<Uint8Array> {
    return new Uint8Array(
      await sharp(this.svg(scene, box, scale))
        .png()
        .toBuffer(),
    );
  }

  /** RGBA, straight alpha. */
  async pixels(scene: Picture, box: Box, scale: number): Promise<Pixels> {
    return decode(await this.png(scene, box, scale));
  }
}

export async function decode(file: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

/** PNG of RGBA pixels. */
export async function encode({ data, width, height }: Pixels): Promise<Uint8Array> {
  return new Uint8Array(
    await sharp(data, { raw: { width, height, channels: 4 } })
      .png()
      .toBuffer(),
  );
}

/** A picture whose every pixel tells its own column (red) and row (green), `step` levels apart. */
export function coordinateImage(width: number, height: number, step = 1): Pixels {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++)
    data.set([(i % width) * step, Math.floor(i / width) * step, 128, 255], i * 4);
  return { data, width, height };
}
