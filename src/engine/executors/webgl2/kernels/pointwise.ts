/** Element by element: copies through norm and activation, the activation's derivative, the input noise. */
import type { ActivationBackwardCall, NoiseCall, PointwiseCall } from '../../../plan/calls.ts';
import { NORMAL_SCALE, streamKey } from '../../../random.ts';
import type { Builder } from '../builder.ts';
import { forPixels, KEEP, viewOperand } from './view.ts';

const oldTexel = (accumulate: boolean, i: number) =>
  accumulate ? ` + texelFetch(old, ivec3(at, ${i}), 0)` : '';

export function pointwise(b: Builder, call: PointwiseCall): void {
  const x = viewOperand(b, call.x);
  const old = b.operand(call.out).surface;
  b.write(call.out, call.accumulate ? [x.surface, old] : [x.surface], (out) => {
    b.draws.push({
      label: 'pointwise',
      code: `${x.code}
void main() {
  ivec3 p = place(OUT);
  ivec2 ox = tile(X, p.z) + p.xy${call.accumulate ? ', at = tile(OUT, p.z) + p.xy' : ''};
  LOAD_VIEW(p.z)
  ${forPixels(b.cell, ({ i }) => `o${i} = SEEN(texelFetch(x, ivec3(ox, ${i}), 0))${oldTexel(call.accumulate, i)};`)}
}`,
      textures: { ...x.textures, ...(call.accumulate ? { old } : {}) },
      ints: { ...x.ints, OUT: out.quad },
      floats: x.floats,
      target: [out.surface],
      rects: out.rects,
      work: 8 * b.cell.pixels,
    });
  });
}

export function activationBackward(b: Builder, call: ActivationBackwardCall): void {
  const x = viewOperand(b, { ...call.x, affine: null });
  const dy = b.operand(call.dy);
  const old = b.operand(call.dx).surface;
  const reads = [x.surface, dy.surface, ...(call.accumulate ? [old] : [])];
  b.write(call.dx, reads, (dx) => {
    b.draws.push({
      label: 'activation dX',
      code: `${x.code}
void main() {
  ivec3 p = place(DX);
  ivec2 ox = tile(X, p.z) + p.xy, oy = tile(DY, p.z) + p.xy${call.accumulate ? ', at = tile(DX, p.z) + p.xy' : ''};
  ${forPixels(
    b.cell,
    ({ i }) =>
      `o${i} = texelFetch(dy, ivec3(oy, ${i}), 0) * slopeAt(texelFetch(x, ivec3(ox, ${i}), 0))${oldTexel(call.accumulate, i)};`,
  )}
}`,
      textures: { ...x.textures, dy: dy.surface, ...(call.accumulate ? { old } : {}) },
      ints: { ...x.ints, DX: dx.quad, DY: dy.quad },
      floats: x.floats,
      target: [dx.surface],
      rects: dx.rects,
      work: 8 * b.cell.pixels,
    });
  });
}

/** The hash of random.ts, bit for bit; K is the key of the step's stream. Padding channels get no noise. */
const NOISE = `${KEEP}
uint hash(uint x) {
  uint state = x * 747796405u + 2891336453u;
  uint word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}
float normal(uint index) {
  uint a = hash(index + K);
  uint b = hash(a);
  uint sum = (a & 0xffffu) + (a >> 16u) + (b & 0xffffu) + (b >> 16u);
  return float(int(sum) - 131070) * N.x;
}`;

export function noise(b: Builder, call: NoiseCall): void {
  const x = b.operand(call.x);
  const plane = call.x.height * call.x.width;
  b.write(call.out, [x.surface], (out) => {
    b.draws.push({
      label: 'noise',
      code: `${NOISE}
void main() {
  ivec3 p = place(OUT);
  ivec2 ox = tile(X, p.z) + p.xy;
  vec4 group = LIST(groups, p.z);
  uint at = uint(group.x) * uint(SIZE.z) + uint(p.y * CH * SIZE.x + p.x * CW);
  uint plane = uint(SIZE.z);
  vec4 kept = keep(group.y) * D.x;
  ${forPixels(
    b.cell,
    ({ i, px, py }) => `{ uint q = at + uint(${py} * SIZE.x + ${px});
    o${i} = texelFetch(x, ivec3(ox, ${i}), 0) + kept * vec4(normal(q), normal(q + plane), normal(q + 2u * plane), normal(q + 3u * plane)); }`,
  )}
}`,
      textures: { x: x.surface, groups: b.groupTable(x) },
      ints: { X: x.quad, OUT: out.quad, SIZE: [call.x.width, call.x.height, plane, 0] },
      floats: { N: [NORMAL_SCALE, 0, 0, 0] },
      step: ({ step, noise: multiplier }) => ({
        floats: [call.std * multiplier, 0, 0, 0],
        key: streamKey(call.seed, step),
      }),
      target: [out.surface],
      rects: out.rects,
      work: 64 * b.cell.pixels,
    });
  });
}
