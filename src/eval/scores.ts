import { type AnyImage, toPicture, toPlanes } from '../engine/image/picture.ts';
import { psnr, ssim } from '../engine/metrics.ts';
import type { Case } from './cases.ts';
import { textureRatio } from './texture.ts';

/** dB, and structural similarity over the whole image. */
export interface Scores {
  readonly psnr: number;
  readonly ssim: number;
  /** Of holes: how rough they are, by what lies around. */
  readonly texture?: number;
}

/**
 * How near an image is to the case's original, by the habits of each task's literature: luma without a border of the
 * factor's width for up-scaling, the filled pixels alone for inpainting, all RGB samples else.
 */
export function scoresOf({ kind, clean, mask }: Case, image: AnyImage): Scores {
  const factor = kind.damage.downscale;
  if (factor !== undefined) {
    const protocol = { luma: true, border: Math.ceil(factor) };
    return { psnr: psnr(image, clean, protocol), ssim: ssim(image, clean, protocol) };
  }
  const structure = ssim(image, clean);
  if (!mask) return { psnr: psnr(image, clean), ssim: structure };
  let hole = 0;
  for (const known of mask.data) if (known <= 127) hole++;
  // Known pixels agree exactly, so the error of the whole is the error of the hole, diluted.
  const share = hole / mask.data.length;
  const texture = textureRatio(toPlanes(toPicture(image)), mask);
  return {
    psnr: psnr(image, clean) + 10 * Math.log10(share),
    ssim: structure,
    ...(Number.isFinite(texture) ? { texture } : {}),
  };
}
