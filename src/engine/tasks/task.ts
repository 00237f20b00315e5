import type { Journal } from '../checkpoints/journal.ts';
import type { ExecutorChoice, Quality } from '../choices.ts';
import type { Diagnosis } from '../diagnosis/analyse.ts';
import type { ExecutorName } from '../executors/executor.ts';
import type { Failover } from '../executors/failover.ts';
import type { EngineHost } from '../executors/host.ts';
import { type Box, cutPicture, type Size } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import type { ExpectedErrors } from '../mix.ts';
import type { Graph, NodeId } from '../network/graph.ts';
import type { Device } from '../nonlocal/pool.ts';
import type { Mask, PlanarImage, RestoreOptions } from '../options.ts';
import type { RanOn, RunReport } from '../run/run-report.ts';
import type { IsOver, Pace } from '../stopping/pace.ts';
import type { Pieces } from '../time-slicing.ts';

/** One restoration of a picture, which can be worked on in parts. */
export interface Job {
  readonly picture: Picture;
  /** The box of the picture that is worked on: all of it, or the surroundings of the hole. */
  readonly area: Box;
  /** Size of the result. */
  readonly width: number;
  readonly height: number;
  /** Inpainting: half of the hole's thickness, px. */
  readonly holeRadius?: number;
  /** What becomes of a part that is not worked on: "is as it was". */
  readonly otherwise: string;
  /** Whether anything is to be done in a box of the picture. */
  touches(box: Box): boolean;
  /** What is minimised in a box of the picture. */
  problem(box: Box): Problem;
  /** The result before any part is done. */
  start(): Picture;
  /** The same where the area will be seen of it, in pieces; absent = no other. */
  shown?(): Pieces<Picture>;
  /** Any box of the result, from what was put together there; absent = just that. */
  finish?(picture: Picture): Picture;
  /** The first answer, over all of the result, without a network; absent or undefined = there is none. */
  estimate?(context: EstimateContext): Promise<Estimate | undefined>;
  /** The result by networks that learn from the picture as a whole, instead of part by part; absent = by parts only. */
  learn?(context: LearningContext): Promise<Learnt>;
  /**
   * What of a result may stay, whichever way it came about, perhaps in its place; absent = all of it. What is not looked at
   * before the time is `over` becomes what the result started from; absent = it never is.
   */
  lastWord?(colour: Float32Array, over?: IsOver): Pieces<LastWord>;
}

/** What a first answer is made with. */
export interface EstimateContext {
  readonly host?: EngineHost;
  readonly executor?: ExecutorChoice;
  readonly signal?: AbortSignal;
  readonly quality: Quality;
  readonly seed: number;
  /** What there is no time for stays as it was. */
  readonly pace?: Pace;
  /** Says how much is done, 0 … 1, and the way to what the result's planes would be now. */
  progress(done: number, colour?: () => Pieces<Float32Array>): Promise<void>;
  /** Whether to come to an end with what there is; absent = never. */
  stopped?(): boolean;
  /** Told what has computed it, once it is done. */
  ran?(devices: readonly Device[]): void;
  /** Told the seconds of what looks at no more than so many pixels, however large the picture is. */
  glanced?(seconds: number, most: number): void;
  /** Told instead of choosing copies: the seconds that one search for them took, and that all would take with the choice. */
  foretold?(spent: number, all: number): void;
  /** Has a network fill a small picture; absent = there is none, or no time for it. */
  readonly network?: (small: SmallHole, progress: (done: number) => Promise<void>) => Promise<SmallFill>;
}

/** A picture with a hole, for a network alone. */
export interface SmallHole extends PlanarImage {
  readonly mask: Mask;
}

export interface SmallFill {
  readonly image: PlanarImage;
  readonly facts: NetworkReport;
}

/** How a network's run went, and what ran it. */
interface NetworkReport extends RunReport {
  readonly executor: ExecutorName | 'none';
  readonly adapter: string;
  readonly reason: string;
  readonly ranOn: readonly RanOn[];
}

