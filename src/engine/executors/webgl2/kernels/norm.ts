/** Batch normalisation at batch 1: statistics, and both halves of its gradient, with the activation that follows. */
import type { BufferId, MomentsCall, NormBackwardInputCall, NormGradientsCall } from '../../../plan/calls.ts';
import type { Plan } from '../../../plan/plan.ts';
import { type Builder, LIST_TEXEL, listRects } from '../builder.ts';
import type { Surface } from '../draw.ts';
import { BLOCKS, blockGrid, blockLoop, drawBlocks } from './reduce.ts';
import { forPixels, viewOperand } from './view.ts';

/**
 * Each block sums x − k and its square, k its first sample, and stores mean and Σ(x − mean)²; the blocks are combined
 * by Chan's formula (Chan, Golub & LeVeque, 1983). Plain Σx² loses all digits where the mean is large.
 */
export function moments(b: Builder, call: MomentsCall): void {
  const x = b.operand(call.x);
  const grid = blockGrid(x.layout);
  const parts = drawBlocks(b, x, grid, {
    label: 'moments',
    code: `void main() {
  ${BLOCKS}
  ivec2 ox = tile(X, g);
  vec4 k = texelFetch(x, ivec3(ox + first, 0), 0), sum = vec4(0.0), squares = vec4(0.0);
  float n = 0.0;
  ${blockLoop(x.layout, (i) => `vec4 d = texelFetch(x, ivec3(ox + ivec2(tx, ty), ${i}), 0) - k; sum += d; squares += d * d; n += 1.0;`)}
  o0 = k + sum / n;
  o1 = max(squares - sum * sum / n, vec4(0.0));
}`,
    textures: { x: x.surface },
    ints: { X: x.quad },
    layers: 2,
  });
  const groups = x.groups.length;
  b.draws.push({
    label: 'affine map',
    code: momentsFinal,
    textures: { parts, theta: b.list('theta', b.arena.texels) },
    ints: {
      span: [0, 4 * groups, grid.count, groups],
      BLOCK: [grid.edge, grid.across, x.layout.tileWidth, x.layout.tileHeight],
      SIZE: [x.layout.width, x.layout.height, b.arena.at(call.gamma).texel, b.arena.at(call.beta).texel],
    },
    floats: { N: [x.layout.width * x.layout.height, call.epsilon, 0, 0] },
    target: [b.list(`affine:${call.affine}`, 4 * groups)],
    rects: listRects(0, 4 * groups),
    work: grid.count,
  });
}

const momentsFinal = `float samples(int block) {
  ivec2 first = ivec2(block % BLOCK.y, block / BLOCK.y) * BLOCK.x;
  ivec2 end = min(first + BLOCK.x, BLOCK.zw);
  ivec2 covered = min(end * ivec2(CW, CH), SIZE.xy) - first * ivec2(CW, CH);
  return float(covered.x * covered.y);
}
void main() {
  ${LIST_TEXEL}
  int row = t / span.w, g = t - row * span.w;
  vec4 mean = vec4(0.0), squares = vec4(0.0);
  for (int i = 0; i < span.z; i++) mean += texelFetch(parts, ivec3(i, g, 0), 0) * (samples(i) / N.x);
  for (int i = 0; i < span.z; i++) {
    vec4 d = texelFetch(parts, ivec3(i, g, 0), 0) - mean;
    squares += texelFetch(parts, ivec3(i, g, 1), 0) + d * d * samples(i);
  }
  vec4 inverse = 1.0 / sqrt(squares / N.x + N.y);
  vec4 scale = LIST(theta, SIZE.z + g) * inverse;
  if (row == 0) o0 = scale;
  else if (row == 1) o0 = LIST(theta, SIZE.w + g) - mean * scale;
  else o0 = row == 2 ? mean : inverse;
}`;

/** GLSL: n and x̂ of a sample, from the four rows of the affine map. */
const ROWS = `vec4 scale = LIST(xa, g), shift = LIST(xa, g + XS.z), mean = LIST(xa, g + 2 * XS.z), inverse = LIST(xa, g + 3 * XS.z);`;

