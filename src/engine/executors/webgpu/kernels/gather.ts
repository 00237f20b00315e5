import type { View } from '../../../plan/plan.ts';
import { activate, affineApply, type Bindings, type BufferRef, ceilDiv, type Kernel, roundUp } from '../wgsl.ts';

/**
 * The one convolution generator: every output is a weighted sum of source samples around it. Forward convolution and
 * its input gradient differ only in their axes (which taps reach which output) and in what lies beyond the border.
 *
 * A workgroup makes lanesX × (lanesY · rows) units × (groups · channels) output channels. For each slice of source
 * channels it stages the source tile with its halo and the weights in workgroup memory; each thread then keeps
 * rows × channels sums in registers. Lanes run along a row, so that source loads of neighbouring threads are
 * neighbours, and weights are the same for all lanes of a row.
 */
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
  /** Weights through workgroup memory (GPUs) or straight from the cache (CPU adapters). */
  readonly stageWeights: boolean;
}

export interface Gather {
  readonly label: string;
  readonly rows: Axis;
  readonly cols: Axis;
  readonly kernel: number;
  /** Beyond the border: the reflected sample, or nothing. */
  readonly border: 'reflect' | 'zero';
  readonly source: View;
  readonly out: { readonly buffer: BufferRef; readonly offset: number; readonly channels: number };
  readonly accumulate: boolean;
  /** [source channels padded to the slice][tap][output channels padded to the tile], as vec4 of outputs. */
  readonly weights: BufferRef;
  readonly weightOffset: number;
  /** vec4s of output channels in the packed weights. */
  readonly weightQuads: number;
  readonly bias: { readonly buffer: BufferRef; readonly offset: number } | null;
  readonly tile: Tile;
}

/** Columns of one offset: the taps and output parts that read them, and the lanes that read a folded sum instead. */
interface ColumnClass {
  readonly offset: number;
  readonly uses: { part: number; tap: number }[];
  readonly overrides: { unit: number; extra: number }[];
}