export interface Estimate {
  /** The planes of the result, [channels, height, width]. */
  readonly colour: Float32Array;
  /** The network's share in the mix of both answers at this quality; 0 = it does not pay, and is not run. */
  readonly networkShare: number;
  /** What its errors are like, where the network has less of a share in places in which both differ by more; absent = it has not. */
  readonly errors?: ExpectedErrors;
  /** Size of what a network draws on the way to it; absent = there is none. */
  readonly guide?: Size;
  /** How it did. */
  readonly network?: NetworkReport;
  /** What computed it; absent = nothing but plain code. */
  readonly devices?: readonly Device[];
}

/** What learning from the whole picture is done with. */
export interface LearningContext {
  readonly failover: Failover;
  readonly signal?: AbortSignal;
  readonly journal: Journal;
  readonly quality: Quality;
  readonly seed: number;
  /** The first answer, [channels, height, width], where there is one. */
  readonly first?: Float32Array;
  /** Milliseconds that it may take. */
  readonly allowed: number;
  /** Milliseconds of work so far, pauses aside. */
  clock(): number;
  /** Asked after every step, may throw: whether to come to an end. */
  stopped(): boolean;
  /** Whether the time is: nothing more is begun then. */
  readonly over: IsOver;
  /** Steps done and to be done, and the way to what the result's planes would be now. */
  report(at: { step: number; steps: number; loss: number }, now: () => Promise<Float32Array>): Promise<void>;
}

export interface Learnt {
  /** The planes of the result, [channels, height, width]. */
  readonly colour: Float32Array;
  /** The loss of every step. */
  readonly losses: readonly number[];
  /** What computed what the picture's own repetitions made of it; absent = they had no say. */
  readonly refinedOn?: readonly Device[];
  /** Networks whose answers were averaged. */
  readonly networks: number;
  /** Memory of a run, bytes. */
  readonly bytes: number;
  readonly ended: 'steps' | 'time' | 'user';
  /** What the user should know of it, in a sentence. */
  readonly note?: string;
}

export interface LastWord {
  /** The planes of the result, [channels, height, width]. */
  readonly colour: Float32Array;
  /** How much of the change was kept, 0 … 1. */
  readonly share: number;
  /** The same for each pixel, [height, width]; absent = everywhere alike. */
  readonly map?: Float32Array;
  /** What the user should know of it, in a sentence. */
  readonly note?: string;
}

/** How the estimate x of a part is compared with the damaged image x0, and made into the result. */
export interface Problem {
  /** Size of the estimate x. */
  readonly width: number;
  readonly height: number;
  readonly channels: Picture['channels'];
  /** Where the estimate lies in the result. */
  readonly box: Box;
  /** x0, [channels, observed height, observed width]. */
  readonly target: Float32Array;
  /** Per pixel of x0, 0 … 1; null = all 1. */
  readonly weight: Float32Array | null;
  /** A first guess of x, [channels, height, width], for the network-free prior. */
  readonly guess: Float32Array;
  /** Denoising: the loss that the noise alone makes, where it was measured. */
  readonly noiseLoss?: number;
  /** Appends A to the graph: x → what is compared with x0. */
  observe(graph: Graph, x: NodeId): NodeId;
  /** The result's colour, from the estimate's in [0, 1]; pixels that were never damaged come back as they were. */
  compose(colour: Float32Array): Float32Array;
  /** The last word over the final estimate, before `compose`; absent = it stands as it is. */
  settle?(colour: Float32Array): Pieces<Settled>;
}

/** The estimate to return, and how much of the change it makes of the network's: 0 … 1. */
export interface Settled {
  readonly colour: Float32Array;
  readonly share: number;
}

/** `doubt`: how uncertain the picture's pixels are since something was taken out of it first (`doubt.ts`). */
export type MakeJob = (
  picture: Picture,
  options: RestoreOptions,
  diagnosis?: Diagnosis,
  doubt?: Float32Array,
) => Job | Promise<Job>;

/** A job over all of a picture, whose result has its size. */
export function inPlace(picture: Picture, problemOf: (part: Picture, box: Box) => Problem): Job {
  const { width, height } = picture;
  return {
    picture,
    area: { x: 0, y: 0, width, height },
    width,
    height,
    otherwise: 'is as it was',
    touches: () => true,
    problem: (box) => problemOf(cutPicture(picture, box), box),
    start: () => picture,
  };
}
