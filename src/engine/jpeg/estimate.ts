import { abortError } from '../errors.ts';
import { cutPicture } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import type { EstimateContext } from '../tasks/task.ts';
import { inTurns, type Pieces } from '../turns.ts';
import { SIDE } from './dct.ts';
import { samplesOf } from './decoded.ts';
import type { JpegComponent } from './file.ts';
import { recompressed } from './recompress.ts';
import { upsample } from './sampling.ts';
import { pasteCore, type Tile, tilesOf } from './tiles.ts';
import { wiener } from './wiener.ts';
import { fromPlanes, toPlanes } from './ycbcr.ts';

/** The error's standard deviation, by the mean of the four lowest frequencies' steps. */
const ERROR = 0.4;

/**
 * The first answer to a compressed picture: each component at the resolution it was stored in, compressed again on
 * shifted grids as the guide of a Wiener filter over groups of similar patches.
 *
 * @param picture the decoded picture.
 * @param components those that are known; planes of others stay.
 * @returns colour in [0, 1], [channels, height, width]; not yet inside the intervals.
 * @throws a DOMException AbortError after the context's signal.
 */
export async function estimateFromRepetitions(
  picture: Picture,
  components: readonly JpegComponent[],
  { signal, progress }: Pick<EstimateContext, 'signal' | 'progress'>,
): Promise<Float32Array> {
  const result = { ...picture, colour: picture.colour.slice() };
  const tiles = tilesOf(picture);
  for (const [i, tile] of tiles.entries()) {
    if (signal?.aborted) throw abortError();
    pasteCore(result, tile, await inTurns(estimateTile(cutPicture(picture, tile.whole), tile, components)));
    await progress((i + 1) / tiles.length, () => result.colour);
  }
  return result.colour;
}

function* estimateTile(
  part: Picture,
  { core, whole }: Tile,
  components: readonly JpegComponent[],
): Pieces<Float32Array> {
  const planes = [...toPlanes(part.colour, part.channels)];
  const samples = samplesOf(planes, components, part);
  for (const [c, plane] of samples.entries()) {
    const { table, across, down } = components[c];
    // Less than a patch: nothing to look for.
    if (plane.width < SIDE || plane.height < SIDE) continue;
    const guide = yield* recompressed(plane, table);
    const inside = {
      x: Math.floor((core.x - whole.x) / across),
      y: Math.floor((core.y - whole.y) / down),
      width: Math.ceil(core.width / across),
      height: Math.ceil(core.height / down),
    };
    const restored = yield* wiener(plane, guide, varianceOf(table), inside);
    planes[c] = upsample(restored, components[c], part.width, part.height).data;
  }
  return fromPlanes(planes).map((value) => Math.min(1, Math.max(0, value)));
}

function varianceOf(table: Uint16Array): number {
  const mean = (table[0] + table[1] + table[SIDE] + table[SIDE + 1]) / 4;
  return (ERROR * mean) ** 2;
}
