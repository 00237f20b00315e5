import type { View } from '../../../plan/calls.ts';
import {
  activate,
  affineApply,
  affineLoad,
  type BufferRef,
  ceilDiv,
  type Kernel,
  type KernelBuilder,
  planRef,
  roundUp,
} from '../wgsl.ts';
import { type Layout, layoutOf, type Tiling } from './gather-layout.ts';

/**
 * The one convolution generator: every output is a weighted sum of source samples around it. Forward convolution and
 * its input gradient differ only in their axes (which taps reach which output) and in what lies beyond the border.
 *
 * A workgroup makes lanesX × (lanesY · rows) units × (groups · channels) output channels. For each slice of source
 * channels it stages the source tile with its halo and the weights in workgroup memory; each thread then keeps
 * rows × channels sums in registers. Lanes run along a row, so that source loads of neighbouring threads are
 * neighbours, and weights are the same for all lanes of a row.
 */
export interface Gather extends Tiling {
  readonly label: string;
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
}

/** The sample a reflected border reads; tiles reach further than the halo, so it is clamped as well. */
const reflected = (i: string, size: string) => `max(0, min(abs(${i}), 2 * (i32(${size}) - 1) - abs(${i})))`;

function stageSource(g: Gather, l: Layout, src: string, k: KernelBuilder): string {
  const { source, tile, border } = g;
  const sample = (x: string) => activate(source.activation, affineApply(source, `${src}[line + u32(${x})]`));
  const zero = border === 'zero';
  const ragged = source.channels % tile.slice !== 0;
  const inside = [
    ...(ragged ? ['c < source_channels'] : []),
    ...(zero ? ['y >= 0 && y < i32(source_height)'] : []),
  ];
  const row = `sy0 + i32(r % ${l.stagedRows}u)`;
  const position = g.cols.step === 2 ? `(col & 1u) * ${l.half}u + (col >> 1u)` : 'col';
  const extras = l.extras.map(({ unit, offset, extra }, e) => {
    const own = unit + offset >= 0 && unit + offset < source.width;
    const [tileX, at] = [k.u32(`extra_tile${e}`, Math.floor(unit / l.tileX)), k.u32(`extra_at${e}`, extra)];
    const ownAt = own ? k.u32(`extra_own${e}`, unit + offset) : '';
    return `
      if (lid.x == ${e % tile.lanesX}u && wg.x == ${tileX}) {
        var v = 0.0;
        if (inside) { v = ${sample(at)}${own ? ` + ${sample(ownAt)}` : ''}; }
        source_tile[r * ${l.pitch}u + ${l.half * g.cols.step + e}u] = v;
      }`;
  });
  return `
    for (var r = lid.y + lid.z * ${tile.lanesY}u; r < ${tile.slice * l.stagedRows}u; r += ${l.threads / tile.lanesX}u) {
      let c = s + r / ${l.stagedRows}u;
      ${zero ? `let y = ${row};` : `let row = ${row}; let y = ${reflected('row', 'source_height')};`}
      let inside = ${inside.join(' && ') || 'true'};
      let line = source_offset + (c * source_height + u32(y)) * source_width;
      ${affineLoad(source, k, ragged ? 'min(c, source_channels - 1u)' : 'c')}
      for (var col = lid.x; col < ${l.stagedCols}u; col += ${tile.lanesX}u) {
        let at = sx0 + i32(col);
        ${zero ? 'let x = at;' : `let x = ${reflected('at', 'source_width')};`}
        var v = 0.0;
        if (inside${zero ? ' && x >= 0 && x < i32(source_width)' : ''}) { v = ${sample('x')}; }
        source_tile[r * ${l.pitch}u + ${position}] = v;
      }${extras.join('')}
    }`;
}

function stageWeights(g: Gather, l: Layout, weights: string): string {
  const taps = g.kernel ** 2;
  return `
    for (var i = li; i < ${g.tile.slice * taps * l.quads}u; i += ${l.threads}u) {
      weight_tile[i] = ${weights}[weight_offset + (s * ${taps}u + i / ${l.quads}u) * weight_quads + wg.z * ${l.quads}u + i % ${l.quads}u];
    }`;
}

const sumName = (unit: number, partY: number, partX: number, quad: number) =>
  `a${unit}_${partY}_${partX}_${quad}`;

/** Every sum a thread keeps. */
function sums(
  g: Gather,
  l: Layout,
): { unit: number; partY: number; partX: number; quad: number; name: string }[] {
  const all = [];
  for (let unit = 0; unit < g.tile.rows; unit++)
    for (let partY = 0; partY < g.rows.outs; partY++)
      for (let partX = 0; partX < g.cols.outs; partX++)
        for (let quad = 0; quad < l.threadQuads; quad++)
          all.push({ unit, partY, partX, quad, name: sumName(unit, partY, partX, quad) });
  return all;
}

