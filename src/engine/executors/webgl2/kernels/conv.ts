/**
 * The convolution and its gradient by the input, both as a gather: a fragment makes a cell of 4 × 2 pixels of one
 * channel group, so that a 4×4 block of weights, 4 fetches, serves 8 pixels, and an input texel up to 9 taps.
 */
import type { ConvBackwardInputCall, ConvCall } from '../../../plan/plan.ts';
import type { Builder } from '../builder.ts';
import { type CellPixel, cellPixels, range, viewOperand } from './view.ts';

const BLOCK = (texel: string) =>
  `{ ivec3 a = listAt(${texel}); m = mat4(texelFetch(theta, a, 0), texelFetchOffset(theta, a, 0, ivec2(1, 0)), ` +
  `texelFetchOffset(theta, a, 0, ivec2(2, 0)), texelFetchOffset(theta, a, 0, ivec2(3, 0))); }`;

/** GLSL: (texel, layer bits) of a column and of a row of pixels. */
export const AXES = `ivec2 column(int i) { return ivec2(i >> LX, i & (CW - 1)); }
ivec2 row(int i) { return ivec2(i >> LY, (i & (CH - 1)) << LX); }`;

export function conv(b: Builder, call: ConvCall): void {
  const { kernel: k, stride: s } = call;
  const x = viewOperand(b, call.x);
  const theta = b.list('theta', b.arena.texels);
  const weight = b.arena.at(call.weight);
  const bias = call.bias === null ? null : b.arena.at(call.bias).texel;
  b.write(call.out, [x.surface], (out) => {
    b.draws.push({
      label: `conv ${k}×${k}`,
      code: `${x.code}\n${AXES}\n${mains.once(`${k} ${s} ${bias !== null} ${b.cell.lx}`, () => convMain(b, k, s, bias !== null))}`,
      textures: { ...x.textures, theta },
      ints: { ...x.ints, OUT: out.quad, W: [weight.texel, bias ?? 0, 0, 0] },
      floats: x.floats,
      target: [out.surface],
      rects: out.rects,
      work: 16 * b.cell.pixels * k * k * x.groups.length,
    });
  });
}

/** The unrolled bodies are long and few: each is built once. */
const mains = {
  texts: new Map<string, string>(),
  once(key: string, make: () => string): string {
    const text = this.texts.get(key) ?? make();
    this.texts.set(key, text);
    return text;
  },
};

function convMain({ cell }: Builder, k: number, s: number, bias: boolean): string {
  const pixels = cellPixels(cell);
  const [cw, ch] = [1 << cell.lx, 1 << cell.ly];
  const columns = range((cw - 1) * s + k);
  const rows = range((ch - 1) * s + k);
  const loaded = new Set<number>();
  const load = (r: number) => {
    if (loaded.has(r)) return [];
    loaded.add(r);
    return columns.map(
      (c) =>
        `vec4 x${r}_${c} = SEEN(texelFetch(x, ivec3(o.x + c${c}.x, o.y + r${r}.x, r${r}.y | c${c}.y), 0));`,
    );
  };
  const taps = range(k * k).flatMap((tap) => {
    const [u, v] = [Math.floor(tap / k), tap % k];
    return [
      ...pixels.flatMap(({ py }) => load(py * s + u)),
      BLOCK(`w + ${4 * tap}`),
      ...pixels.map(({ i, px, py }) => `a${i} += m * x${py * s + u}_${px * s + v};`),
    ];
  });
  return `void main() {
  ivec3 p = place(OUT);
  ivec2 q = p.xy * ivec2(${cw * s}, ${ch * s}) - ${(k - 1) / 2};
  ${columns.map((c) => `ivec2 c${c} = column(reflectIn(q.x + ${c}, XS.x));`).join('\n  ')}
  ${rows.map((r) => `ivec2 r${r} = row(reflectIn(q.y + ${r}, XS.y));`).join('\n  ')}
  vec4 start = ${bias ? 'LIST(theta, W.y + p.z)' : 'vec4(0.0)'};
  ${pixels.map(({ i }) => `vec4 a${i} = start;`).join(' ')}
  int w = W.x + p.z * XS.z * ${4 * k * k};
  for (int g = 0; g < XS.z; g++) {
    ivec2 o = tile(X, g);
    LOAD_VIEW(g)
    mat4 m;
    ${taps.join('\n    ')}
    w += ${4 * k * k};
  }
  ${pixels.map(({ i }) => `o${i} = a${i};`).join(' ')}
}`;
}

