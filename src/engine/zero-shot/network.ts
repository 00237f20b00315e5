import { Graph } from '../network/graph.ts';
import { residualUnet } from '../network/residual-unet.ts';
import type { Objective } from '../plan/plan.ts';

/** How often the network halves its input. */
const SCALES = 2;
/** Sides of what it is applied to are multiples of this, px. */
export const GRID = 2 ** SCALES;

/**
 * Muon at a rate that holds for crops of any picture, since nothing is normalised; Adam for the last layer and the biases.
 * Errors count by their size, not by its square (Charbonnier): edges would lead all the rest.
 */
const OPTIMISER = { kind: 'muon', learningRate: 0.02, momentum: 0.95, adamLearningRate: 0.003 } as const;
export const HUBER = 0.01;

/** By how much the network's answers are larger than the differences they stand for: at first they are small. */
export const GAIN = 4;
/** What the network sees of a sample. */
export const centred = (sample: number) => 2 * sample - 1;

/** The network over `width` × `height` px of `planes` planes: input 'blurred', image = what is missing of it, × GAIN. */
export function networkFor(width: number, height: number, planes: number, channels: number) {
  const graph = new Graph();
  const blurred = graph.input('blurred', [planes, height, width]);
  const image = residualUnet(graph, blurred, { channels, scales: SCALES, outputs: planes });
  const objective: Objective = {
    image,
    observed: image,
    weighted: true,
    huber: HUBER,
    totalVariation: 0,
    optimiser: OPTIMISER,
    emaDecay: 0,
    varianceAlpha: 1,
    bestFrom: Number.MAX_SAFE_INTEGER,
    seed: 0,
  };
  return { graph, objective };
}
