/**
 * The convolution and its gradient by the input, both as a gather: a fragment makes a cell of 4 × 2 pixels of one
 * channel group, so that a 4×4 block of weights, 4 fetches, serves 8 pixels, and an input texel up to 9 taps.
 */
import type { ConvBackwardInputCall, ConvCall } from '../../../plan/calls.ts';
import type { Builder } from '../builder.ts';
import { gatherAxis, type Place } from './gather.ts';
import { cellPixels, range, viewOperand } from './view.ts';

/** A 4×4 block of weights. Not by texelFetchOffset: SwiftShader takes half as long again for it. */
const BLOCK = (texel: string) =>
  `{ ivec2 a = listAt(${texel}); m = mat4(${range(4)
    .map((i) => `texelFetch(theta, ivec2(a.x${i > 0 ? ` + ${i}` : ''}, a.y), 0)`)
    .join(', ')}); }`;

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
  const [cw, ch] = [1 << b.cell.lx, 1 << b.cell.ly];
  const shape = [k, s, accumulate, cw, call.dx.width % cw, call.dx.height % ch];
  b.write(call.dx, accumulate ? [dy.surface, old] : [dy.surface], (dx) => {
    b.draws.push({
      label: `conv ${k}×${k} dX`,
      code: `${AXES}\n${mains.once(`dX ${shape}`, () => backwardMain(b, call))}`,
      textures: { dy: dy.surface, theta, ...(accumulate ? { old } : {}) },
      ints: {
        DX: dx.quad,
        DY: dy.quad,
        XS: [call.dx.width, call.dx.height, dx.groups.length, b.arena.at(call.weight).texel],
        YS: [call.dy.width, call.dy.height, dy.groups.length, 0],
      },
      target: [dx.surface],
      rects: dx.rects,
      work: (16 * b.cell.pixels * k * k * dy.groups.length) / (s * s),
    });
  });
}

function backwardMain({ cell }: Builder, { kernel, stride, accumulate, dx }: ConvBackwardInputCall): string {
  const pixels = cellPixels(cell);
  const axis = (letter: string, convert: string, c: string, log: number, size: number) =>
    gatherAxis({
      ...{ letter, convert, cell: `p.${c}`, n: `XS.${c}`, outputs: `YS.${c}`, side: 1 << log },
      ...{ pixels: size, kernel, stride },
    });
  const columns = axis('c', 'column', 'x', cell.lx, dx.width);
  const rows = axis('r', 'row', 'y', cell.ly, dx.height);
  const lines: string[] = [];
  const known = new Set<string>();
  const once = (name: string, value: () => string) => {
    if (!known.has(name)) lines.push(`vec4 ${name} = ${value()};`);
    known.add(name);
    return name;
  };
  const fetched = (r: number, c: number) =>
    once(`y_${rows.name(r)}_${columns.name(c)}`, () => {
      const [row, column] = [rows.name(r), columns.name(c)];
      const at = `ivec3(o.x + ${column}.x, o.y + ${row}.x, ${row}.y | ${column}.y)`;
      return [`texelFetch(dy, ${at}, 0)`, ...rows.inside(r), ...columns.inside(c)].join(' * ');
    });
  /** The sum of what several places hold; one alone is itself. */
  const sum = (name: string, places: readonly Place[], at: (index: number) => string) => {
    const values = places.map(({ index }) => at(index));
    if (places.length === 1) return values[0];
    return once(name, () =>
      values.map((value, i) => `${i > 0 ? `${places[i].flag} * ` : ''}${value}`).join(' + '),
    );
  };
  for (let tap = 0; tap < kernel * kernel; tap++) {
    const [u, v] = [Math.floor(tap / kernel), tap % kernel];
    const added = pixels.flatMap(({ i, px, py }) => {
      const [across, down] = [columns.places(px, v), rows.places(py, u)];
      if (across.length === 0 || down.length === 0) return [];
      const inRow = (r: number) => sum(`y_${rows.name(r)}_x${px}v${v}`, across, (c) => fetched(r, c));
      const value = sum(`y_y${py}u${u}_x${px}v${v}`, down, inRow);
      return [`a${i} += ${value} * m;`];
    });
    lines.push(BLOCK(`w + ${4 * tap}`), ...added);
  }
  return `void main() {
  ivec3 p = place(DX);
  ${columns.declarations}
  ${rows.declarations}
  ${pixels.map(({ i }) => `vec4 a${i} = vec4(0.0);`).join(' ')}
  int w = XS.w + p.z * ${4 * kernel * kernel};
  for (int g = 0; g < YS.z; g++) {
    ivec2 o = tile(DY, g);
    mat4 m;
    ${lines.join('\n    ')}
    w += XS.z * ${4 * kernel * kernel};
  }
  ${accumulate ? 'ivec2 at = tile(DX, p.z) + p.xy;' : ''}
  ${pixels.map(({ i }) => `o${i} = a${i}${accumulate ? ` + texelFetch(old, ivec3(at, ${i}), 0)` : ''};`).join('\n  ')}
}`;
}