/** A row of the staged tile that counts once more for one row of outputs. */
interface RowFold {
  /** Whether it is this thread's row. */
  readonly condition: string;
  /** The name of a constant. */
  readonly staged: string;
  readonly unit: number;
  readonly part: number;
  readonly tap: number;
}

function rowFolds(g: Gather, l: Layout, k: KernelBuilder): RowFold[] {
  return g.rows.folds.map(({ out, tap, extra }, f) => {
    const unit = Math.floor(out / g.rows.outs);
    const tileY = Math.floor(unit / l.tileY);
    const lane = Math.floor((unit % l.tileY) / g.tile.rows);
    return {
      condition: `(wg.y == ${k.u32(`fold_tile${f}`, tileY)}) & (lid.y == ${k.u32(`fold_lane${f}`, lane)})`,
      staged: k.u32(`fold_row${f}`, extra - (tileY * l.tileY * g.rows.step + l.minY)),
      unit: unit % g.tile.rows,
      part: out % g.rows.outs,
      tap,
    };
  });
}

/** The rows of the staged tile that one thread reads. */
function rowLoads(g: Gather, l: Layout, column: string): string[] {
  const needed = new Set<number>();
  for (let unit = 0; unit < g.tile.rows; unit++)
    for (const taps of g.rows.taps)
      for (const { offset } of taps) needed.add(g.rows.step * unit + offset - l.minY);
  return [...needed]
    .sort((a, b) => a - b)
    .map((row) => `let v${row} = source_tile[tile_base + ${row * l.pitch}u + ${column}];`);
}

/** The weights of a tap for a thread's channels, as w0, w1 … */
function tapWeights(g: Gather, l: Layout, tapY: number, tapX: number): string[] {
  const tap = tapY * g.kernel + tapX;
  return Array.from(
    { length: l.threadQuads },
    (_, quad) => `let w${quad} = weight_tile[weight_base + ${tap * l.quads + quad}u];`,
  );
}

/** All that one kernel column adds to the sums of one output part, given its rows v…. */
function addColumn(g: Gather, l: Layout, tapX: number, partX: number): string[] {
  const { rows, kernel, tile } = g;
  const lines: string[] = [];
  for (let tapY = 0; tapY < kernel; tapY++) {
    const hits = rows.taps.flatMap((taps, partY) =>
      taps.filter(({ tap }) => tap === tapY).map(({ offset }) => ({ partY, offset })),
    );
    if (hits.length === 0) continue;
    lines.push('{', ...tapWeights(g, l, tapY, tapX));
    for (const { partY, offset } of hits)
      for (let unit = 0; unit < tile.rows; unit++)
        for (let quad = 0; quad < l.threadQuads; quad++)
          lines.push(
            `${sumName(unit, partY, partX, quad)} += v${rows.step * unit + offset - l.minY} * w${quad};`,
          );
    lines.push('}');
  }
  return lines;
}

/** All that a folded row adds. One branch a row, not one a tap: drivers take minutes to compile those. */
function addFold(g: Gather, l: Layout, fold: RowFold, f: number): string[] {
  const lines = [`if (folds${f}) {`, `let row = (ch * ${l.stagedRows}u + ${fold.staged}) * ${l.pitch}u;`];
  l.classes.forEach((column, k) => {
    lines.push('{', `let e = source_tile[row + column_${k}];`);
    for (const { part, tap } of column.uses) {
      lines.push('{', ...tapWeights(g, l, fold.tap, tap));
      for (let quad = 0; quad < l.threadQuads; quad++)
        lines.push(`${sumName(fold.unit, fold.part, part, quad)} += e * w${quad};`);
      lines.push('}');
    }
    lines.push('}');
  });
  return [...lines, '}'];
}

/** The inner product of one staged channel, written out column by column. */
function products(g: Gather, l: Layout, folds: RowFold[]): string {
  const lines = l.classes.flatMap((column, k) => [
    '{',
    ...rowLoads(g, l, `column_${k}`),
    ...column.uses.flatMap(({ part, tap }) => addColumn(g, l, tap, part)),
    '}',
  ]);
  return [...lines, ...folds.flatMap((fold, f) => addFold(g, l, fold, f))].join('\n');
}

function store(g: Gather, l: Layout, out: string): string {
  const { rows, cols, tile } = g;
  const lines = ['let plane = out_height * out_width;'];
  const ragged = g.out.channels % (l.quads * 4) !== 0;
  for (let unit = 0; unit < tile.rows; unit++)
    for (let partY = 0; partY < rows.outs; partY++)
      for (let partX = 0; partX < cols.outs; partX++) {
        lines.push(`{ let y = (unit_y + ${unit}u) * ${rows.outs}u + ${partY}u; let x = unit_x * ${cols.outs}u + ${partX}u;
      if (y < out_height && x < out_width) {
        let at = out_offset + first * plane + y * out_width + x;`);
        for (let i = 0; i < l.threadQuads * 4; i++) {
          const value = `${sumName(unit, partY, partX, i >> 2)}.${'xyzw'[i & 3]}`;
          const line = `${out}[at + ${i}u * plane] ${g.accumulate ? '+=' : '='} ${value};`;
          lines.push(ragged ? `if (first + ${i}u < out_channels) { ${line} }` : line);
        }
        lines.push('} }');
      }
  return lines.join('\n');
}

