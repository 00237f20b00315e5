import type { Graph } from '../network/graph.ts';
import { emitBackward } from './backward.ts';
import { PlanBuilder } from './builder.ts';
import { emitForward } from './forward.ts';
import { emitOptimiser } from './optimiser.ts';
import type { Objective, Plan } from './plan.ts';

/**
 * Compiles one training step: input noise, forward, data term, output averages and the kept best, backward,
 * optimiser. Every parameter, buffer and order is decided here, once; executors only run the list.
 */
export function compile(graph: Graph, objective: Objective): Plan {
  const b = new PlanBuilder(graph, objective);
  emitForward(b);
  emitWatchers(b);
  emitBackward(b);
  emitOptimiser(b);
  b.calls.push({ kind: 'endStep', log: b.named('log') });
  return b.finish();
}

/** The forward pass alone, with the parameters placed as `compile` places them: a step writes `image` and learns nothing. */
export function compileForward(graph: Graph, objective: Objective): Plan {
  const b = new PlanBuilder(graph, objective);
  emitForward(b);
  b.calls.push({ kind: 'endStep', log: b.named('log') });
  return b.finish();
}

/** What the host looks at: the running average, the stopping statistic, and the best image so far. */
function emitWatchers(b: PlanBuilder): void {
  const { emaDecay, varianceAlpha, bestFrom } = b.objective;
  const x = b.image;
  b.calls.push(
    { kind: 'average', x, mean: b.named('ema'), decay: emaDecay },
    { kind: 'variance', x, mean: b.named('varianceMean'), alpha: varianceAlpha },
    { kind: 'keepBest', source: b.named('ema'), best: b.named('best'), from: bestFrom },
  );
}
