/**
 * Gradients of a convolution's weight and bias: dW[o, i, u, v] = Σ dy[o, p] · x[i, s·p + (u, v) − pad]. Split-K: each
 * fragment sums a strip of the image for one block of 4 inputs × 8 outputs and one tap, a second draw adds the strips.
 */
import type { ConvBackwardWeightCall } from '../../../plan/calls.ts';
import { type Builder, LIST_TEXEL, listRects } from '../builder.ts';
import { AXES } from './conv.ts';
import { BLOCKS, blockGrid, blockLoop, drawBlocks } from './reduce.ts';
import { type CellPixel, cellPixels, forPixels, isRagged, KEEP, range, viewOperand } from './view.ts';

/** Texels (cells of 8 pixels) in a strip: enough work to be worth its sum's place in memory. */
const STRIP = 128;
/** Texels of all strips' sums, a layer: 16 MiB in 8 layers. */
const SUMS = 2 ** 17;

/**
 * The sums lie in a plane, (input group, v) along x, (strip, output groups, u) along y: renderers shade squares of
 * 2 × 2 fragments and share out rows, so a line of fragments would leave half of each square and most cores idle.
 */
export function convBackwardWeight(b: Builder, call: ConvBackwardWeightCall): void {
  const { kernel: k, stride: s } = call;
  const x = viewOperand(b, call.x);
  const dy = b.operand(call.dy);
  const { tileWidth, tileHeight } = dy.layout;
  const outputsAtOnce = b.cell.pixels / 4;
  const across = Math.ceil(dy.groups.length / outputsAtOnce);
  const [width, stripHeight] = [x.groups.length * k, across * k];
  const most = Math.floor(Math.min(SUMS / width, b.maxTexture) / stripHeight);
  const wanted = Math.min(tileHeight, Math.ceil((tileWidth * tileHeight) / STRIP), Math.max(1, most));
  const rows = Math.ceil(tileHeight / wanted);
  const strips = Math.ceil(tileHeight / rows);
  const sums = b.scratch(width, strips * stripHeight, b.cell.pixels);
  b.draws.push({
    label: `conv ${k}×${k} dW`,
    code: `${x.code}\n${AXES}\n${stripMain(b, k, s, isRagged(dy.layout))}`,
    textures: { ...x.textures, dy: dy.surface },
    ints: {
      ...x.ints,
      DY: dy.quad,
      YS: [call.dy.width, call.dy.height, dy.groups.length, 0],
      S: [across, rows, 0, 0],
    },
    floats: x.floats,
    target: [sums],
    rects: [[0, 0, width, strips * stripHeight]],
    work: rows * tileWidth * b.cell.pixels * 16 * outputsAtOnce,
  });
  const place = b.arena.at(call.weight);
  const { inputs, outputs } = place.matrix!;
  b.draws.push({
    label: 'sum of dW',
    code: sumMain(k, outputsAtOnce),
    textures: {
      sums,
      inputs: b.groupTable({ groups: inputs }),
      outputs: b.groupTable({ groups: outputs }),
    },
    ints: {
      span: [place.texel, place.texel + place.texels, 0, 0],
      S: [inputs.length, across, strips, 0],
    },
    target: [b.list('gradient', b.arena.texels)],
    rects: listRects(place.texel, place.texel + place.texels),
    work: strips,
  });
  if (call.bias !== null) biasGradient(b, call, call.bias);
}