export function convBackwardInput(b: Builder, call: ConvBackwardInputCall): void {
  const { kernel: k, stride: s, accumulate } = call;
  const dy = b.operand(call.dy);
  const theta = b.list('theta', b.arena.texels);
  const old = b.operand(call.dx).surface;
  b.write(call.dx, accumulate ? [dy.surface, old] : [dy.surface], (dx) => {
    b.draws.push({
      label: `conv ${k}×${k} dX`,
      code: `${AXES}\n${mirrored(k, s)}\n${mains.once(`dX ${k} ${s} ${accumulate} ${b.cell.lx}`, () => backwardMain(b, k, s, accumulate))}`,
      textures: { dy: dy.surface, theta, ...(accumulate ? { old } : {}) },
      ints: {
        DX: dx.quad,
        DY: dy.quad,
        XS: [call.dx.width, call.dx.height, dx.groups.length, b.arena.at(call.weight).texel],
        YS: [call.dy.width, call.dy.height, dy.groups.length, 0],
        LOOPS: [b.cell.pixels, 3, k, 0], // as uniforms, or compilers unroll five loops inside each other
      },
      target: [dx.surface],
      rects: dx.rects,
      work: (16 * b.cell.pixels * k * k * dy.groups.length) / (s * s),
    });
  });
}

/**
 * Along one axis, dx[q] = Σ_u W[u] · dy[(q + p − u)/s], p the padding, over the u that divide and stay inside. A cell
 * starts at a multiple of the stride, so which taps meet which pixel is known here: stride 2 costs a quarter.
 */
function backwardMain({ cell }: Builder, k: number, s: number, accumulate: boolean): string {
  const pixels = cellPixels(cell);
  const pad = (k - 1) / 2;
  const [cw, ch] = [1 << cell.lx, 1 << cell.ly];
  const meets = (pixel: number, tap: number) => (pixel + pad - tap + s * k) % s === 0;
  const from = (pixel: number, tap: number) => (pixel + pad - tap) / s;
  const reach = (side: number) =>
    [...new Set(range(side).flatMap((i) => range(k).flatMap((t) => (meets(i, t) ? [from(i, t)] : []))))].sort(
      (i, j) => i - j,
    );
  const [columns, rows] = [reach(cw), reach(ch)];
  const name = (i: number) => (i < 0 ? `m${-i}` : `${i}`);
  const loaded = new Set<number>();
  const load = (r: number) => {
    if (loaded.has(r)) return [];
    loaded.add(r);
    return columns.map((c) => {
      const [cn, rn] = [`c${name(c)}`, `r${name(r)}`];
      const at = `ivec3(o.x + ${cn}.x, o.y + ${rn}.x, ${rn}.y | ${cn}.y)`;
      return `vec4 y${name(r)}_${name(c)} = texelFetch(dy, ${at}, 0) * (${cn}in * ${rn}in);`;
    });
  };
  const taps = range(k * k).flatMap((tap) => {
    const [u, v] = [Math.floor(tap / k), tap % k];
    const users = pixels.filter(({ px, py }) => meets(px, v) && meets(py, u));
    return [
      ...users.flatMap(({ py }) => load(from(py, u))),
      BLOCK(`w + ${4 * tap}`),
      ...users.map(({ i, px, py }) => `a${i} += y${name(from(py, u))}_${name(from(px, v))} * m;`),
    ];
  });
  const axis = (letter: string, f: string, i: number, base: string, size: string) =>
    `int ${letter}${name(i)}at = ${base} + ${i}; ivec2 ${letter}${name(i)} = ${f}(clamp(${letter}${name(i)}at, 0, ${size} - 1)); ` +
    `float ${letter}${name(i)}in = float(${letter}${name(i)}at >= 0 && ${letter}${name(i)}at < ${size});`;
  return `void main() {
  ivec3 p = place(DX);
  ivec2 q = p.xy * ivec2(${cw / s}, ${ch / s});
  ${columns.map((c) => axis('c', 'column', c, 'q.x', 'YS.x')).join('\n  ')}
  ${rows.map((r) => axis('r', 'row', r, 'q.y', 'YS.y')).join('\n  ')}
  ${pixels.map(({ i }) => `vec4 a${i} = vec4(0.0);`).join(' ')}
  int w = XS.w + p.z * ${4 * k * k};
  for (int g = 0; g < YS.z; g++) {
    ivec2 o = tile(DY, g);
    mat4 m;
    ${taps.join('\n    ')}
    w += XS.z * ${4 * k * k};
  }
  ${pad > 0 ? border(pixels, pad) : ''}
  ${accumulate ? 'ivec2 at = tile(DX, p.z) + p.xy;' : ''}
  ${pixels.map(({ i }) => `o${i} = a${i}${accumulate ? ` + texelFetch(old, ivec3(at, ${i}), 0)` : ''};`).join('\n  ')}
}`;
}

