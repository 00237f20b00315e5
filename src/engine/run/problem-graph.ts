import { cutPicture } from '../image/box.ts';
import { toPicture } from '../image/picture.ts';
import { dominantWaves, type Wave } from '../image/spectrum.ts';
import { decoder, decoderInput } from '../network/decoder.ts';
import { Graph, type NodeId } from '../network/graph.ts';
import { inputInPieces, meshgrid, wavePlanes } from '../network/initialise.ts';
import { resnet } from '../network/resnet.ts';
import { skip } from '../network/skip.ts';
import { unet } from '../network/unet.ts';
import type { RestoreOptions } from '../options.ts';
import type { Objective } from '../plan/plan.ts';
import type { Recipe } from '../recipes.ts';
import type { Problem } from '../tasks/task.ts';
import type { Pieces } from '../time-slicing.ts';

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
export function* buildGraph(
  problem: Problem,
  recipe: Recipe,
  { prior = 'network', guide }: RestoreOptions,
  seed: number,
): Pieces<ProblemGraph> {
  const graph = new Graph();
  const { width, height, channels } = problem;
  const inputs = new Map<string, Float32Array>();
  let image: NodeId;
  if (prior === 'tv') image = graph.variable('pixels', [channels, height, width], 0.5);
  else {
    const z = guide === undefined ? yield* ownInput(problem, recipe, seed) : guidedInput(problem, guide);
    inputs.set('z', z.data);
    const noisy = graph.noise(graph.input('z', [z.depth, z.height, z.width]), recipe.inputNoiseStd);
    image = network(graph, noisy, problem, recipe);
  }
  const objective: Objective = {
    image,
    observed: problem.observe(graph, image),
    weighted: problem.weight !== null,
    huber: recipe.huber,
    totalVariation: recipe.totalVariation,
    optimiser: recipe.optimiser(problem),
    emaDecay: recipe.emaDecay,
    varianceAlpha: recipe.varianceAlpha,
    bestFrom: recipe.bestFrom,
    seed,
  };
  return { graph, objective, inputs };
}

function network(graph: Graph, z: NodeId, problem: Problem, recipe: Recipe): NodeId {
  const { channels: imageChannels, width, height } = problem;
  const { channels, skips, upsampling } = recipe;
  switch (recipe.architecture) {
    case 'skip':
      return skip(graph, z, { channels, skips, upsampling, imageChannels });
    case 'unet':
      return unet(graph, z, { channels, imageChannels });
    case 'resnet':
      return resnet(graph, z, { channels: channels[0], blocks: channels.length, imageChannels });
    case 'decoder': {
      const options = { channels: channels[0], scales: channels.length, imageChannels };
      return decoder(graph, z, height, width, options);
    }
  }
}

/** What the network starts from: planes of one size, [depth, height, width]. */
interface NetworkInput {
  readonly data: Float32Array;
  readonly depth: number;
  readonly height: number;
  readonly width: number;
}

function* ownInput(problem: Problem, recipe: Recipe, seed: number): Pieces<NetworkInput> {
  const { width, height, channels } = problem;
  if (recipe.architecture === 'decoder') {
    const scales = recipe.channels.length;
    const [rows, cols] = decoderInput(height, width, {
      channels: recipe.channels[0],
      scales,
      imageChannels: channels,
    });
    const data = yield* inputInPieces(recipe.inputDepth * rows * cols, seed, INPUT_AMPLITUDE);
    return { data, depth: recipe.inputDepth, height: rows, width: cols };
  }
  const base =
    recipe.input === 'meshgrid'
      ? meshgrid(height, width)
      : yield* inputInPieces(recipe.inputDepth * height * width, seed, INPUT_AMPLITUDE);
  const waves = yield* wavePlanes(wavesOf(problem, recipe.waves), height, width, INPUT_AMPLITUDE);
  const data = waves.length > 0 ? joined(base, waves) : base;
  return { data, depth: data.length / (height * width), height, width };
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** What the picture's texture is made of, as far as it is known. */
function wavesOf({ guess, weight, width, height }: Problem, count: number): Wave[] {
  if (count === 0) return [];
  const known = weight?.length === width * height ? weight : null;
  return dominantWaves(guess, known, width, height, count);
}

/** The guide's own pixels (Ulyanov et al., sec. 3.4: the flash image as z). */
function guidedInput({ width, height, box }: Problem, guide: NonNullable<RestoreOptions['guide']>) {
  const picture = cutPicture(toPicture(guide), box);
  return { data: picture.colour, depth: picture.channels, height, width };
}