/** Σ dn and Σ dn·x̂ go straight to the gradients of beta and gamma, where `normBackwardInput` finds them. */
export function normGradients(b: Builder, call: NormGradientsCall): void {
  const x = viewOperand(b, call.x);
  const dy = b.operand(call.dy);
  const grid = blockGrid(dy.layout);
  const parts = drawBlocks(b, dy, grid, {
    label: 'norm gradients',
    code: `${x.code}
void main() {
  ${BLOCKS}
  ivec2 ox = tile(X, g), oy = tile(DY, g);
  ${ROWS}
  vec4 sum = vec4(0.0), product = vec4(0.0);
  ${blockLoop(
    dy.layout,
    (i) => `vec4 v = texelFetch(x, ivec3(ox + ivec2(tx, ty), ${i}), 0);
    vec4 dn = texelFetch(dy, ivec3(oy + ivec2(tx, ty), ${i}), 0) * slopeAt(scale * v + shift);
    sum += dn; product += dn * ((v - mean) * inverse);`,
  )}
  o0 = sum;
  o1 = product;
}`,
    textures: { ...x.textures, dy: dy.surface },
    ints: { ...x.ints, DY: dy.quad },
    floats: x.floats,
    layers: 2,
  });
  const [beta, gamma] = [b.arena.at(call.beta), b.arena.at(call.gamma)];
  const [low, high] = beta.texel < gamma.texel ? [beta, gamma] : [gamma, beta];
  const adjacent = low.texel + low.texels === high.texel;
  for (const [from, to] of adjacent
    ? [[low.texel, high.texel + high.texels]]
    : [low, high].map((place) => [place.texel, place.texel + place.texels]))
    b.draws.push({
      label: 'sum of norm gradients',
      code: `void main() {
  ${LIST_TEXEL}
  int layer = t >= GAMMA.x && t < GAMMA.x + GAMMA.z ? 1 : 0;
  int g = t - (layer == 1 ? GAMMA.x : GAMMA.y);
  vec4 sum = vec4(0.0);
  for (int i = 0; i < span.z; i++) sum += texelFetch(parts, ivec3(i, g, layer), 0);
  o0 = sum;
}`,
      textures: { parts },
      ints: { span: [from, to, grid.count, 0], GAMMA: [gamma.texel, beta.texel, gamma.texels, 0] },
      target: [b.list('gradient', b.arena.texels)],
      rects: listRects(from, to),
      work: grid.count,
    });
}

interface SumsPlace {
  readonly key: string;
  /** First texels of Σ dn and of Σ dn·x̂. */
  readonly plain: number;
  readonly product: number;
}

/** Where a `sums` buffer lies: in the gradient arena, unless nothing in the plan computes it. */
function sumsPlace(plan: Plan, b: Pick<Builder, 'arena' | 'segments'>, sums: BufferId): SumsPlace {
  const maker = plan.calls.find((call) => call.kind === 'normGradients' && call.sums === sums);
  if (maker?.kind === 'normGradients')
    return {
      key: 'gradient',
      plain: b.arena.at(maker.beta).texel,
      product: b.arena.at(maker.gamma).texel,
    };
  return { key: `sums:${sums}`, plain: 0, product: b.segments.groups(`sums:${sums}`).length };
}

export function normBackwardInput(b: Builder, call: NormBackwardInputCall): void {
  const x = viewOperand(b, call.x);
  const dy = b.operand(call.dy);
  const old = b.operand(call.dx).surface;
  const place = sumsPlace(b.plan, b, call.sums);
  const sums: Surface =
    place.key === 'gradient' ? b.list('gradient', b.arena.texels) : b.list(place.key, 2 * x.groups.length);
  const reads = [dy.surface, x.surface, ...(call.accumulate ? [old] : [])];
  b.write(call.dx, reads, (dx) => {
    b.draws.push({
      label: 'norm dX',
      code: `${x.code}
void main() {
  ivec3 p = place(DX);
  int g = p.z;
  ivec2 ox = tile(X, g) + p.xy, oy = tile(DY, g) + p.xy${call.accumulate ? ', at = tile(DX, g) + p.xy' : ''};
  ${ROWS}
  vec4 plain = LIST(sums, S.x + g) * N.x, product = LIST(sums, S.y + g) * N.x;
  ${forPixels(
    b.cell,
    ({ i }) => `{ vec4 v = texelFetch(x, ivec3(ox, ${i}), 0);
    vec4 dn = texelFetch(dy, ivec3(oy, ${i}), 0) * slopeAt(scale * v + shift);
    o${i} = scale * (dn - plain - (v - mean) * inverse * product)${call.accumulate ? ` + texelFetch(old, ivec3(at, ${i}), 0)` : ''}; }`,
  )}
}`,
      textures: { ...x.textures, dy: dy.surface, sums, ...(call.accumulate ? { old } : {}) },
      ints: { ...x.ints, DX: dx.quad, DY: dy.quad, S: [place.plain, place.product, 0, 0] },
      floats: { ...x.floats, N: [1 / (call.x.width * call.x.height), 0, 0, 0] },
      target: [dx.surface],
      rects: dx.rects,
      work: 16 * b.cell.pixels,
    });
  });
}
