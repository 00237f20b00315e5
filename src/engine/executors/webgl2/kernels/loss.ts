/** What is minimised: the data term and the total variation, each with its gradient. */
import { TV_EPSILON } from '../../../kernels/loss.ts';
import type { DataTermCall, TotalVariationCall } from '../../../plan/calls.ts';
import type { Builder, ImageOperand } from '../builder.ts';
import type { Surface } from '../draw.ts';
import { BLOCKS, type BlockGrid, blockGrid, blockLoop, drawBlocks } from './reduce.ts';
import { forPixels, KEEP } from './view.ts';

/** Where the loss and the watchers' scalars live: one texel each. */
export const CELLS = { loss: 'cell:loss', variance: 'cell:variance', best: 'cell:best' } as const;

/** Sums of blocks, and what becomes of their sum. */
interface CellSum {
  readonly parts: Surface;
  /** What was summed. */
  readonly x: ImageOperand;
  readonly grid: BlockGrid;
  /** A GLSL expression of the float `sum`; it may use `old`, what the cell held, and FACTOR.x. */
  readonly value: string;
  readonly factor: number;
}

/** Adds all blocks and groups of `parts` and writes `value` to a cell. */
export function drawCell(b: Builder, key: string, { parts, x, grid, value, factor }: CellSum): void {
  const { groups } = x;
  const now = b.list(key, 1);
  const target = b.other(key);
  b.draws.push({
    label: `sum of ${key}`,
    code: `void main() {
  float sum = 0.0, old = texelFetch(cell, ivec2(0), 0).x;
  for (int g = 0; g < S.y; g++) {
    float line = 0.0;
    for (int i = 0; i < S.x; i++) line += dot(texelFetch(parts, ivec2(i, g), 0), vec4(1.0));
    sum += line;
  }
  o0 = vec4(${value}, 0.0, 0.0, 0.0);
}`,
    textures: { parts, cell: now },
    ints: { S: [grid.count, groups.length, 0, 0] },
    floats: { FACTOR: [factor, 0, 0, 0] },
    target: [target],
    rects: [[0, 0, 1, 1]],
    work: grid.count * groups.length,
  });
  b.swap(key);
}

/** GLSL: residual r, weight w and root of Huber's penalty at a pixel. */
const residual = (
  call: DataTermCall,
  i: number,
) => `vec4 r = texelFetch(x, ivec3(ox, ${i}), 0) - texelFetch(target, ivec3(ot, ${i}), 0);
    float w = ${call.weight === null ? '1.0' : `texelFetch(weight, ivec3(ow, ${i}), 0).x`};
    ${call.huber > 0 ? 'vec4 z = r / H.x; vec4 root = sqrt(1.0 + z * z);' : ''}`;

export function dataTerm(b: Builder, call: DataTermCall): void {
  const x = b.operand(call.x);
  const target = b.whole(call.target);
  const weight = call.weight === null ? null : b.whole(call.weight);
  const n = call.x.channels * call.x.height * call.x.width;
  const textures = {
    x: x.surface,
    target: target.surface,
    ...(weight ? { weight: weight.surface } : {}),
    groups: b.groupTable(x),
  };
  const ints = { X: x.quad, T: target.quad, ...(weight ? { W: weight.quad } : {}) };
  const floats = { H: [call.huber, 1 / n, 0, 0] } as const;
  const origins = (texel: string, g: string) =>
    `ivec2 ox = tile(X, ${g}) + ${texel}, ot = tile(T, ${g}) + ${texel}${weight ? `, ow = ${texel}` : ''};`;
  const grid = blockGrid(x.layout);
  const parts = drawBlocks(b, x, grid, {
    label: 'loss',
    // (root − 1) as z²/(root + 1): the difference of two close numbers would lose the small residuals
    code: `${KEEP}
void main() {
  ${BLOCKS}
  vec4 sum = vec4(0.0), kept = keep(LIST(groups, g).y);
  ${blockLoop(
    x.layout,
    (i) => `${origins('ivec2(tx, ty)', 'g')} ${residual(call, i)}
    sum += ${call.huber > 0 ? '2.0 * r * r / (root + 1.0)' : 'r * r'} * w;`,
  )}
  o0 = kept * sum;
}`,
    textures,
    ints,
    floats,
    layers: 1,
  });
  drawCell(b, CELLS.loss, { parts, x, grid, value: 'sum * FACTOR.x', factor: 1 / n });
  b.write(call.dx, [x.surface], (dx) => {
    b.draws.push({
      label: 'loss gradient',
      code: `${KEEP}
void main() {
  ivec3 p = place(DX);
  ${origins('p.xy', 'p.z')}
  vec4 kept = keep(LIST(groups, p.z).y) * (2.0 * H.y);
  ${forPixels(
    b.cell,
    ({ i }) => `{ ${residual(call, i)}
    o${i} = kept * w * r${call.huber > 0 ? ' / root' : ''}; }`,
  )}
}`,
      textures,
      ints: { ...ints, DX: dx.quad },
      floats,
      target: [dx.surface],
      rects: dx.rects,
      work: 16 * b.cell.pixels,
    });
  });
}

