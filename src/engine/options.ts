import {
  ARCHITECTURES,
  type Architecture,
  EXECUTORS,
  type ExecutorChoice,
  INPUTS,
  MASK_EDGE_RANGE,
  type NetworkInput,
  OPTIMISERS,
  PIXEL_ARTS,
  type PixelArt,
  PRIORS,
  type Prior,
  QUALITIES,
  type Quality,
  REDUCTIONS,
  type Reduction,
  SCALE_RANGE,
  TASK_CHOICES,
  type TaskChoice,
} from './choices.ts';
import type { Diagnosis } from './diagnosis/analyse.ts';
import type { EngineHost } from './executors/host.ts';
import type { RunControl } from './run/run-control.ts';

/** 8-bit RGBA, straight alpha, sRGB: what a canvas' ImageData holds. */
export interface RasterImage {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** 1 (grey), 3 (RGB) or 4 (RGBA) planes of samples in [0, 1], sRGB-encoded, straight alpha. */
export interface PlanarImage {
  readonly planes: readonly Float32Array[];
  readonly width: number;
  readonly height: number;
}

/**
 * One sample a pixel, 0 … 255 (8-bit) or 0 … 1 (float): how much of it is known. Less than nine tenths = to be filled, so
 * that antialiased strokes leave no rim.
 */
export interface Mask {
  readonly data: Uint8ClampedArray | Uint8Array | Float32Array;
  readonly width: number;
  readonly height: number;
}

export interface Preview extends RasterImage {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

export interface Progress {
  /** What runs: the first answer, made of the picture's own repetitions without a network; or the network's steps. */
  readonly stage: 'nonlocal' | 'network';
  /** Share of that stage that is done, 0 … 1. */
  readonly done: number;
  /** Steps of the network done, of at most `steps`, over all parts; both 0 during the first answer. */
  readonly step: number;
  readonly steps: number;
  /** The part at hand, 1 … `parts`. */
  readonly part: number;
  readonly parts: number;
  /** The data term, mean over all samples. */
  readonly loss: number;
  /** ES-EMV's variance, whose minimum is the stop. */
  readonly variance: number;
  readonly bestStep: number;
  /** Mean of the steps so far; from the second report on without the start. */
  readonly msPerStep: number;
  /** Time until `steps` at this pace, ms; the automatic stop may come sooner. */
  readonly etaMs: number;
  /**
   * The whole result as it would be now, 8-bit RGBA; parts not begun as they were. At most every `previewEveryMs`, and
   * less often where drawing it takes long.
   */
  readonly preview?: Preview;
}

/** How the network, or what is optimised in its place, is made and run: what presets choose otherwise. */
export interface ExpertOptions {
  /** At most this many steps a run, 1 … 20000; default by quality. The automatic stop may come sooner. */
  steps?: number;
  /** Independent runs whose results are averaged, 1 … 8, each of `steps`; default by quality, 1 with `steps`. */
  runs?: number;
  /** Stop by itself (default true); false runs all steps and still returns the best. */
  earlyStop?: boolean;
  /** Network and optimiser instead of the preset's: 'WIDTHxSCALES' or a channel list such as '16,32,64'. */
  net?: string;
  /** The network's shape; default 'skip', the paper's hourglass. */
  architecture?: Architecture;
  /** What the network starts from: noise, or the x and y ramps for large holes; default by task. */
  input?: NetworkInput;
  /** Default by task. */
  optimiser?: (typeof OPTIMISERS)[number];
  /** The optimiser's, above 0 … 10; default by task. */
  learningRate?: number;
  /** Decay of the output average, 0 = none … 0.9999; default by task. */
  emaDecay?: number;
  /** λ of total variation, 0 … 100: with prior 'tv' the only prior (default by task), else an extra term (default 0). */
  totalVariation?: number;
  /**
   * Larger images are worked on in overlapping parts of at most about this side, px of the result, 64 … 65536; default
   * by task. Parts also get as small as memory asks for, and never have more than about a megapixel.
   */
  partSide?: number;
  /**
   * Enlarging photographs: how the image is taken to have been reduced; default 'lanczos', Lanczos2; 'bicubic' with a = −0.5;
   * 'area', means over its pixels; 'camera', such means behind a lens whose blur (Gaussian, σ half a pixel) is then taken back,
   * unless edges are sharper than that.
   * Drawings, and what was cleaned of noise or compression first, are always taken for means over their pixels, the latter but for 'camera'.
   */
  reduction?: Reduction;
  /** Enlarging pixel art: default 'keep', its pixels stay squares; 'smooth': its outlines are made smooth, of its own colours. */
  pixelArt?: PixelArt;
}

export interface RestoreOptions {
  /** What is wrong with the image; 'auto' finds out and says what it found. */
  task: TaskChoice;
  /** Inpainting: which pixels are known. Same size as the image. */
  mask?: Mask;
  /** Inpainting: pixels by which the area to fill is widened, 0 … 64; default 0. */
  maskGrow?: number;
  /** Inpainting: pixels over which the filled area fades into the known one, 0 … 64; default 0. */
  maskFeather?: number;
  /** Inpainting of large holes: which pixels may be copied into them, marked as in `mask`; default all that are known. */
  copyFrom?: Mask;
  /** A second picture of the same scene, in the result's size, e.g. with flash: the network starts from it. */
  guide?: RasterImage | PlanarImage;
  /** The bytes of the image's file, where there is one: a JPEG's tables tell how it was compressed, if it was turned upright by its EXIF too; a GIF or a PNG with a palette, that it may be dithered. */
  file?: Uint8Array;
  /**
   * What `analyse` found, so that it is not looked for again. Of a part of an image: what was found in the whole; for
   * JPEG's grid the part must start at multiples of 8 px.
   */
  diagnosis?: Diagnosis;
  /** Up-scaling factor, 1 < scale ≤ 8; default 2. */
  scale?: number;
  /** Trade of time for quality; default 'balanced'. */
  quality?: Quality;
  /**
   * At most about this many seconds, shared among the parts, above 0 … 86400; what is not done by then stays as it is.
   * Default unlimited.
   */
  maxSeconds?: number;
  /** Everything random follows from it, 0 … 4294967295; default 0. Same seed and executor, same pixels. */
  seed?: number;
  /** What runs the network; default 'auto', the fastest there is. */
  executor?: ExecutorChoice;
  /**
   * What is known of pictures without data. 'auto' (default): the picture's own repetitions, and the network where it
   * pays; 'network': the deep image prior alone, also the default where a guide or an expert option speaks of the network (NETWORK_OPTIONS);
   * 'nonlocal': the repetitions alone, not for enlargement; 'tv': total variation.
   */
  prior?: Prior;
  /** Rejects with the signal's reason, an AbortError unless another was given, and frees everything. */
  signal?: AbortSignal;
  /** Ends the run early but returns the best so far. */
  stopSignal?: AbortSignal;
  /** Told of every step, and of the first answer's share that is done. */
  onProgress?: (progress: Progress) => void;
  /** Milliseconds between previews, 0 = none … 60000; default 250. */
  previewEveryMs?: number;
  /** Also tell, pixel by pixel, how much of the change the last word kept (`RestoreResult.map`); default false. */
  map?: boolean;
  /** Pauses this restoration and takes checkpoints of it; one control serves one restoration. */
  control?: RunControl;
  /**
   * A checkpoint of an earlier restoration of this image with these options: goes on from there, to the same pixels. Time
   * limit, executor and host may differ.
   */
  checkpoint?: Uint8Array;
  /** Platform abilities (GPU, worker threads); default: what the global scope offers. */
  host?: EngineHost;
  /** What presets choose otherwise. */
  expert?: ExpertOptions;
}

/** What a numeric option may be. */
export interface Range {
  readonly default: number | undefined;
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
  /** Whether min itself is excluded. */
  readonly above?: boolean;
}

/** Every numeric option: default and range. */
export const NUMERIC_OPTIONS = {
  scale: SCALE_RANGE,
  maskGrow: MASK_EDGE_RANGE,
  maskFeather: MASK_EDGE_RANGE,
  maxSeconds: { default: undefined, min: 0, max: 86400, above: true },
  seed: { default: 0, min: 0, max: 4294967295, integer: true },
  previewEveryMs: { default: 250, min: 0, max: 60000 },
} as const satisfies Partial<Record<keyof RestoreOptions, Range>>;

/** The same of expert options; no default = chosen by the task's recipe. */
export const EXPERT_NUMBERS = {
  steps: { default: undefined, min: 1, max: 20000, integer: true },
  runs: { default: undefined, min: 1, max: 8, integer: true },
  learningRate: { default: undefined, min: 0, max: 10, above: true },
  emaDecay: { default: undefined, min: 0, max: 0.9999 },
  totalVariation: { default: undefined, min: 0, max: 100 },
  partSide: { default: undefined, min: 64, max: 65536, integer: true },
} as const satisfies Partial<Record<keyof ExpertOptions, Range>>;

/** Options that are one of some names. */
export const CHOICES = {
  task: TASK_CHOICES,
  quality: QUALITIES,
  prior: PRIORS,
  executor: EXECUTORS,
} as const;

export const EXPERT_CHOICES = {
  architecture: ARCHITECTURES,
  input: INPUTS,
  optimiser: OPTIMISERS,
  reduction: REDUCTIONS,
  pixelArt: PIXEL_ARTS,
} as const;

/** Expert options that only a network, or what is optimised in its place, can follow; so does a guide. */
export const NETWORK_OPTIONS = [
  'steps',
  'runs',
  'earlyStop',
  'net',
  'architecture',
  'input',
  'optimiser',
  'learningRate',
  'emaDecay',
  'totalVariation',
] as const satisfies readonly (keyof ExpertOptions)[];

/** The prior that is asked for, in so many words or by the options that speak of it. */
export function priorOf({ prior, guide, expert = {} }: RestoreOptions): Prior {
  const ofNetwork = guide !== undefined || NETWORK_OPTIONS.some((name) => expert[name] !== undefined);
  return prior ?? (ofNetwork ? 'network' : 'auto');
}