/** Adds `mirrored` where it is not 0. In a loop, since eight copies of that function take seconds to compile. */
const border = (
  pixels: readonly CellPixel[],
  pad: number,
) => `ivec2 near = p.xy * ivec2(CW, CH), far = near + ivec2(CW, CH) - 1;
  if (any(lessThanEqual(near, ivec2(${pad}))) || any(greaterThanEqual(far, XS.xy - ${pad + 1}))) {
    for (int i = 0; i < LOOPS.x; i++) {
      vec4 sum = mirrored(near.x + (i & (CW - 1)), near.y + (i >> LX), p.z);
      ${pixels.map(({ i }) => `a${i} += i == ${i} ? sum : vec4(0.0);`).join(' ')}
    }
  }`;

/** What the padded border adds to pixel (x, y): the padding's own gradient, at the places that mirror this pixel. */
function mirrored(k: number, s: number): string {
  const pad = (k - 1) / 2;
  if (pad === 0) return '';
  return `
// the i-th place along an axis that shows pixel q of n: itself, left of the border, right of it; −1000 if there is none
int shown(int q, int n, int i) {
  if (i == 1) return q >= 1 && q <= ${pad} ? -q : -1000;
  if (i == 2) return q >= n - 1 - ${pad} && q <= n - 2 ? 2 * (n - 1) - q : -1000;
  return q;
}
vec4 mirrored(int x, int y, int group) {
  vec4 sum = vec4(0.0);
  for (int i = 0; i < LOOPS.y; i++) {
    int row0 = shown(y, XS.y, i);
    if (row0 == -1000) continue;
    for (int j = 0; j < LOOPS.y; j++) {
      int column0 = shown(x, XS.x, j);
      if (i + j == 0 || column0 == -1000) continue;
      for (int u = 0; u < LOOPS.z; u++) {
        int r = row0 + ${pad} - u;
        if (r < 0 || r >= YS.y * ${s} || (r & ${s - 1}) != 0) continue;
        for (int v = 0; v < LOOPS.z; v++) {
          int c = column0 + ${pad} - v;
          if (c < 0 || c >= YS.x * ${s} || (c & ${s - 1}) != 0) continue;
          for (int g = 0; g < YS.z; g++) {
            mat4 m;
            ${BLOCK(`XS.w + ((g * XS.z + group) * ${k * k} + u * ${k} + v) * 4`)}
            sum += texelFetch(dy, pixelAt(tile(DY, g), c / ${s}, r / ${s}), 0) * m;
          }
        }
      }
    }
  }
  return sum;
}`;
}
