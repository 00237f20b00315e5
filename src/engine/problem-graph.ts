import { Graph, type NodeId } from './network/graph.ts';
import { meshgrid, randomInput } from './network/initialise.ts';
import { skip } from './network/skip.ts';
import type { Prior } from './options.ts';
import type { Objective } from './plan/plan.ts';
import type { Recipe } from './recipes.ts';
import type { Problem } from './tasks/task.ts';

/** A restoration as a graph with its objective, and what its inputs start from. */
export interface ProblemGraph {
  readonly graph: Graph;
  readonly objective: Objective;
  /** Contents of the graph's inputs, by name. */
  readonly inputs: ReadonlyMap<string, Float32Array>;
}

/** Amplitude of the network's random input (the paper's). */
const INPUT_AMPLITUDE = 0.1;

/** The network or the bare pixels as prior, followed by the task's operator. */
export function buildGraph(problem: Problem, recipe: Recipe, prior: Prior, seed: number): ProblemGraph {
  const graph = new Graph();
  const { width, height, channels } = problem;
  const inputs = new Map<string, Float32Array>();
  let image: NodeId;
  if (prior === 'tv') image = graph.variable('pixels', [channels, height, width], 0.5);
  else {
    const z = graph.input('z', [recipe.inputDepth, height, width]);
    const floats = recipe.inputDepth * height * width;
    inputs.set(
      'z',
      recipe.input === 'meshgrid' ? meshgrid(height, width) : randomInput(floats, seed, INPUT_AMPLITUDE),
    );
    const { upsampling } = recipe;
    const options = { channels: recipe.channels, skips: recipe.skips, upsampling, imageChannels: channels };
    image = skip(graph, graph.noise(z, recipe.inputNoiseStd), options);
  }
  const objective: Objective = {
    image,
    observed: problem.observe(graph, image),
    weighted: problem.weight !== null,
    huber: 0,
    totalVariation: recipe.totalVariation,
    optimiser: recipe.optimiser,
    emaDecay: recipe.emaDecay,
    varianceAlpha: 0.1,
    bestFrom: recipe.bestFrom,
    seed,
  };
  return { graph, objective, inputs };
}
