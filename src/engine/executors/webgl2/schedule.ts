import type { AdamCall, CallOf, KernelCall, KernelKind, MuonCall } from '../../plan/calls.ts';
import type { Plan } from '../../plan/plan.ts';
import { inTurns, turn } from '../../time-slicing.ts';
import { CHECKPOINT_BUFFERS } from '../checkpoint.ts';
import { Arena } from './arena.ts';
import { Builder } from './builder.ts';
import type { Draw, Rect, Surface } from './draw.ts';
import { conv, convBackwardInput } from './kernels/conv.ts';
import { convBackwardWeight } from './kernels/conv-weight.ts';
import { CELLS, dataTerm, totalVariation } from './kernels/loss.ts';
import { moments, normBackwardInput, normGradients } from './kernels/norm.ts';
import { disjointRuns, optimise } from './kernels/optimiser.ts';
import { activationBackward, noise, pointwise } from './kernels/pointwise.ts';
import { resample } from './kernels/resample.ts';
import { average, endStep, keepBest, variance } from './kernels/watchers.ts';
import type { Cell } from './layout.ts';
import { TexelSegments } from './texel-segments.ts';

/** A plan as draws. Even and odd steps differ in which of two textures holds what is updated in place. */
export interface Schedule {
  readonly segments: TexelSegments;
  readonly arena: Arena;
  readonly builder: Builder;
  readonly steps: readonly [even: readonly Draw[], odd: readonly Draw[]];
  /** Where each persistent image and list is before an even and before an odd step. */
  readonly places: readonly [even: ReadonlyMap<string, Surface>, odd: ReadonlyMap<string, Surface>];
  /** Into and out of each checkpoint slot: slot 0 before an even and an odd step, slot 1 likewise. */
  readonly saves: readonly (readonly Draw[])[];
  readonly restores: readonly (readonly Draw[])[];
  /** The surfaces of each slot. */
  readonly slots: readonly ReadonlyMap<string, Surface>[];
}

/** Yields between its parts, so that no task holds the page up. */
export async function schedule(plan: Plan, cell: Cell, maxTexture: number): Promise<Schedule> {
  await turn();
  const segments = new TexelSegments(plan);
  await turn();
  const arena = new Arena(plan, segments);
  await inTurns(arena.fill());
  const b = new Builder(plan, segments, arena, cell, maxTexture);
  prepareCells(b);
  const even = await drawStep(b);
  const afterEven = b.places();
  const odd = await drawStep(b);
  const places = [b.places(), afterEven] as const;
  const slots = [0, 1].map(() => checkpointSurfaces(b, plan, segments, places[0]));
  const copies = (back: boolean) =>
    slots.flatMap((saved) =>
      places.map((place) =>
        [...saved].flatMap(([key, copy]) => {
          const now = place.get(key)!;
          return drawCopy(b, back ? copy : now, back ? now : copy);
        }),
      ),
    );
  return {
    segments,
    arena,
    builder: b,
    steps: [even, odd],
    places,
    saves: copies(false),
    restores: copies(true),
    slots,
  };
}

/** The host reads these whatever the plan does with them. */
function prepareCells(b: Builder): void {
  for (const key of Object.values(CELLS)) b.list(key, 1);
  if (b.arena.texels > 0)
    for (const key of ['theta', 'gradient', 'moment1', 'moment2']) b.list(key, b.arena.texels);
}

async function drawStep(b: Builder): Promise<Draw[]> {
  b.draws = [];
  const { calls } = b.plan;
  for (let i = 0; i < calls.length; i++) {
    await turn();
    const first = calls[i];
    if (!isOptimiser(first)) {
      drawCall(b, first);
      b.release(i);
      continue;
    }
    const run = [first];
    for (let next = calls[i + 1]; next && isOptimiser(next); next = calls[i + 1]) {
      run.push(next);
      i++;
    }
    for (const part of disjointRuns(b.plan, run)) optimise(b, part);
  }
  return b.draws;
}

const isOptimiser = (call: KernelCall): call is AdamCall | MuonCall =>
  call.kind === 'adam' || call.kind === 'muon';

type PlainKind = Exclude<KernelKind, 'adam' | 'muon'>;
type Kernels = { [K in PlainKind]: (b: Builder, call: CallOf<K>) => void };

const KERNELS: Kernels = {
  noise,
  conv,
  convBackwardInput,
  convBackwardWeight,
  moments,
  normGradients,
  normBackwardInput,
  activationBackward,
  pointwise,
  resample,
  dataTerm,
  totalVariation,
  average,
  variance,
  keepBest,
  endStep,
};

function drawCall(b: Builder, call: CallOf<PlainKind>): void {
  (KERNELS[call.kind] as (b: Builder, call: KernelCall) => void)(b, call);
}

/** What a checkpoint copies: the arenas with their parameters that are images, the averages and the variance. */
function checkpointKeys(plan: Plan, segments: TexelSegments): string[] {
  return [
    CELLS.variance,
    ...CHECKPOINT_BUFFERS.flatMap((name) => [
      name,
      `b${plan.named.get(name)}`,
      ...[...segments.pixels].map((id) => `${name}:${id}`),
    ]),
  ];
}

/** One checkpoint slot: a surface like each that a checkpoint copies. */
function checkpointSurfaces(
  b: Builder,
  plan: Plan,
  segments: TexelSegments,
  places: ReadonlyMap<string, Surface>,
) {
  const saved = new Map<string, Surface>();
  for (const key of checkpointKeys(plan, segments)) {
    const surface = places.get(key);
    if (surface) saved.set(key, b.create(surface.width, surface.height, surface.layers));
  }
  return saved;
}

function drawCopy(b: Builder, from: Surface, to: Surface): Draw[] {
  b.draws = [];
  const all: Rect = [0, 0, from.width, from.height];
  b.copy(from, to, [all]);
  return b.draws;
}
