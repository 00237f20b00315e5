import type { Parameter } from '../network/graph.ts';
import type { PlanBuilder } from './builder.ts';
import type { OptimiserSpec } from './plan.ts';

/** Muon orthogonalises matrices; a weight of fewer than 8 outputs has too few rows to gain from it. */
export function isMuonWeight(parameter: Parameter, optimiser: OptimiserSpec): boolean {
  return optimiser.kind === 'muon' && parameter.role === 'weight' && parameter.shape[0] >= 8;
}

/** Adds the calls that update all parameters: Muon those it is for, Adam the rest. */
export function emitOptimiser(b: PlanBuilder): void {
  const { optimiser } = b.objective;
  const rest = b.parameters.filter((p) => !isMuonWeight(p, optimiser));
  const weights = b.parameters.filter((p) => isMuonWeight(p, optimiser));
  if (optimiser.kind === 'muon' && weights.length > 0) {
    const { learningRate, momentum } = optimiser;
    const matrices = weights.map(({ id, shape, size }) => ({
      parameter: id,
      rows: shape[0],
      cols: size / shape[0],
    }));
    b.calls.push({ kind: 'muon', matrices, learningRate, momentum });
  }
  if (rest.length === 0) return;
  const from = Math.min(...rest.map((p) => p.offset));
  const to = Math.max(...rest.map((p) => p.offset + Math.ceil(p.size / 4) * 4));
  const learningRate = optimiser.kind === 'muon' ? optimiser.adamLearningRate : optimiser.learningRate;
  b.calls.push({ kind: 'adam', from, to, learningRate });
}
