/** The geometry of gather.ts: which samples an output is made of, how the work is cut, what a workgroup stages. */
import { ceilDiv } from '../wgsl.ts';

/** Along one axis, what an output is made of. */
export interface Axis {
  /** Source samples per unit: the stride of a forward convolution, else 1. */
  readonly step: number;
  /** Outputs per unit: the stride of an input gradient, else 1. */
  readonly outs: number;
  /** For output `part` of a unit: which taps reach it, and at which offset from the unit's source sample. */
  readonly taps: readonly (readonly { tap: number; offset: number }[])[];
  readonly sourceSize: number;
  readonly outSize: number;
  /** Source samples that count once more: the fold of a reflected border, ∂/∂x of x[reflect(j)]. */
  readonly folds: readonly { out: number; tap: number; offset: number; extra: number }[];
}

/** out[i] = Σ_k w[k] · x[reflect(i·stride + k − pad)] */
export function forwardAxis(size: number, kernel: number, stride: number): Axis {
  const pad = (kernel - 1) / 2;
  const taps = [Array.from({ length: kernel }, (_, k) => ({ tap: k, offset: k - pad }))];
  return { step: stride, outs: 1, taps, sourceSize: size, outSize: ceilDiv(size, stride), folds: [] };
}

/**
 * dx[i] = Σ_t w[t] · dy[(i + pad − t) / stride] where that is whole and inside, plus the same sum at every padded
 * place j outside the image that reflection mapped to i.
 */
export function backwardAxis(size: number, kernel: number, stride: number): Axis {
  const pad = (kernel - 1) / 2;
  const sourceSize = ceilDiv(size, stride);
  const taps = Array.from({ length: stride }, (_, part) =>
    Array.from({ length: kernel }, (_, tap) => ({ tap, offset: (part + pad - tap) / stride })).filter(
      ({ offset }) => Number.isInteger(offset),
    ),
  );
  const folds: { out: number; tap: number; offset: number; extra: number }[] = [];
  for (let j = -pad; j < size + pad; j++) {
    if (j >= 0 && j < size) continue;
    const out = j < 0 ? -j : 2 * (size - 1) - j;
    for (let tap = 0; tap < kernel; tap++) {
      const extra = (j + pad - tap) / stride;
      if (!Number.isInteger(extra) || extra < 0 || extra >= sourceSize) continue;
      const part = out % stride;
      const offset = (part + pad - tap) / stride;
      folds.push({ out, tap, offset, extra });
    }
  }
  return { step: 1, outs: stride, taps, sourceSize, outSize: size, folds };
}

/** How the work is cut: threads along x, y and output channels; rows and channels (a multiple of 4) per thread. */
export interface Tile {
  readonly lanesX: number;
  readonly lanesY: number;
  readonly groups: number;
  readonly rows: number;
  readonly channels: number;
  /** Source channels staged at a time. */
  readonly slice: number;
}

/** A gather's axes and how it is cut. */
export interface Tiling {
  readonly rows: Axis;
  readonly cols: Axis;
  readonly tile: Tile;
}

/** Columns of one offset: the taps and output parts that read them, and the lanes that read a folded sum instead. */
interface ColumnClass {
  readonly offset: number;
  readonly uses: { part: number; tap: number }[];
  readonly overrides: { unit: number; extra: number }[];
}

export interface Layout {
  readonly minY: number;
  readonly minX: number;
  readonly tileX: number;
  readonly tileY: number;
  readonly stagedRows: number;
  readonly stagedCols: number;
  /** Columns of even parity come first when the step is 2, so that lanes still read neighbours. */
  readonly half: number;
  readonly pitch: number;
  readonly extras: { unit: number; offset: number; extra: number }[];
  readonly classes: ColumnClass[];
  readonly threads: number;
  readonly quads: number;
  readonly threadQuads: number;
}

export function layoutOf({ rows, cols, tile }: Tiling): Layout {
  const offsets = (axis: Axis) => axis.taps.flat().map(({ offset }) => offset);
  const minY = Math.min(...offsets(rows));
  const minX = Math.min(...offsets(cols));
  const tileX = tile.lanesX;
  const tileY = tile.lanesY * tile.rows;
  const stagedRows = rows.step * (tileY - 1) + Math.max(...offsets(rows)) - minY + 1;
  const stagedCols = cols.step * (tileX - 1) + Math.max(...offsets(cols)) - minX + 1;
  const half = cols.step === 2 ? ceilDiv(stagedCols, 2) : stagedCols;
  const extras: Layout['extras'] = [];
  const classes: ColumnClass[] = [];
  const plainCols = cols.step * half;
  cols.taps.forEach((taps, part) => {
    for (const { tap, offset } of taps) {
      const overrides = cols.folds
        .filter((fold) => fold.tap === tap && fold.out % cols.outs === part)
        .map((fold) => {
          const unit = Math.floor(fold.out / cols.outs);
          return { unit, extra: plainCols + extras.push({ unit, offset, extra: fold.extra }) - 1 };
        });
      const shared = classes.find((c) => c.offset === offset && c.overrides.length === 0);
      if (overrides.length === 0 && shared) shared.uses.push({ part, tap });
      else classes.push({ offset, uses: [{ part, tap }], overrides });
    }
  });
  let pitch = plainCols + extras.length;
  // Two rows of 16 lanes make a warp: half a turn of the 32 banks apart they do not collide.
  if (tile.lanesX === 16 && tile.lanesY > 1)
    while (((pitch * rows.step * tile.rows) % 32) % 16 !== 0 && pitch < plainCols + 8) pitch++;
  const threads = tile.lanesX * tile.lanesY * tile.groups;
  const threadQuads = tile.channels / 4;
  const quads = tile.groups * threadQuads;
  return {
    minY,
    minX,
    tileX,
    tileY,
    stagedRows,
    stagedCols,
    half,
    pitch,
    extras,
    classes,
    threads,
    quads,
    threadQuads,
  };
}

/** Bytes of workgroup memory a tile needs. */
export function gatherMemory(gather: Tiling & { readonly kernel: number }): number {
  const { stagedRows, pitch, quads } = layoutOf(gather);
  const weights = gather.kernel ** 2 * quads * 4;
  return 4 * gather.tile.slice * (stagedRows * pitch + weights);
}
