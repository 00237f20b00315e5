import { abortError } from '../errors.ts';
import { type Box, cutPicture } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import { createPool, type KernelPool } from '../nonlocal/pool.ts';
import { unhurried } from '../stopping/pace.ts';
import type { EstimateContext } from '../tasks/task.ts';
import { inTurns, turn } from '../time-slicing.ts';
import { fromBlocks } from './blocks.ts';
import { chromaByLuma, lowestSteps } from './chroma-by-luma.ts';
import { SIDE } from './dct.ts';
import { samplesOf } from './decoded.ts';
import type { JpegComponent } from './file.ts';
import type { FileTiles } from './file-tiles.ts';
import { recompressed } from './recompress.ts';
import { downsample, type Plane, upsample } from './sampling.ts';
import { pasteCore, type Tile, tilesOf } from './tiles.ts';
import { wienerResult, wienerTask } from './wiener-task.ts';
import { fromPlanes, limited, toPlanes } from './ycbcr.ts';

/** The error's standard deviation, by the mean of the four lowest frequencies' steps. */
const ERROR = 0.4;

/** How often the filter runs, each time with what came before as its guide. */
const PASSES = { fast: 1, balanced: 2, best: 2 } as const;

/**
 * The first answer to a compressed picture: each component at the resolution it was stored in, compressed again on
 * shifted grids as the guide of a Wiener filter over groups of similar patches.
 *
 * @param picture the decoded picture.
 * @param file of the components that are known; planes of others stay.
 * @returns colour in [0, 1], [channels, height, width]; not yet inside the intervals. The same for any number of workers.
 * @throws GpuUnavailableError without WebAssembly SIMD; a DOMException AbortError after the context's signal.
 */
export async function estimateFromRepetitions(
  picture: Picture,
  file: FileTiles,
  context: Omit<EstimateContext, 'seed'>,
): Promise<Float32Array> {
  const { signal, progress, quality, pace = unhurried() } = context;
  await inTurns(file.read(), signal);
  const result = { ...picture, colour: picture.colour.slice() };
  const tiles = tilesOf(picture);
  const pool = await createPool(context.host);
  const abort = () => pool.dispose();
  signal?.addEventListener('abort', abort);
  let [next, done] = [0, 0];
  const lane = async () => {
    while (next < tiles.length && pace.allows((next + 1) / tiles.length)) {
      if (signal?.aborted) throw abortError();
      const tile = tiles[next++];
      const part = cutPicture(picture, tile.whole);
      pasteCore(
        result,
        tile,
        await pace.time(() => estimateTile(part, tile, file, pool, PASSES[quality], signal)),
      );
      if (signal?.aborted) throw abortError();
      await progress(++done / tiles.length, function* () {
        yield;
        return result.colour;
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(pool.count, tiles.length) }, lane));
    context.ran?.(pool.devices);
  } finally {
    signal?.removeEventListener('abort', abort);
    pool.dispose();
  }
  return result.colour;
}

async function estimateTile(
  part: Picture,
  tile: Tile,
  file: FileTiles,
  pool: KernelPool,
  passes: number,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const planes = [...toPlanes(part.colour, part.channels)];
  await turn();
  const { components } = file;
  const coefficients = await inTurns(file.coefficients(part, tile), signal);
  const seen = samplesOf(planes, components, part);
  const samples = seen.map((plane, c) =>
    coefficients[c].isStored ? fromBlocks(coefficients[c], plane.width, plane.height) : plane,
  );
  for (const [c, plane] of samples.entries()) {
    // Less than a patch: nothing to look for.
    if (plane.width < SIDE || plane.height < SIDE) continue;
    const { table } = components[c];
    let guide = await inTurns(recompressed(plane, table), signal);
    for (let pass = 1; pass <= passes; pass++) {
      const core = pass < passes || c === 0 ? { ...plane, x: 0, y: 0 } : coreOf(tile, components[c]);
      guide = await filtered(plane, guide, table, core, pool);
    }
    if (c > 0) {
      const luma = downsample({ data: planes[0], width: part.width, height: part.height }, components[c]);
      guide = await inTurns(chromaByLuma({ chroma: guide, luma, decoded: coefficients[c], table }));
    }
    await turn();
    planes[c] = upsample(guide, components[c], part.width, part.height).data;
  }
  await turn();
  return limited(fromPlanes(planes));
}

async function filtered(plane: Plane, guide: Plane, table: Uint16Array, core: Box, pool: KernelPool) {
  const variance = (ERROR * lowestSteps(table)) ** 2;
  const answer = await pool.run(() => wienerTask(plane, guide, variance, core));
  return wienerResult(plane, answer);
}

/** The core of a tile in a component's samples, from the tile's corner. */
function coreOf({ core, whole }: Tile, { across, down }: JpegComponent): Box {
  return {
    x: Math.floor((core.x - whole.x) / across),
    y: Math.floor((core.y - whole.y) / down),
    width: Math.ceil(core.width / across),
    height: Math.ceil(core.height / down),
  };
}
