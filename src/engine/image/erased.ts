import { MaskError } from '../errors.ts';
import type { Mask, PlanarImage } from '../options.ts';
import { knownBelow, RIM } from './marked.ts';

export interface Erased {
  /** The picture without its holes: opaque there, or altogether. */
  readonly image: PlanarImage;
  /** 255 = known, 0 = erased. */
  readonly mask: Mask;
  readonly note: string;
}

/**
 * A picture with an erased area is its own mask: what is transparent by more than a tenth is to be filled. Undefined
 * where nothing is wholly transparent. Throws MaskError where less than half of the picture is left.
 *
 * @param image 4 planes: RGBA in [0, 1], straight alpha.
 */
export function erasedArea(image: PlanarImage): Erased | undefined {
  const { planes, width, height } = image;
  const alpha = planes.at(3);
  if (!alpha?.includes(0)) return undefined;
  const data = knownBelow(
    alpha.map((a) => 1 - a),
    width,
    height,
  );
  const left = data.reduce((sum, known) => sum + known, 0) / 255 / data.length;
  if (left < 0.5)
    throw new MaskError(
      `Only ${Math.round(100 * left)} % of the picture is opaque: it cannot be told which of the rest is to be filled. Give a mask.`,
    );
  const filled = alpha.map((a, i) => (data[i] ? a : 1));
  const opaque = filled.every((a) => a >= 1 - RIM);
  return {
    image: { width, height, planes: opaque ? planes.slice(0, 3) : [...planes.slice(0, 3), filled] },
    mask: { data, width, height },
    note: 'The picture has an erased area: what is transparent is filled.',
  };
}
