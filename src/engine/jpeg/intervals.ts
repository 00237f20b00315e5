import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { type Coefficients, fromBlocks, toBlocks } from './blocks.ts';
import { AREA, SIDE } from './dct.ts';
import { samplesOf } from './decoded.ts';
import type { JpegComponent } from './file.ts';
import { downsample, type Plane, sharpen, upsample } from './sampling.ts';
import { fromPlanes, limited, toPlanes } from './ycbcr.ts';

/**
 * Rounds between the intervals and the range of colours at most: each brings what was cut off nearer to what the file has. Until no sample is
 * cut by more than this.
 */
const ROUNDS = 10;
const CUT = 0.5 / 255;

/**
 * Puts an estimate where compressing it again gives the file's coefficients: each within a share of half its step from
 * the decoded one, in luma and chroma, by projections onto convex sets in turn with [0, 1] (Zakhor, IEEE Trans. CSVT
 * 1992). Planes whose component is not known keep to the picture's.
 *
 * @param picture the decoded picture, its top left corner on the grid of the blocks.
 * @param colour the estimate, [channels, height, width].
 * @param coefficients of each component, as `findCoefficients` has them.
 * @param reach share of half a step, 0 … 1, of the first round: where samples are cut off there may be no colour so near to the decoded one, and all of
 *   the interval is the file's. Of 14 JPEGs a saturated one lost 1.4 dB without, now + .4, and + .18 in the mean.
 * @returns colour in [0, 1]; its coefficients are inside but for what that takes: less than 1/255 a pixel.
 */
export function* withinIntervals(
  picture: Picture,
  colour: Float32Array,
  coefficients: readonly Coefficients[],
  components: readonly JpegComponent[],
  reach: number,
): Pieces<Float32Array> {
  const { width, height, channels } = picture;
  const seen = toPlanes(picture.colour, channels);
  // Of coefficients that were found in pixels: what was clipped, or reaches past the border, is not where they are, and where steps are
  // as fine as the rounding of samples more than one of them decodes to what is seen: the picture itself may stay as it is.
  const own: Coefficients[] = [];
  for (const samples of samplesOf(seen, components, picture)) {
    yield;
    own.push(toBlocks(samples));
  }
  let result = colour;
  for (let round = 0; round < ROUNDS; round++) {
    const planes = [...toPlanes(result, channels)];
    for (const [c, data] of planes.entries()) {
      yield;
      planes[c] = seen[c];
      if (!components[c]) continue;
      const intervals = { decoded: coefficients[c], own: own[c], reach: round === 0 ? reach : 1 };
      planes[c] = yield* changeOf({ data, width, height }, intervals, components[c]);
      for (let i = 0; i < data.length; i++) planes[c][i] += data[i];
    }
    yield;
    const wanted = fromPlanes(planes);
    yield;
    let cut = 0;
    for (const value of wanted) cut = Math.max(cut, -value, value - 1);
    result = limited(wanted);
    yield;
    if (cut <= CUT) break;
  }
  return result;
}

/** Each coefficient may be around the decoded one, or on the way from there to the picture's own. */
interface Intervals {
  readonly decoded: Coefficients;
  readonly own: Coefficients;
  readonly reach: number;
}

/** What has to be added to a plane, at full resolution. */
function* changeOf(
  plane: Plane,
  { decoded, own, reach }: Intervals,
  component: JpegComponent,
): Pieces<Float32Array> {
  const samples = downsample(plane, component);
  const change = toBlocks(samples);
  yield;
  // Chroma that was up-sampled is smoother than what was compressed, but for its mean, which decoders round by half of one.
  const uncertain = component.table[0] <= SIDE;
  const isFull = component.across * component.down === 1;
  for (let i = 0; i < change.data.length; i++) {
    const half = (reach * component.table[i % AREA]) / 2;
    const value = change.data[i];
    const from = decoded.data[i];
    const mayStay = !decoded.isStored && (isFull || (uncertain && i % AREA === 0));
    const other = mayStay ? own.data[i] : from;
    const least = Math.min(from - half, other);
    const most = Math.max(from + half, other);
    change.data[i] = Math.min(most, Math.max(least, value)) - value;
  }
  yield;
  const changed = fromBlocks(change, samples.width, samples.height);
  yield;
  const sharp = sharpen(changed, component, plane.width, plane.height);
  return upsample(sharp, component, plane.width, plane.height).data;
}
