import type { PixelArt, Prior, Quality, Reduction, Task } from '../../engine/choices.ts';
import type { Box, Size } from '../../engine/image/box.ts';
import type { Cost, Diagnosis } from '../../engine/index.ts';
import type { Progress } from '../../engine/options.ts';
import type { RestoreResult } from '../../engine/restore.ts';
import type { MaskShape } from '../../wire/pictures.ts';
import type { Operation } from '../../wire/settings.ts';
import type { TileBox } from '../../wire/tiles.ts';
import type { Raster } from '../pixels/crop.ts';
import type { Content } from '../pixels/findings.ts';

/** Images are kept by the worker under the key its caller chose. */
export interface OpenedImage extends Layer {
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly notes: readonly string[];
  /** What was found in the whole image: it serves all its parts. */
  readonly diagnosis: Diagnosis;
  readonly content: Content;
  readonly thumbnail: ImageBitmap;
  /** Some of it is not opaque. */
  readonly translucent: boolean;
}

/** One piece of a result as PNG, and where all of them lie in it. */
export interface Piece {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly TileBox[];
  readonly png: Uint8Array;
}

/** Adds to the area, adds to what is not to be copied into it, or takes away from both. */
export type Brush = 'draw' | 'avoid' | 'erase';

/** What a brush passed over, in pixels of the image. */
export interface Stroke {
  /** x0, y0, x1, y1, … */
  readonly points: readonly number[];
  readonly radius: number;
  readonly brush: Brush;
}

/** Scratches and dust that were found. */
export interface Proposal {
  readonly count: number;
  /** The engine's sentences about them. */
  readonly words: string;
  /** A date stamp or other writing that was seen and is no part of it. */
  readonly leaves: boolean;
}

export interface AreaView {
  /** Pixels to fill, out of all of the image; 0 = the shapes do not touch it. */
  readonly count: number;
  readonly share: number;
  /** Its edge fades by itself, and was not grown for that. */
  readonly soft: boolean;
  /** Pixels the engine will look at: the crop around the area. */
  readonly workPixels: number;
  /** The box around the area, and the area in it in white with its weight as alpha; absent where there is none. */
  readonly box: Box;
  readonly overlay: ImageBitmap | undefined;
  /** Closed outlines along pixel edges, x0, y0, x1, y1, …; empty if there are too many to draw live. */
  readonly outlines: readonly Int16Array[];
  /** What is not to be copied into it, in white; absent where all may be. */
  readonly avoided: { readonly box: Box; readonly overlay: ImageBitmap } | undefined;
}

/** An image to be looked at, and where it is large a smaller copy, for drawing it small without work. */
export interface Layer {
  readonly bitmap: ImageBitmap;
  readonly small: ImageBitmap | undefined;
}

/** What the engine works on: the whole image, or the crop around an area. */
interface Cut {
  readonly image: Raster;
  /** Its place in the image. */
  readonly box: Box;
  /** 255 = known, 0 = to fill. */
  readonly mask: Uint8Array<ArrayBuffer> | undefined;
  /** 255 = may be copied into what is to fill; absent = all may. */
  readonly copyFrom: Uint8Array<ArrayBuffer> | undefined;
}

export interface RunOptions {
  readonly task: Task;
  readonly quality: Quality;
  readonly scale: number;
  readonly seed: number;
  readonly prior: Prior;
  /** Of enlargements. */
  readonly reduction: Reduction;
  readonly pixelArt: PixelArt;
  readonly executor: string;
  /** What was found in the whole image; absent where the task needs none. */
  readonly diagnosis?: Diagnosis;
}

export interface LossPoint {
  readonly step: number;
  readonly loss: number;
}

export interface RunProgress extends Omit<Progress, 'preview'> {
  /** What was reported since the last event, in order. */
  readonly points: readonly LossPoint[];
  readonly preview: Layer | undefined;
}

export interface RunAnswer
  extends Pick<RestoreResult, 'executor' | 'adapter' | 'notes' | 'stages' | 'share' | 'steps' | 'bestStep'>,
    Pick<RestoreResult, 'stoppedBy' | 'seconds' | 'msPerStep'> {
  readonly image: Raster;
}

/** One way to the graphics card: its adapter, or why there is none. */
export interface GpuAbility {
  readonly adapter: string | undefined;
  /** The adapter is a program on the processor: slower than the processor's own engine. */
  readonly software: boolean;
  readonly problem: string | undefined;
}

/** What this side of the panel can compute with. */
export interface Abilities {
  readonly secure: boolean;
  readonly webgpu: GpuAbility;
  readonly webgl2: GpuAbility;
  readonly wasm: boolean;
  readonly isolated: boolean;
  readonly cores: number;
}

/** One engine on Diagnostics' small net. */
export interface EngineSpeed {
  /** Until the first step was done: finding the device, compiling. */
  readonly startMs: number;
  /** Mean of the `steps` after the first. */
  readonly msPerStep: number;
  readonly steps: number;
}

interface Is<P, A, E = never> {
  readonly params: P;
  readonly answer: A;
  readonly event: E;
}

export type WorkerMethods = {
  readonly open: Is<
    {
      readonly key: string;
      readonly bytes: Uint8Array;
      readonly expected: Size | undefined;
    },
    OpenedImage
  >;
  readonly area: Is<
    {
      readonly key: string;
      readonly shapes: readonly MaskShape[];
      /** What `propose` found is part of it. */
      readonly proposed: boolean;
      /** In the order they were drawn, over all that. */
      readonly strokes: readonly Stroke[];
      readonly grow: number;
      /** A soft edge is not grown. */
      readonly keepSoft: boolean;
      readonly feather: number;
    },
    AreaView
  >;
  /** Looks for scratches and dust, which `area` then takes in, and for writing too where it is meant; answers what it found. */
  readonly propose: Is<{ readonly key: string; readonly writing: boolean }, Proposal>;
  readonly cut: Is<{ readonly key: string; readonly operation: Operation }, Cut>;
  /** Makes what the engine returned for a cut into the result, which comes back to be looked at. */
  readonly compose: Is<
    {
      readonly key: string;
      /** Only the area is taken from the patch. */
      readonly inArea: boolean;
      readonly patch: Raster;
      readonly box: Box;
    },
    Layer & Size
  >;
  readonly encode: Is<{ readonly key: string; readonly index: number }, Piece>;
  readonly close: Is<{ readonly key: string }, null>;
  /** A PNG of that many pixels a side, about as hard to pack as a photograph. */
  readonly specimen: Is<{ readonly side: number }, Uint8Array>;
  readonly probe: Is<null, Abilities>;
  readonly run: Is<
    {
      readonly image: Raster;
      readonly mask: Uint8Array | undefined;
      readonly copyFrom: Uint8Array | undefined;
      readonly options: RunOptions;
    },
    RunAnswer,
    RunProgress
  >;
  /** Ends the run in progress: 'keep' with the best so far, 'drop' with an AbortError. */
  readonly end: Is<'keep' | 'drop', null>;
  /** Some of the image's pixels, which stand for all of them where time is measured. */
  readonly sample: Is<{ readonly key: string }, Raster>;
  /** What the qualities take on this machine, for an image of this size. */
  readonly estimate: Is<
    {
      readonly options: RunOptions;
      readonly width: number;
      readonly height: number;
      readonly sample: Raster;
      readonly qualities: readonly Quality[];
    },
    Readonly<Partial<Record<Quality, Cost>>>
  >;
  /** About one second of steps of a small net on the named executor, for Diagnostics. */
  readonly speed: Is<{ readonly executor: string }, EngineSpeed>;
};
