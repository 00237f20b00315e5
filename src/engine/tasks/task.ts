import type { Diagnosis } from '../damage/analyse.ts';
import type { Box } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import type { Graph, NodeId } from '../network/graph.ts';
import type { RestoreOptions } from '../options.ts';

/** One restoration task: how the estimate x is compared with the damaged image x0, and made into the result. */
export interface Problem {
  /** Size of the estimate x. */
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** x0, [channels, observed height, observed width]. */
  readonly target: Float32Array;
  /** Per pixel of x0, 0 … 1; null = all 1. */
  readonly weight: Float32Array | null;
  /** A first guess of x, [channels, height, width], for the network-free prior. */
  readonly guess: Float32Array;
  /** Denoising: the loss that the noise alone makes, where it was measured. */
  readonly noiseLoss?: number;
  /** Inpainting: the part of the image worked on, and half of the hole's thickness, px. */
  readonly box?: Box;
  readonly holeRadius?: number;
  /** Appends A to the graph: x → what is compared with x0. */
  observe(graph: Graph, x: NodeId): NodeId;
  /** The result, from the estimate's colour in [0, 1]; pixels that were never damaged come back as they were. */
  compose(colour: Float32Array): Picture;
  /** The last word over the final estimate, before `compose`; absent = it stands as it is. */
  settle?(colour: Float32Array): Settled;
}

/** The estimate to return, and what to say about it. */
export interface Settled {
  readonly colour: Float32Array;
  readonly notes: readonly string[];
}

export type MakeProblem = (picture: Picture, options: RestoreOptions, diagnosis?: Diagnosis) => Problem;