function stripMain({ cell }: Builder, k: number, s: number, ragged: boolean): string {
  const groups = range(cell.pixels / 4);
  const pad = (k - 1) / 2;
  const [columns, rows] = [range(1 << cell.lx), range(1 << cell.ly)];
  const pixels = cellPixels(cell);
  const four = (quad: CellPixel[]) => `{
      ${quad.map(({ i, px, py }) => `vec4 x${i} = SEEN(texelFetch(x, ivec3(c${px}.x, r${py}.x, r${py}.y | c${px}.y), 0));`).join('\n      ')}
      ${ragged ? quad.map(({ i, px, py }) => `bool in${i} = tx * CW + ${px} < YS.x && ty * CH + ${py} < YS.y;`).join(' ') : ''}
      ${range(4)
        .map((j) => `vec4 t${j} = vec4(${quad.map(({ i }) => `x${i}[${j}]`).join()});`)
        .join(' ')}
      mat4 m;
      ${groups
        .map((o) => {
          const fetch = ({ i }: CellPixel) => `texelFetch(dy, ivec3(oy${o} + ivec2(tx, ty), ${i}), 0)`;
          const load = (pixel: CellPixel, n: number) =>
            `m[${n}] = ${fetch(pixel)}; ${ragged ? `if (!in${pixel.i}) m[${n}] = vec4(0.0);` : ''}`;
          const add = (j: number) => `a${4 * o + j} += m * t${j};`;
          return [...quad.map(load), ...range(4).map(add)].join('\n      ');
        })
        .join('\n      ')}
      }`;
  return `void main() {
  ivec2 f = ivec2(gl_FragCoord.xy);
  int gi = f.x / ${k}, v = f.x - gi * ${k};
  int block = f.y / ${k}, u = f.y - block * ${k};
  int strip = block / S.x, go = (block - strip * S.x) * ${groups.length};
  ivec2 ox = tile(X, gi);
  ${groups.map((o) => `ivec2 oy${o} = tile(DY, min(go + ${o}, YS.z - 1));`).join('\n  ')}
  LOAD_VIEW(gi)
  ${range(cell.pixels)
    .map((i) => `vec4 a${i} = vec4(0.0);`)
    .join(' ')}
  int end = min((strip + 1) * S.y, DY.y);
  for (int tx = 0; tx < DY.x; tx++) {
    ${columns
      .map(
        (px) =>
          `ivec2 c${px} = column(reflectIn((tx * CW + ${px}) * ${s} + v - ${pad}, XS.x)); c${px}.x += ox.x;`,
      )
      .join('\n    ')}
    for (int ty = strip * S.y; ty < end; ty++) {
      ${rows.map((py) => `ivec2 r${py} = row(reflectIn((ty * CH + ${py}) * ${s} + u - ${pad}, XS.y)); r${py}.x += ox.y;`).join('\n      ')}
      ${range(pixels.length / 4)
        .map((q) => four(pixels.slice(4 * q, 4 * q + 4)))
        .join('\n      ')}
    }
  }
  ${forPixels(cell, ({ i }) => `o${i} = a${i};`)}
}`;
}

/** Padding within the blocks gets gradient 0, so the optimisers leave it 0. */
function sumMain(k: number, outputsAtOnce: number): string {
  return `${KEEP}
void main() {
  ${LIST_TEXEL}
  int column = (t - span.x) & 3, block = (t - span.x) >> 2;
  int tap = block % ${k * k};
  int pair = block / ${k * k};
  int gi = pair % S.x, go = pair / S.x;
  ivec2 at = ivec2(gi, go / ${outputsAtOnce}) * ${k} + ivec2(tap % ${k}, tap / ${k});
  int layer = (go % ${outputsAtOnce}) * 4 + column;
  vec4 sum = vec4(0.0);
  for (int s = 0; s < S.z; s++) sum += texelFetch(sums, ivec3(at.x, at.y + s * S.y * ${k}, layer), 0);
  o0 = float(column) < LIST(inputs, gi).y ? keep(LIST(outputs, go).y) * sum : vec4(0.0);
}`;
}

function biasGradient(b: Builder, call: ConvBackwardWeightCall, bias: number): void {
  const dy = b.operand(call.dy);
  const grid = blockGrid(dy.layout);
  const sums = drawBlocks(b, dy, grid, {
    label: 'bias gradient',
    code: `void main() {
  ${BLOCKS}
  ivec2 oy = tile(DY, g);
  vec4 sum = vec4(0.0);
  ${blockLoop(dy.layout, (i) => `sum += texelFetch(dy, ivec3(oy + ivec2(tx, ty), ${i}), 0);`)}
  o0 = sum;
}`,
    textures: { dy: dy.surface },
    ints: { DY: dy.quad },
    layers: 1,
  });
  const { texel, texels } = b.arena.at(bias);
  b.draws.push({
    label: 'sum of bias gradient',
    code: `void main() {
  ${LIST_TEXEL}
  vec4 sum = vec4(0.0);
  for (int i = 0; i < span.z; i++) sum += texelFetch(sums, ivec2(i, t - span.x), 0);
  o0 = sum;
}`,
    textures: { sums },
    ints: { span: [texel, texel + texels, grid.count, 0] },
    target: [b.list('gradient', b.arena.texels)],
    rects: listRects(texel, texel + texels),
    work: grid.count,
  });
}
