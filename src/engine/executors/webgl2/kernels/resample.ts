/** Separable linear resampling by sparse tables: out (+)= rows · view(x) · colsᵀ, gathered pixel by pixel. */
import type { AxisTable } from '../../../image/axis-table.ts';
import type { ResampleCall } from '../../../plan/calls.ts';
import type { Builder } from '../builder.ts';
import { forPixels, viewOperand } from './view.ts';

export function resample(b: Builder, call: ResampleCall): void {
  const x = viewOperand(b, call.x);
  const [rows, cols] = [call.rows, call.cols].map((index) => b.plan.tables[index]);
  const old = b.operand(call.out).surface;
  const tables = {
    rows: b.constant(`table ${call.rows}`, () => texels(rows)),
    cols: b.constant(`table ${call.cols}`, () => texels(cols)),
  };
  b.write(call.out, call.accumulate ? [x.surface, old] : [x.surface], (out) => {
    b.draws.push({
      label: 'resample',
      code: `${x.code}
vec4 sampled(ivec2 ox, int qx, int qy, vec4 scale, vec4 shift) {
  int row = min(qy, SIZE.y - 1) * TAPS.x, column = min(qx, SIZE.x - 1) * TAPS.y;
  vec4 sum = vec4(0.0);
  for (int u = 0; u < TAPS.x; u++) {
    vec4 r = LIST(rows, row + u);
    vec4 line = vec4(0.0);
    for (int v = 0; v < TAPS.y; v++) {
      vec4 c = LIST(cols, column + v);
      line += c.y * SEEN(texelFetch(x, pixelAt(ox, int(c.x), int(r.x)), 0));
    }
    sum += r.y * line;
  }
  return sum;
}
void main() {
  ivec3 p = place(OUT);
  ivec2 ox = tile(X, p.z)${call.accumulate ? ', at = tile(OUT, p.z) + p.xy' : ''};
  ${call.x.affine === null ? 'vec4 scale = vec4(1.0), shift = vec4(0.0);' : 'LOAD_VIEW(p.z)'}
  ${forPixels(
    b.cell,
    ({ i, px, py }) =>
      `o${i} = sampled(ox, p.x * CW + ${px}, p.y * CH + ${py}, scale, shift)${call.accumulate ? ` + texelFetch(old, ivec3(at, ${i}), 0)` : ''};`,
  )}
}`,
      textures: { ...x.textures, ...tables, ...(call.accumulate ? { old } : {}) },
      ints: {
        ...x.ints,
        OUT: out.quad,
        SIZE: [call.out.width, call.out.height, 0, 0],
        TAPS: [rows.taps, cols.taps, 0, 0],
      },
      floats: x.floats,
      target: [out.surface],
      rects: out.rects,
      work: 8 * b.cell.pixels * rows.taps * cols.taps,
    });
  });
}

/** One texel a tap: (input index, weight). */
function texels({ outputs, taps, start, weights }: AxisTable): Float32Array {
  const data = new Float32Array(4 * outputs * taps);
  for (let i = 0; i < outputs * taps; i++) {
    data[4 * i] = start[Math.floor(i / taps)] + (i % taps);
    data[4 * i + 1] = weights[i];
  }
  return data;
}
