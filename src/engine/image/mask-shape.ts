import { spreadOf } from '../quantile.ts';
import { areasIn, bordersIn } from './areas.ts';
import { countOf, marks } from './binary-plane.ts';
import { binsOf } from './binned.ts';
import type { Size } from './box.ts';
import { boxMeans } from './box-means.ts';
import { distanceTo } from './distance.ts';
import { neighboursOf } from './marked.ts';

/**
 * What a picture in two tones looks like: areas of all sizes in both colours, one within the other, with borders that are longer than of
 * what is drawn and shorter than of what is strewn. `share` of the rarer colour; `borders` by those of random pixels; `parts` of the one
 * colour in the largest area of the other, `holes` of the other in them, `sizes`: of the largest part by the one in the middle.
 */
const CUT = { share: 0.15, borders: 0.36, parts: 5, holes: 2, sizes: 50 } as const;
/**
 * A stroke fills its border's length times half its width, a disc .4 of that; what is filled less, and is of uneven width along its
 * middle, by so much of its mean, nobody draws. `least` px of such an area. Chosen on 720 masks: it holds of half the cuts, whichever
 * picture's, and of two drawings of 280.
 */
const UNEVEN = { least: 60, fills: 0.3, varies: 0.35 } as const;

/** Dots have borders nearly as long as random pixels; boxes that reach so far, px, differ by so much in how many they hold. */
const DOTS = { borders: 0.5, reach: 4, spread: 0.15 } as const;

/** Whether a drawing of two colours, [height, width] 0 … 1, looks like a picture cut in two at some tone, whichever picture. */
export function hasShapeOfCut(drawn: Float32Array, size: Size): boolean {
  const bins = binsOf(size);
  const isLight = marks(bins.of(drawn), (t) => t >= 0.5);
  const light = countOf(isLight, (set) => set === 1) / isLight.length;
  const rarer = light > 0.5 ? isLight.map((set) => 1 - set) : isLight;
  const borders = bordersIn(isLight, bins.width);
  if (Math.min(light, 1 - light) >= CUT.share)
    if (borders > CUT.borders ? isDithered(isLight, borders, bins) : isNested(isLight, bins.width))
      return true;
  return hasUneven(rarer, bins);
}

/** Dots that tell tones by how many there are, here few and there many; lost pixels are strewn evenly. */
function isDithered(isLight: Uint8Array, borders: number, { width, height }: Size): boolean {
  if (borders < DOTS.borders) return false;
  return spreadOf(boxMeans(new Float32Array(isLight), width, height, DOTS.reach)) >= DOTS.spread;
}

function isNested(isLight: Uint8Array, width: number): boolean {
  const areas = areasIn(isLight, width).sort((a, b) => b.size - a.size);
  const [ground] = areas;
  const parts = areas.filter((area) => area.light !== ground.light);
  const holes = areas.length - parts.length - 1;
  if (parts.length < CUT.parts || holes < CUT.holes) return false;
  return parts[0].size >= CUT.sizes * parts[parts.length >> 1].size;
}

/** Whether an area of what is set is of a shape that nobody draws; pixels are of one area that touch. */
function hasUneven(set: Uint8Array, { width, height }: Size): boolean {
  const around = set.map((inside) => 1 - inside);
  if (!around.includes(1)) return false;
  const depth = distanceTo(around, width, height);
  const seen = around.slice();
  for (let first = 0; first < seen.length; first++) {
    if (seen[first]) continue;
    const area = [first];
    seen[first] = 1;
    for (const i of area)
      for (const j of neighboursOf(i, width, height)) {
        if (seen[j]) continue;
        seen[j] = 1;
        area.push(j);
      }
    if (area.length >= UNEVEN.least && isUneven(area, depth, width)) return true;
  }
  return false;
}

function isUneven(area: readonly number[], depth: Float32Array, width: number): boolean {
  const height = depth.length / width;
  let [border, most, sum, squares, ridge] = [0, 0, 0, 0, 0];
  for (const i of area) {
    const sides = [i % width > 0 && i - 1, i % width < width - 1 && i + 1, i - width, i + width];
    border += sides.filter((j) => j === false || !(depth[j] > 0)).length;
    most = Math.max(most, depth[i]);
    if (neighboursOf(i, width, height).some((j) => depth[j] > depth[i] + 1e-6)) continue;
    ridge++;
    sum += depth[i];
    squares += depth[i] ** 2;
  }
  if (area.length >= UNEVEN.fills * border * (most - 0.5)) return false;
  const mean = sum / ridge;
  return squares / ridge - mean ** 2 >= (UNEVEN.varies * mean) ** 2;
}
