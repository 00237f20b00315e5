import { areasIn, bordersIn } from './areas.ts';
import { countOf } from './binary-plane.ts';

/**
 * What a picture in two tones looks like: areas of all sizes in both colours, one within the other, with borders that are longer than of
 * what is drawn and shorter than of what is strewn. `share` of the rarer colour; `borders` by those of random pixels; `parts` of the one
 * colour in the largest area of the other, `holes` of the other in them, `sizes`: of the largest part by the one in the middle.
 */
const CUT = { share: 0.15, borders: 0.36, parts: 5, holes: 2, sizes: 50 } as const;

/** Whether a drawing of two colours looks like a picture cut in two at some tone, whichever picture. */
export function hasShapeOfCut(isLight: Uint8Array, width: number): boolean {
  const light = countOf(isLight, (set) => set === 1) / isLight.length;
  if (Math.min(light, 1 - light) < CUT.share || bordersIn(isLight, width) > CUT.borders) return false;
  const areas = areasIn(isLight, width).sort((a, b) => b.size - a.size);
  const [ground] = areas;
  const parts = areas.filter((area) => area.light !== ground.light);
  const holes = areas.length - parts.length - 1;
  if (parts.length < CUT.parts || holes < CUT.holes) return false;
  return parts[0].size >= CUT.sizes * parts[parts.length >> 1].size;
}
