/** What is watched while the network learns: the average of its outputs, the stopping statistic, the best image. */
import type { AverageCall, EndStepCall, KeepBestCall, VarianceCall } from '../../../plan/calls.ts';
import { LOG_COLUMNS, LOG_ROWS } from '../../../plan/plan.ts';
import type { Builder } from '../builder.ts';
import type { StepNumbers } from '../draw.ts';
import { CELLS, drawCell } from './loss.ts';
import { BLOCKS, blockGrid, blockLoop, drawBlocks } from './reduce.ts';
import { forPixels, KEEP } from './view.ts';

/** mean ← mean + D.x · (x − mean) or, at D.x = 1, x itself. */
function moveMean(
  b: Builder,
  call: AverageCall | VarianceCall,
  share: (numbers: StepNumbers) => [own: number, kept: number],
): void {
  const x = b.operand(call.x);
  const mean = b.whole(call.mean);
  const range = { key: `b${call.mean}`, from: 0, channels: call.x.channels };
  b.writeRange(range, [x.surface, mean.surface], (out) => {
    b.draws.push({
      label: call.kind,
      code: `void main() {
  ivec3 p = place(MEAN);
  ivec2 ox = tile(X, p.z) + p.xy, om = tile(MEAN, p.z) + p.xy;
  ${forPixels(b.cell, ({ i }) => `o${i} = D.x * texelFetch(x, ivec3(ox, ${i}), 0) + D.y * texelFetch(mean, ivec3(om, ${i}), 0);`)}
}`,
      textures: { x: x.surface, mean: mean.surface },
      ints: { X: x.quad, MEAN: out.quad },
      step: (numbers) => ({ floats: [...share(numbers), 0, 0] }),
      target: [out.surface],
      rects: out.rects,
      work: 8 * b.cell.pixels,
    });
  });
}

export function average(b: Builder, call: AverageCall): void {
  moveMean(b, call, ({ step }) => {
    const decay = Math.min(call.decay, step / (step + 9));
    return [1 - decay, decay];
  });
}

export function variance(b: Builder, call: VarianceCall): void {
  const x = b.operand(call.x);
  const mean = b.whole(call.mean);
  const grid = blockGrid(x.layout);
  const n = call.x.channels * call.x.height * call.x.width;
  const parts = drawBlocks(b, x, grid, {
    label: 'squares',
    code: `${KEEP}
void main() {
  ${BLOCKS}
  ivec2 ox = tile(X, g), om = tile(MEAN, g);
  vec4 sum = vec4(0.0);
  ${blockLoop(
    x.layout,
    (i) =>
      `vec4 d = texelFetch(x, ivec3(ox + ivec2(tx, ty), ${i}), 0) - texelFetch(mean, ivec3(om + ivec2(tx, ty), ${i}), 0); sum += d * d;`,
  )}
  o0 = keep(LIST(groups, g).y) * sum;
}`,
    textures: { x: x.surface, mean: mean.surface, groups: b.groupTable(x) },
    ints: { X: x.quad, MEAN: mean.quad },
    layers: 1,
  });
  drawCell(b, CELLS.variance, { parts, x, grid, value: '(old + sum * FACTOR.x)', factor: call.alpha / n });
  scaleVariance(b, 1 - call.alpha);
  moveMean(b, call, ({ step }) => (step === 0 ? [1, 0] : [call.alpha, 1 - call.alpha]));
}

/** variance ← factor · variance, and 0 at step 0. */
function scaleVariance(b: Builder, factor: number): void {
  const cell = b.list(CELLS.variance, 1);
  b.draws.push({
    label: 'variance',
    code: 'void main() { float v = texelFetch(cell, ivec2(0), 0).x; o0 = vec4(D.x > 0.0 ? D.x * v : 0.0, 0.0, 0.0, 0.0); }',
    textures: { cell },
    step: ({ step }) => ({ floats: [step === 0 ? 0 : factor, 0, 0, 0] }),
    target: [b.other(CELLS.variance)],
    rects: [[0, 0, 1, 1]],
    work: 1,
  });
  b.swap(CELLS.variance);
}

/** The cell holds (best variance, its step, improved now); the image is drawn over only where it improved. */
export function keepBest(b: Builder, call: KeepBestCall): void {
  const best = b.list(CELLS.best, 1);
  b.draws.push({
    label: 'is it best',
    code: `void main() {
  vec4 best = texelFetch(cell, ivec2(0), 0);
  float now = texelFetch(variance, ivec2(0), 0).x;
  o0 = D.y > 0.0 && now < best.x ? vec4(now, D.x, 1.0, 0.0) : vec4(best.xy, 0.0, 0.0);
}`,
    textures: { cell: best, variance: b.list(CELLS.variance, 1) },
    step: ({ step }) => ({ floats: [step, step >= call.from ? 1 : 0, 0, 0] }),
    target: [b.other(CELLS.best)],
    rects: [[0, 0, 1, 1]],
    work: 1,
  });
  b.swap(CELLS.best);
  const source = b.whole(call.source);
  const target = b.whole(call.best);
  b.draws.push({
    label: 'keep best',
    code: `void main() {
  if (texelFetch(cell, ivec2(0), 0).z < 0.5) discard;
  ivec2 f = ivec2(gl_FragCoord.xy);
  ${forPixels(b.cell, ({ i }) => `o${i} = texelFetch(source, ivec3(f, ${i}), 0);`)}
}`,
    textures: { cell: b.list(CELLS.best, 1), source: source.surface },
    target: [target.surface],
    rects: target.rects,
    work: b.cell.pixels,
  });
}

/** Texel (step mod LOG_ROWS) of the log ← (loss, variance). */
export function endStep(b: Builder, _call: EndStepCall): void {
  b.draws.push({
    label: 'log',
    code: `void main() {
  o0 = vec4(texelFetch(loss, ivec2(0), 0).x, texelFetch(variance, ivec2(0), 0).x, 0.0, 0.0);
}`,
    textures: { loss: b.list(CELLS.loss, 1), variance: b.list(CELLS.variance, 1) },
    step: ({ step }) => ({ rect: [step % LOG_ROWS, 0, 1, 1] }),
    target: [b.list('log', LOG_ROWS)],
    rects: [[0, 0, 1, 1]],
    work: 1,
  });
}

/** The log as the plan stores it, rows of (loss, variance), from its texels. */
export function logRows(texels: Float32Array): Float32Array {
  const rows = new Float32Array((texels.length / 4) * LOG_COLUMNS);
  for (let i = 0; i < texels.length / 4; i++)
    rows.set(texels.subarray(4 * i, 4 * i + LOG_COLUMNS), i * LOG_COLUMNS);
  return rows;
}