/** The sums start at the bias. */
function declareSums(g: Gather, l: Layout, bias: string | null): string {
  const lines = [`let first = wg.z * ${l.quads * 4}u + lid.z * ${l.threadQuads * 4}u;`];
  for (let quad = 0; quad < l.threadQuads; quad++) {
    const at = (i: number) => `${bias}[bias_offset + min(first + ${quad * 4 + i}u, out_channels - 1u)]`;
    const start = bias === null ? 'vec4<f32>()' : `vec4<f32>(${[0, 1, 2, 3].map(at).join(', ')})`;
    lines.push(`let start${quad} = ${start};`);
  }
  for (const { name, quad } of sums(g, l)) lines.push(`var ${name} = start${quad};`);
  return lines.join('\n  ');
}

/** The columns each tap reads: a lane's own, or a folded sum beside the tile. */
function columnLets(g: Gather, l: Layout, k: KernelBuilder): string {
  const lines = l.classes.map(({ offset, overrides }, i) => {
    const at = offset - l.minX;
    const plain = g.cols.step === 2 ? (at & 1) * l.half + (at >> 1) : at;
    const chosen = overrides.reduce(
      (otherwise, { unit, extra }, o) =>
        `select(${otherwise}, ${extra}u, unit_x == ${k.u32(`column${i}_${o}`, unit)})`,
      `lid.x + ${plain}u`,
    );
    return `let column_${i} = ${chosen};`;
  });
  return lines.join('\n  ');
}

function declareSizes(g: Gather, k: KernelBuilder): void {
  const { source, out, rows, cols } = g;
  k.u32('source_offset', source.offset);
  k.u32('source_channels', source.channels);
  k.u32('source_height', source.height);
  k.u32('source_width', source.width);
  k.u32('out_offset', out.offset);
  k.u32('out_channels', out.channels);
  k.u32('out_height', rows.outSize);
  k.u32('out_width', cols.outSize);
  k.u32('weight_offset', g.weightOffset);
  k.u32('weight_quads', g.weightQuads);
  if (g.bias) k.u32('bias_offset', g.bias.offset);
}

export function buildGather(g: Gather, k: KernelBuilder): Kernel {
  const { tile, rows, cols, kernel, source } = g;
  const l = layoutOf(g);
  const taps = kernel ** 2;
  declareSizes(g, k);
  const src = k.read(planRef(source.buffer));
  const weights = k.read(g.weights, 'vec4f');
  const bias = g.bias && k.read(g.bias.buffer);
  const staged = stageSource(g, l, src, k);
  const out = k.write(g.out.buffer);
  const columns = columnLets(g, l, k);
  const folds = rowFolds(g, l, k);
  const inner = products(g, l, folds);
  k.workgroup('source_tile', 'f32', tile.slice * l.stagedRows * l.pitch);
  k.workgroup('weight_tile', 'vec4<f32>', tile.slice * taps * l.quads);
  const weightBase = `ch * ${taps * l.quads}u + lid.z * ${l.threadQuads}u`;
  const body = `
  let unit_x = wg.x * ${l.tileX}u + lid.x;
  let unit_y = wg.y * ${l.tileY}u + lid.y * ${tile.rows}u;
  let sy0 = i32(wg.y * ${l.tileY * rows.step}u) + ${l.minY};
  let sx0 = i32(wg.x * ${l.tileX * cols.step}u) + ${l.minX};
  ${columns}
  ${folds.map(({ condition }, f) => `let folds${f} = ${condition};`).join('\n  ')}
  ${declareSums(g, l, bias)}
  for (var s = 0u; s < source_channels; s += ${tile.slice}u) {
    ${staged}
    ${stageWeights(g, l, weights)}
    workgroupBarrier();
    for (var ch = 0u; ch < ${tile.slice}u; ch++) {
      let tile_base = (ch * ${l.stagedRows}u + lid.y * ${tile.rows * rows.step}u) * ${l.pitch}u;
      let weight_base = ${weightBase};
      ${inner}
    }
    workgroupBarrier();
  }
  ${store(g, l, out)}`;
  const workgroups = [
    ceilDiv(ceilDiv(cols.outSize, cols.outs), l.tileX),
    ceilDiv(ceilDiv(rows.outSize, rows.outs), l.tileY),
    ceilDiv(roundUp(g.out.channels, 4), l.quads * 4),
  ] as const;
  const work =
    (g.out.channels * rows.outSize * cols.outSize * source.channels * taps) / (rows.outs * cols.outs);
  return k.finish({ label: g.label, size: [tile.lanesX, tile.lanesY, tile.groups], workgroups, work, body });
}
