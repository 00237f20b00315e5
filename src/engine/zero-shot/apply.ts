import type { Run } from '../executors/executor.ts';
import type { Failover } from '../executors/failover.ts';
import { withRun } from '../executors/with-run.ts';
import type { Size } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import { clampPlanes } from '../image/premultiply.ts';
import { compileForward } from '../plan/compile.ts';
import { type IsOver, never } from '../stopping/pace.ts';
import { turn } from '../time-slicing.ts';
import { centred, GAIN, GRID, networkFor } from './network.ts';

/** Pictures are worked on in tiles of this side, px, that overlap by twice what the network sees around a pixel. */
const TILE = 288;
const HALO = 24;

/** A tile of an axis: where it starts, and which of its samples count. */
interface Tile {
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/** One of the eight views of a tile. */
interface View {
  readonly transposed: boolean;
  readonly mirrorX: boolean;
  readonly mirrorY: boolean;
}

interface Application {
  /** Channels of the network, and its parameters: the answers of several are averaged. */
  readonly channels: number;
  readonly thetas: readonly Float32Array[];
  /** Mirrored and transposed views whose answers are averaged, 1 … 8. */
  readonly views: number;
  readonly signal?: AbortSignal;
  /** Asked before each tile whether the time is: what was not seen in all views is the mean of those it was seen in. */
  readonly over?: IsOver;
  /** Said after each tile, with the share that is done; may throw. */
  watch?(done: number): Promise<void>;
}

/** Adds what the networks say is missing of a plain enlargement. */
export async function applyNetworks(
  failover: Failover,
  picture: Picture,
  { channels, thetas, views, signal, over = never, watch }: Application,
): Promise<Picture> {
  const { width, height, channels: planes } = picture;
  const size = { width: tileSide(width), height: tileSide(height) };
  const colour = picture.colour.slice();
  const share = 1 / (GAIN * views * thetas.length);
  const tasks = tasksOf(picture, thetas, views);
  let done = 0;
  for (const transposed of [false, true]) {
    const ours = tasks.filter(({ view }) => view.transposed === transposed);
    const [w, h] = transposed ? [size.height, size.width] : [size.width, size.height];
    const { graph, objective } = networkFor(w, h, planes, channels);
    let next = 0;
    const work = async (run: Run) => {
      let loaded: Float32Array | undefined;
      for (; next < ours.length && !over(); next++) {
        const { theta, ...tile } = ours[next];
        await turn();
        if (theta !== loaded) run.write('theta', theta);
        loaded = theta;
        run.write('blurred', seen(picture, size, tile));
        await run.steps(1);
        add(colour, picture, size, tile, await run.read('image'), share);
        await watch?.(++done / tasks.length);
      }
    };
    if (ours.length > 0 && !over()) await withRun(failover, compileForward(graph, objective), signal, work);
  }
  if (done < tasks.length) meansOfSeen(colour, picture, tasks, done);
  return { ...picture, colour: clampPlanes(colour, planes) };
}

/** After `done` tasks each tile's sum, of shares of all, becomes the mean of the views that it was seen in. */
function meansOfSeen(sums: Float32Array, picture: Picture, tasks: readonly Place[], done: number): void {
  const { width, height, channels } = picture;
  const tiles = tilesOf(height).flatMap((row) => tilesOf(width).map((column) => ({ row, column })));
  const passes = tasks.length / tiles.length;
  for (const [i, { row, column }] of tiles.entries()) {
    const seen = Math.floor(done / tiles.length) + (i < done % tiles.length ? 1 : 0);
    if (seen === 0) continue;
    for (let c = 0; c < channels; c++)
      for (let y = row.start + row.from; y < row.start + row.to; y++) {
        const line = (c * height + y) * width + column.start;
        for (let at = line + column.from; at < line + column.to; at++)
          sums[at] = picture.colour[at] + (passes / seen) * (sums[at] - picture.colour[at]);
      }
  }
}

/** Where a network is applied, and how it sees it. */
interface Place {
  readonly column: Tile;
  readonly row: Tile;
  readonly view: View;
}

function tasksOf(
  { width, height }: Picture,
  thetas: readonly Float32Array[],
  views: number,
): (Place & { readonly theta: Float32Array })[] {
  const [columns, rows] = [tilesOf(width), tilesOf(height)];
  const seenAs = Array.from({ length: views }, (_, v): View => {
    return { transposed: (v & 1) !== 0, mirrorX: (v & 2) !== 0, mirrorY: (v & 4) !== 0 };
  });
  return thetas.flatMap((theta) =>
    seenAs.flatMap((view) => rows.flatMap((row) => columns.map((column) => ({ theta, view, row, column })))),
  );
}

const tileSide = (n: number) => Math.min(TILE, GRID * Math.ceil(n / GRID));

/** As few tiles as cover n samples; each counts up to the middle of where it overlaps the next. */
function tilesOf(n: number): Tile[] {
  const count = n <= TILE ? 1 : 1 + Math.ceil((n - TILE) / (TILE - 2 * HALO));
  const starts = Array.from({ length: count }, (_, i) =>
    count === 1 ? 0 : Math.round((i * (n - TILE)) / (count - 1)),
  );
  const seams = starts.slice(1).map((start, i) => Math.floor((starts[i] + TILE + start) / 2));
  return starts.map((start, i) => ({
    start,
    from: i === 0 ? 0 : seams[i - 1] - start,
    to: (i === count - 1 ? n : seams[i]) - start,
  }));
}

/** Where a sample of a tile lies in a view of it. */
function placeIn({ transposed, mirrorX, mirrorY }: View, { width, height }: Size) {
  return (x: number, y: number) => {
    const [u, v] = [mirrorX ? width - 1 - x : x, mirrorY ? height - 1 - y : y];
    return transposed ? u * height + v : v * width + u;
  };
}

/** A view of a tile as the network sees it; beyond the picture its last samples go on. */
function seen(picture: Picture, size: Size, { column, row, view }: Place): Float32Array {
  const { width, height, channels, colour } = picture;
  const place = placeIn(view, size);
  const n = size.width * size.height;
  const out = new Float32Array(channels * n);
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < size.height; y++) {
      const line = (c * height + Math.min(height - 1, row.start + y)) * width;
      for (let x = 0; x < size.width; x++)
        out[c * n + place(x, y)] = centred(colour[line + Math.min(width - 1, column.start + x)]);
    }
  return out;
}

function add(
  colour: Float32Array,
  { width, height, channels }: Picture,
  size: Size,
  { column, row, view }: Place,
  answer: Float32Array,
  share: number,
): void {
  const place = placeIn(view, size);
  const n = size.width * size.height;
  for (let c = 0; c < channels; c++)
    for (let y = row.from; y < row.to; y++) {
      const line = (c * height + row.start + y) * width + column.start;
      for (let x = column.from; x < column.to; x++) colour[line + x] += share * answer[c * n + place(x, y)];
    }
}