/** GLSL: forward differences at pixel (i, j) of the tile; 0 over the border. */
const TV = `vec4 at(ivec2 o, int i, int j) { return texelFetch(x, pixelAt(o, i, j), 0); }
void differences(ivec2 o, int i, int j, out vec4 dh, out vec4 dv, out vec4 root) {
  vec4 v = at(o, i, j);
  dh = i + 1 < SIZE.x ? at(o, i + 1, j) - v : vec4(0.0);
  dv = j + 1 < SIZE.y ? at(o, i, j + 1) - v : vec4(0.0);
  root = sqrt(dh * dh + dv * dv + ${TV_EPSILON ** 2});
}`;

export function totalVariation(b: Builder, call: TotalVariationCall): void {
  const { width, height, channels } = call.x;
  const x = b.operand(call.x);
  const factor = call.lambda / (channels * width * height);
  const textures = { x: x.surface, groups: b.groupTable(x) };
  const grid = blockGrid(x.layout);
  const parts = drawBlocks(b, x, grid, {
    label: 'total variation',
    code: `${KEEP}\n${TV}
void main() {
  ${BLOCKS}
  ivec2 o = tile(X, g);
  vec4 sum = vec4(0.0), kept = keep(LIST(groups, g).y), dh, dv, root;
  ${blockLoop(x.layout, (i) => `differences(o, tx * CW + (${i} & (CW - 1)), ty * CH + (${i} >> LX), dh, dv, root); sum += root;`)}
  o0 = kept * sum;
}`,
    textures,
    ints: { X: x.quad },
    layers: 1,
  });
  drawCell(b, CELLS.loss, { parts, x, grid, value: 'old + sum * FACTOR.x', factor });
  const old = b.operand(call.dx).surface;
  b.write(call.dx, [x.surface, old], (dx) => {
    b.draws.push({
      label: 'total variation dX',
      code: `${KEEP}\n${TV}
vec4 slope(ivec2 o, int i, int j) {
  vec4 dh, dv, root;
  differences(o, i, j, dh, dv, root);
  vec4 sum = -(dh + dv) / root;
  if (i > 0) { differences(o, i - 1, j, dh, dv, root); sum += dh / root; }
  if (j > 0) { differences(o, i, j - 1, dh, dv, root); sum += dv / root; }
  return sum;
}
void main() {
  ivec3 p = place(DX);
  ivec2 o = tile(X, p.z), at = tile(DX, p.z) + p.xy;
  vec4 kept = keep(LIST(groups, p.z).y) * LAMBDA.x;
  ${forPixels(
    b.cell,
    ({ i, px, py }) =>
      `o${i} = texelFetch(old, ivec3(at, ${i}), 0) + kept * slope(o, min(p.x * CW + ${px}, SIZE.x - 1), min(p.y * CH + ${py}, SIZE.y - 1));`,
  )}
}`,
      textures: { ...textures, old },
      ints: { X: x.quad, DX: dx.quad, SIZE: [width, height, 0, 0] },
      floats: { LAMBDA: [factor, 0, 0, 0] },
      target: [dx.surface],
      rects: dx.rects,
      work: 64 * b.cell.pixels,
    });
  });
}
