/** Adam (Kingma & Ba, 2015) on the arenas, and the changing over of their textures around all optimiser calls. */
import type { AdamCall, MuonCall } from '../../../plan/calls.ts';
import { ADAM, type Plan } from '../../../plan/plan.ts';
import { ROW } from '../arena.ts';
import { type Builder, LIST_TEXEL, listRects } from '../builder.ts';
import type { Rect, StepNumbers } from '../draw.ts';
import { muon } from './muon.ts';
import { forPixels } from './view.ts';

const UPDATED = ['theta', 'moment1', 'moment2'] as const;

/**
 * Consecutive optimiser calls, as one update of the arenas: each draws its texels into the other textures, which then
 * take over. What no call covers is copied.
 */
export function optimise(b: Builder, calls: readonly (AdamCall | MuonCall)[]): void {
  const { texels } = b.arena;
  const spans = calls.flatMap((call) =>
    spansOf(b.plan, call).flatMap(({ from, to }) => b.arena.span(from, to) ?? []),
  );
  const covered = spans.reduce((sum, { from, to }) => sum + to - from, 0);
  if (texels > 0) {
    const all: Rect = [0, 0, Math.min(ROW, texels), Math.ceil(texels / ROW)];
    for (const key of UPDATED)
      if (covered < texels) b.copy(b.list(key, texels), b.otherList(key, texels), [all]);
    for (const call of calls) if (call.kind === 'muon') muon(b, call);
  }
  for (const call of calls) if (call.kind === 'adam') adam(b, call);
  if (texels > 0) for (const key of UPDATED) b.swap(key);
}

/** Runs of calls that touch different floats, so that each run may be one update. */
export function disjointRuns(plan: Plan, calls: readonly (AdamCall | MuonCall)[]): (AdamCall | MuonCall)[][] {
  const runs: (AdamCall | MuonCall)[][] = [];
  for (const call of calls) {
    const run = runs.at(-1);
    const taken = run?.flatMap((other) => spansOf(plan, other)) ?? [];
    const meets = spansOf(plan, call).some(({ from, to }) =>
      taken.some((span) => span.from < to && from < span.to),
    );
    if (run && !meets) run.push(call);
    else runs.push([call]);
  }
  return runs;
}

function spansOf(plan: Plan, call: AdamCall | MuonCall): { from: number; to: number }[] {
  if (call.kind === 'adam') return [call];
  return call.matrices.map(({ parameter }) => {
    const { offset, size } = plan.parameters[parameter];
    return { from: offset, to: offset + Math.ceil(size / 4) * 4 };
  });
}

/** D: the step's rate over 1 − β₁ᵗ, and 1/(1 − β₂ᵗ); computed on the host, where 0.999ᵗ keeps its digits. */
const corrections =
  (call: AdamCall) =>
  ({ step, rate }: StepNumbers) => ({
    floats: [
      (call.learningRate * rate) / (1 - ADAM.beta1 ** (step + 1)),
      1 / (1 - ADAM.beta2 ** (step + 1)),
      0,
      0,
    ] as const,
  });

const BETAS = {
  B1: [ADAM.beta1, 1 - ADAM.beta1, 0, 0],
  B2: [ADAM.beta2, 1 - ADAM.beta2, ADAM.epsilon, 0],
} as const;
const FIRST = 'B1.x * m + B1.y * g';
const SECOND = 'B2.x * v + B2.y * g * g';
const UPDATE = 'D.x * m / (sqrt(v * D.y) + B2.z)';

function adam(b: Builder, call: AdamCall): void {
  const { texels } = b.arena;
  const span = b.arena.span(call.from, call.to);
  if (span)
    b.draws.push({
      label: 'adam',
      code: `void main() {
  ${LIST_TEXEL}
  vec4 g = LIST(gradient, t), m = LIST(moment1, t), v = LIST(moment2, t);
  m = ${FIRST};
  v = ${SECOND};
  o0 = LIST(theta, t) - ${UPDATE};
  o1 = m;
  o2 = v;
}`,
      textures: Object.fromEntries(
        ['theta', 'gradient', 'moment1', 'moment2'].map((key) => [key, b.list(key, texels)]),
      ),
      ints: { span: [span.from, span.to, 0, 0] },
      floats: BETAS,
      step: corrections(call),
      target: UPDATED.map((key) => b.otherList(key, texels)),
      rects: listRects(span.from, span.to),
      work: 16,
    });
  for (const id of b.segments.pixels) {
    const { offset } = b.plan.parameters[id];
    if (offset >= call.from && offset < call.to) adamOnPixels(b, call, id);
  }
}

/** The same for a parameter that is an image, one arena after the other: three images are too many attachments. */
function adamOnPixels(b: Builder, call: AdamCall, id: number): void {
  const { channels } = b.segments.regions.get(`theta:${id}`)!;
  const update = (arena: string, reads: string[], value: string) => {
    const operands = [arena, ...reads].map((name) =>
      b.rangeOperand({ key: `${name}:${id}`, from: 0, channels }),
    );
    b.writeRange({ key: `${arena}:${id}`, from: 0, channels }, [operands[0].surface], (out) => {
      b.draws.push({
        label: 'adam on pixels',
        code: `void main() {
  ivec2 f = ivec2(gl_FragCoord.xy);
  ${forPixels(b.cell, ({ i }) => {
    const fetch = (name: string) => `texelFetch(${name}, ivec3(f, ${i}), 0)`;
    const names: Record<string, string> = { moment1: 'm', moment2: 'v', gradient: 'g', theta: 'p' };
    const loads = [arena, ...reads].map((name) => `vec4 ${names[name]} = ${fetch(name)};`);
    return `{ ${loads.join(' ')} o${i} = ${value}; }`;
  })}
}`,
        textures: Object.fromEntries([arena, ...reads].map((name, i) => [name, operands[i].surface])),
        floats: BETAS,
        step: corrections(call),
        target: [out.surface],
        rects: out.rects,
        work: 16 * b.cell.pixels,
      });
    });
  };
  update('moment1', ['gradient'], FIRST);
  update('moment2', ['gradient'], SECOND);
  update('theta', ['moment1', 'moment2'], `p - ${UPDATE}`);
}