interface Layout {
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

function layoutOf({ rows, cols, tile }: Gather): Layout {
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
export function gatherMemory(gather: Gather): number {
  const { stagedRows, pitch, quads } = layoutOf(gather);
  const weights = gather.tile.stageWeights ? gather.kernel ** 2 * quads * 4 : 0;
  return 4 * gather.tile.slice * (stagedRows * pitch + weights);
}

/** Reads source sample (y, x) of channel c into `v`, viewed; y is already inside when the border reflects. */
const reflected = (i: string, n: number) => `max(0, min(abs(${i}), ${2 * (n - 1)} - abs(${i})))`;

function stageSource(g: Gather, l: Layout, src: string, bindings: Bindings): string {
  const { source, tile, border } = g;
  const { height, width } = source;
  const sample = (x: string) => activate(source.activation, affineApply(source, `${src}[line + u32(${x})]`));
  const ragged = source.channels % tile.slice !== 0;
  const inside = [
    ...(ragged ? [`c < ${source.channels}u`] : []),
    ...(border === 'zero' ? [`y >= 0 && y < ${height}`] : []),
  ];
  const column = (x: string) =>
    border === 'zero' ? `if (${x} >= 0 && ${x} < ${width}) { v += ${sample(x)}; }` : `v = ${sample(x)};`;
  const position = g.cols.step === 2 ? `(col & 1u) * ${l.half}u + (col >> 1u)` : 'col';
  const affine =
    source.affine === null
      ? ''
      : `let x_scale = ${bindings.read({ kind: 'plan', id: source.affine })}[min(c, ${source.channels - 1}u)];
         let x_shift = ${bindings.read({ kind: 'plan', id: source.affine })}[${source.channels}u + min(c, ${source.channels - 1}u)];`;
  const extras = l.extras
    .map(
      ({ unit, offset, extra }, e) => `
      if (lid.x == ${e % tile.lanesX}u && wg.x == ${Math.floor(unit / l.tileX)}u) {
        var v = 0.0;
        if (inside) {
          ${unit + offset >= 0 && unit + offset < width ? `v += ${sample(`${unit + offset}`)};` : ''}
          v += ${sample(`${extra}`)};
        }
        source_tile[r * ${l.pitch}u + ${l.half * g.cols.step + e}u] = v;
      }`,
    )
    .join('');
  return `
    for (var r = lid.y + lid.z * ${tile.lanesY}u; r < ${tile.slice * l.stagedRows}u; r += ${l.threads / tile.lanesX}u) {
      let c = s + r / ${l.stagedRows}u;
      ${border === 'reflect' ? `let at = sy0 + i32(r % ${l.stagedRows}u); let y = ${reflected('at', height)};` : `let y = sy0 + i32(r % ${l.stagedRows}u);`}
      let inside = ${inside.length > 0 ? inside.join(' && ') : 'true'};
      let line = ${source.offset}u + (c * ${height}u + u32(y)) * ${width}u;
      ${affine}
      for (var col = lid.x; col < ${l.stagedCols}u; col += ${tile.lanesX}u) {
        var v = 0.0;
        if (inside) {
          ${border === 'reflect' ? `let at = sx0 + i32(col); let x = ${reflected('at', width)};` : 'let x = sx0 + i32(col);'}
          ${column('x')}
        }
        source_tile[r * ${l.pitch}u + ${position}] = v;
      }${extras}
    }`;
}

function stageWeights(g: Gather, l: Layout, weights: string): string {
  if (!g.tile.stageWeights) return '';
  const taps = g.kernel ** 2;
  return `
    for (var i = li; i < ${g.tile.slice * taps * l.quads}u; i += ${l.threads}u) {
      weight_tile[i] = ${weights}[${g.weightOffset}u + (s * ${taps}u + i / ${l.quads}u) * ${g.weightQuads}u + wg.z * ${l.quads}u + i % ${l.quads}u];
    }`;
}

const sumName = (unit: number, partY: number, partX: number, quad: number) =>
  `a${unit}_${partY}_${partX}_${quad}`;

/** Every sum a thread keeps. */
function sums(g: Gather, l: Layout): { unit: number; partY: number; partX: number; quad: number; name: string }[] {
  const all = [];
  for (let unit = 0; unit < g.tile.rows; unit++)
    for (let partY = 0; partY < g.rows.outs; partY++)
      for (let partX = 0; partX < g.cols.outs; partX++)
        for (let quad = 0; quad < l.threadQuads; quad++)
          all.push({ unit, partY, partX, quad, name: sumName(unit, partY, partX, quad) });
  return all;
}

interface RowFold {
  readonly condition: string;
  readonly unit: number;
  readonly part: number;
  readonly tap: number;
  /** Row of the staged tile. */
  readonly staged: number;
}

function rowFolds(g: Gather, l: Layout): RowFold[] {
  return g.rows.folds.map(({ out, tap, extra }) => {
    const unit = Math.floor(out / g.rows.outs);
    const tileY = Math.floor(unit / l.tileY);
    const lane = Math.floor((unit % l.tileY) / g.tile.rows);
    return {
      condition: `fold_${tileY}_${lane}`,
      unit: unit % g.tile.rows,
      part: out % g.rows.outs,
      tap,
      staged: extra - (tileY * l.tileY * g.rows.step + l.minY),
    };
  });
}

/** The inner product of one staged channel, unrolled over columns, rows and taps. */
function accumulate(g: Gather, l: Layout, folds: RowFold[], weights: string): string {
  const { rows, cols, kernel, tile } = g;
  const lines: string[] = [];
  const weightAt = (tap: number, quad: number) =>
    tile.stageWeights
      ? `weight_tile[weight_base + ${tap * l.quads + quad}u]`
      : `${weights}[weight_base + ${tap * g.weightQuads + quad}u]`;
  l.classes.forEach((column, k) => {
    lines.push('{');
    const needed = new Set<number>();
    for (let unit = 0; unit < tile.rows; unit++)
      for (const taps of rows.taps) for (const { offset } of taps) needed.add(rows.step * unit + offset - l.minY);
    for (const row of [...needed].sort((a, b) => a - b))
      lines.push(`let v${row} = source_tile[tile_base + ${row * l.pitch}u + column_${k}];`);
    for (const { part: partX, tap: tapX } of column.uses)
      for (let tapY = 0; tapY < kernel; tapY++) {
        const hits = rows.taps.flatMap((taps, partY) =>
          taps.filter(({ tap }) => tap === tapY).map(({ offset }) => ({ partY, offset })),
        );
        if (hits.length === 0) continue;
        lines.push('{');
        for (let quad = 0; quad < l.threadQuads; quad++)
          lines.push(`let w${quad} = ${weightAt(tapY * kernel + tapX, quad)};`);
        for (const { partY, offset } of hits)
          for (let unit = 0; unit < tile.rows; unit++)
            for (let quad = 0; quad < l.threadQuads; quad++)
              lines.push(
                `${sumName(unit, partY, partX, quad)} += v${rows.step * unit + offset - l.minY} * w${quad};`,
              );
        for (const fold of folds.filter(({ tap }) => tap === tapY)) {
          lines.push(
            `if (${fold.condition}) { let e = source_tile[(ch * ${l.stagedRows}u + ${fold.staged}u) * ${l.pitch}u + column_${k}];`,
          );
          for (let quad = 0; quad < l.threadQuads; quad++)
            lines.push(`${sumName(fold.unit, fold.part, partX, quad)} += e * w${quad};`);
          lines.push('}');
        }
        lines.push('}');
      }
    lines.push('}');
  });
  void cols;
  return lines.join('\n');
}

function store(g: Gather, l: Layout, out: string, bias: string | null): string {
  const { rows, cols } = g;
  const height = rows.outSize;
  const width = cols.outSize;
  const lines = [`let first = wg.z * ${l.quads * 4}u + lid.z * ${l.threadQuads * 4}u;`];
  const ragged = g.out.channels % (l.quads * 4) !== 0;
  for (const { unit, partY, partX, quad, name } of sums(g, l)) {
    lines.push(`{ let y = (unit_y + ${unit}u) * ${rows.outs}u + ${partY}u; let x = unit_x * ${cols.outs}u + ${partX}u;
      if (y < ${height}u && x < ${width}u) {`);
    for (let i = 0; i < 4; i++) {
      const channel = `(first + ${quad * 4 + i}u)`;
      const value = `${name}.${'xyzw'[i]}${bias === null ? '' : ` + ${bias}[${g.bias?.offset}u + ${channel}]`}`;
      const line = `${out}[${g.out.offset}u + (${channel} * ${height}u + y) * ${width}u + x] ${g.accumulate ? '+=' : '='} ${value};`;
      lines.push(ragged ? `if (${channel} < ${g.out.channels}u) { ${line} }` : line);
    }
    lines.push('} }');
  }
  return lines.join('\n');
}

/** Builds the kernel. Throws where the tile does not fit the packed weights. */
export function buildGather(g: Gather, bindings: Bindings): Kernel {
  const { tile, rows, cols, kernel, source } = g;
  const l = layoutOf(g);
  const src = bindings.read({ kind: 'plan', id: source.buffer });
  const weights = bindings.read(g.weights, 'vec4f');
  const bias = g.bias && bindings.read(g.bias.buffer);
  const stagedSource = stageSource(g, l, src, bindings);
  const out = bindings.write(g.out.buffer);
  const folds = rowFolds(g, l);
  const conditions = new Map(folds.map(({ condition }) => [condition, condition.split('_').slice(1)]));
  const columns = l.classes.map(({ offset, overrides }, k) => {
    const at = offset - l.minX;
    const plain = cols.step === 2 ? (at & 1) * l.half + (at >> 1) : at;
    const chosen = overrides.reduce(
      (otherwise, { unit, extra }) => `select(${otherwise}, ${extra}u, unit_x == ${unit}u)`,
      `lid.x + ${plain}u`,
    );
    return `let column_${k} = ${chosen};`;
  });
  const taps = kernel ** 2;
  const code = `
${bindings.declarations}
var<workgroup> source_tile: array<f32, ${tile.slice * l.stagedRows * l.pitch}>;
${tile.stageWeights ? `var<workgroup> weight_tile: array<vec4<f32>, ${tile.slice * taps * l.quads}>;` : ''}
@compute @workgroup_size(${tile.lanesX}, ${tile.lanesY}, ${tile.groups})
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>, @builtin(local_invocation_index) li: u32) {
  let unit_x = wg.x * ${l.tileX}u + lid.x;
  let unit_y = wg.y * ${l.tileY}u + lid.y * ${tile.rows}u;
  let sy0 = i32(wg.y * ${l.tileY * rows.step}u) + ${l.minY};
  let sx0 = i32(wg.x * ${l.tileX * cols.step}u) + ${l.minX};
  ${columns.join('\n  ')}
  ${[...conditions].map(([name, [y, lane]]) => `let ${name} = wg.y == ${y}u && lid.y == ${lane}u;`).join('\n  ')}
  ${sums(g, l)
    .map(({ name }) => `var ${name} = vec4<f32>();`)
    .join(' ')}
  for (var s = 0u; s < ${source.channels}u; s += ${tile.slice}u) {
    ${stagedSource}
    ${stageWeights(g, l, weights)}
    workgroupBarrier();
    for (var ch = 0u; ch < ${tile.slice}u; ch++) {
      let tile_base = (ch * ${l.stagedRows}u + lid.y * ${tile.rows * rows.step}u) * ${l.pitch}u;
      let weight_base = ${
        tile.stageWeights
          ? `ch * ${taps * l.quads}u + lid.z * ${l.threadQuads}u`
          : `${g.weightOffset}u + (s + ch) * ${taps * g.weightQuads}u + wg.z * ${l.quads}u + lid.z * ${l.threadQuads}u`
      };
      ${accumulate(g, l, folds, weights)}
    }
    workgroupBarrier();
  }
  ${store(g, l, out, bias)}
}`;
  const unitsX = ceilDiv(cols.outSize, cols.outs);
  const unitsY = ceilDiv(rows.outSize, rows.outs);
  return {
    label: g.label,
    code,
    bindings: bindings.list,
    workgroups: [
      ceilDiv(unitsX, l.tileX),
      ceilDiv(unitsY, l.tileY),
      ceilDiv(roundUp(g.out.channels, 4), l.quads * 4),
    ],
    work: (g.out.channels * rows.outSize * cols.outSize * source.channels * taps) / (rows.outs * cols.outs),
  };
}
