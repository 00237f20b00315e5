/**
 * The wire between the sandbox (src/plugin, owns the document) and the panel (src/ui, owns pixels and the engine).
 * Figma passes only plain objects, arrays, primitives, Date and Uint8Array: files travel as bytes, never as Blob,
 * ArrayBuffer or ImageData. A message that carries `request` is answered by exactly one message with the same
 * `request`; 'progress' may come before it. Both sides drop what their guard refuses.
 */

/** Grows by one with every request of the panel. */
export type RequestId = number;

/** x' = a·x + c·y + e, y' = b·x + d·y + f: the order of CanvasRenderingContext2D.setTransform. */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export type Command = 'restore' | 'fill' | 'upscale' | 'compare' | 'revert' | 'diagnostics';
export type Quality = 'fast' | 'balanced' | 'best';
/** Same words as the engine's `prior` option. */
export type Prior = 'auto' | 'network' | 'nonlocal' | 'tv';
export type ScaleMode = 'FILL' | 'FIT' | 'CROP' | 'TILE';

/** What the panel remembers between runs, in figma.clientStorage. */
export interface Settings {
  quality: Quality;
  /** Hide the original once the restored layer is above it: the page looks the same, and nothing shows through twice. */
  hideOriginal: boolean;
  /** Hide the layers that marked the area once it is filled: they would lie over the result. */
  hideMasks: boolean;
  /** Up-scaling factor, 1 < factor ≤ 8. */
  factor: number;
  /** Image pixels by which the area to fill grows, 0 … 64; at its default a soft mask, which reaches out itself, does not. */
  grow: number;
  /** Image pixels over which its edge fades, 0 … 64. */
  feather: number;
  /** What is known of images without data. */
  prior: Prior;
  /** Same words as the engine's `executor` option. */
  executor: string;
  /** Size of the panel, px. */
  width: number;
  height: number;
}

export const DEFAULT_SETTINGS: Settings = {
  quality: 'balanced',
  hideOriginal: true,
  hideMasks: true,
  factor: 2,
  grow: 1,
  feather: 0,
  prior: 'auto',
  executor: 'auto',
  width: 320,
  height: 560,
};

export const PANEL_MIN = { width: 280, height: 420 } as const;
export const PANEL_MAX = { width: 1200, height: 1200 } as const;

/** Figma refuses images above this many pixels a side. */
export const MAX_IMAGE_SIDE = 4096;

export type ProblemCode =
  | 'nothing-selected'
  | 'no-image'
  | 'only-masks'
  | 'mixed-fills'
  | 'in-pieces'
  | 'gif'
  | 'video'
  | 'missing-bytes'
  | 'empty-mask'
  | 'mask-outside'
  | 'no-place'
  | 'node-removed'
  | 'image-changed'
  | 'read-only'
  | 'refused-by-figma'
  | 'cancelled'
  | 'no-original'
  | 'unknown';

/** Something that stands in the way, in words a designer reads: what it is and what would work. */
export interface Problem {
  readonly code: ProblemCode;
  readonly words: string;
  readonly nodeId?: string;
}

/** One image paint of a layer. */
export interface FillDescription {
  /** Index into the layer's fills. */
  readonly index: number;
  readonly imageHash: string;
  readonly scaleMode: ScaleMode;
  /** Size of the image file in pixels. */
  readonly width: number;
  readonly height: number;
  readonly visible: boolean;
}

/** One layer whose image can be worked on. */
export interface TargetDescription {
  readonly nodeId: string;
  readonly name: string;
  readonly nodeType: string;
  /** Size of the layer, px of the canvas (not of the image). */
  readonly width: number;
  readonly height: number;
  /** Image fills, topmost first; the panel offers a choice if there are several. Never empty. */
  readonly fills: readonly FillDescription[];
  /** The fill worked on unless the panel chooses another: the topmost visible one. */
  readonly fillIndex: number;
  /** Selected layers that mark the area to fill in this image; empty = none. */
  readonly maskIds: readonly string[];
  /** Facts worth a quiet line: "2 image fills: the topmost visible one is taken." */
  readonly notes: readonly string[];
  /** The same where the result becomes a new layer: "The layer is locked; the new one will not be." */
  readonly layerNotes: readonly string[];
  /** Set on layers this plugin made: Compare and Revert are possible. */
  readonly restored: boolean;
  /** Name of the instance it lies in, which takes no new layers and may clip it; absent = in none. */
  readonly instance?: string;
  /** What lies beneath shows through: a shadow, a blend mode, an opacity below 1. */
  readonly translucent: boolean;
  /** Changes exactly when another 'read' would bring something else. */
  readonly look: string;
}

export interface SelectionDescription {
  /** Grows by one with every report: answers to an older selection can be told apart. */
  readonly revision: number;
  /** Ids of the selected layers, whatever they are. */
  readonly selected: readonly string[];
  readonly targets: readonly TargetDescription[];
  /** Layers read as masks, with their names for "Area: Vector 1, Vector 2". */
  readonly masks: readonly { readonly nodeId: string; readonly name: string }[];
  readonly problems: readonly Problem[];
}

/** Outlines to draw once per matrix: Path2D(data), setTransform(...matrix), fill(rule). */
export interface PathMask {
  readonly kind: 'paths';
  readonly nodeId: string;
  /** SVG path data with absolute M L Q C Z only. Fill and stroke outlines alike: all are to be filled, none stroked. */
  readonly paths: readonly { readonly data: string; readonly rule: 'nonzero' | 'evenodd' }[];
  /** Path units → pixels of the image file. Several only where the image is tiled over the layer. */
  readonly matrices: readonly Affine[];
}

/** A layer without usable outlines, rendered by Figma: its alpha marks the area. */
export interface RasterMask {
  readonly kind: 'raster';
  readonly nodeId: string;
  readonly png: Uint8Array;
  /** Pixels of the PNG → pixels of the image file. */
  readonly matrices: readonly Affine[];
}

/** The area to fill is the union of all shapes. */
export type MaskShape = PathMask | RasterMask;

/**
 * A picture that was handed over in pieces of at most MAX_IMAGE_SIDE a side: one piece, or the tiles of tiles.ts'
 * tileGrid(), whose small overlap hides the seams. `hash` = the answer to 'hand'.
 */
export interface HandedImage {
  readonly width: number;
  readonly height: number;
  readonly tiles: readonly {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly hash: string;
  }[];
}

/** What of an image a layer shows. */
export interface ShownPart {
  /** Size of the layer. */
  readonly width: number;
  readonly height: number;
  /** Pixels of the image file → px of the layer. */
  readonly matrix: Affine;
  /** The paint has filters, which Figma lays over the pixels. */
  readonly filtered: boolean;
}

/** Put to the user when writing would silently change something shared; the panel repeats the request with the answer. */
export interface Question {
  readonly code: 'fill-style' | 'fill-variable';
  readonly words: string;
  readonly choices: readonly { readonly id: string; readonly label: string }[];
}
export type Answers = Readonly<Partial<Record<Question['code'], string>>>;

/** What the sandbox knows for a bug report. */
export interface SandboxFacts {
  readonly apiVersion: string;
  readonly editorType: string;
  readonly mode: string;
  readonly pluginId: string;
  /** What could not be read or is odd here, one line each. */
  readonly findings: readonly string[];
}

/** Sandbox → panel. */
export type ToUi =
  /** Answer to 'ready', once. */
  | {
      readonly type: 'welcome';
      readonly settings: Settings;
      readonly command: Command;
      /** Quick-action parameters; absent = ask the settings. */
      readonly quality?: Quality;
      readonly factor?: number;
      readonly facts: SandboxFacts;
    }
  /** After 'welcome' and whenever the selection or something in it changes. */
  | { readonly type: 'selection'; readonly selection: SelectionDescription }
  /** Answer to 'read'. */
  | {
      readonly type: 'source';
      readonly request: RequestId;
      readonly nodeId: string;
      readonly fillIndex: number;
      readonly imageHash: string;
      /** The original file (PNG or JPEG), without crop, rotation and filters. */
      readonly bytes: Uint8Array;
      readonly masks: readonly MaskShape[];
      /** Absent = tiled, so all of it. */
      readonly shown?: ShownPart;
    }
  /** Answer to 'hand': the file has the picture, no layer shows it yet. */
  | { readonly type: 'handed'; readonly request: RequestId; readonly hash: string }
  /** Answer to 'weigh': how many bytes arrived. */
  | { readonly type: 'weighed'; readonly request: RequestId; readonly length: number }
  /** Answer to 'write', 'compare', 'revert', 'again' and 'place'. */
  | {
      readonly type: 'done';
      readonly request: RequestId;
      readonly nodeId: string;
      /** Name of the layer that now carries the result. */
      readonly name: string;
      /** For 'compare': which of the two is visible now. */
      readonly showing?: 'original' | 'restored';
      readonly notes: readonly string[];
    }
  /** Answer to 'prepare': writing will ask nothing more, as things are. */
  | { readonly type: 'prepared'; readonly request: RequestId }
  /** Instead of 'done' or 'prepared': nothing was changed yet. */
  | { readonly type: 'question'; readonly request: RequestId; readonly question: Question }
  /** Instead of any answer: nothing was changed. */
  | { readonly type: 'failed'; readonly request: RequestId; readonly problem: Problem }
  | {
      readonly type: 'progress';
      readonly request: RequestId;
      readonly words: string;
      readonly done: number;
      readonly total: number;
    }
  /** A layer being worked on vanished: stop the run, its result would have no place. */
  | { readonly type: 'gone'; readonly nodeId: string };

/** Panel → sandbox. */
export type ToPlugin =
  /** The panel listens; nothing is sent before. */
  | { readonly type: 'ready' }
  /** Wants the file and the masks of one fill. */
  | {
      readonly type: 'read';
      readonly request: RequestId;
      readonly nodeId: string;
      readonly fillIndex: number;
      /** Mask layers to read; usually the target's maskIds. */
      readonly maskIds: readonly string[];
    }
  /** Has everything asked that 'write' would have to ask, before the long work. */
  | {
      readonly type: 'prepare';
      readonly request: RequestId;
      readonly nodeId: string;
      readonly fillIndex: number;
      readonly imageHash: string;
      readonly place: 'layer' | 'in-place';
      /** The result will be more than one tile. */
      readonly tiled: boolean;
      readonly hideOriginal: boolean;
      readonly answers: Answers;
    }
  /** Gives Figma one piece of a result: one a message, because a message is copied on its way. */
  | { readonly type: 'hand'; readonly request: RequestId; readonly png: Uint8Array }
  /** Diagnostics: how large a message may be. */
  | { readonly type: 'weigh'; readonly request: RequestId; readonly bytes: Uint8Array }
  /** Puts a result into the document, as one undo step. */
  | {
      readonly type: 'write';
      readonly request: RequestId;
      readonly nodeId: string;
      readonly fillIndex: number;
      /** From 'source': refused with 'image-changed' if the layer shows another image by now. */
      readonly imageHash: string;
      readonly task: 'restore' | 'fill' | 'upscale';
      /** 'layer' = new layer right above the original; 'in-place' = replaces the fill. */
      readonly place: 'layer' | 'in-place';
      /** An earlier result of the same layer, which goes in the same step. */
      readonly replaces?: string;
      readonly image: HandedImage;
      /** Result pixels per source pixel; 1 for restore and fill. */
      readonly factor: number;
      readonly hideOriginal: boolean;
      /** Whether the layers 'read' was given as masks are hidden in the same step. */
      readonly hideMasks: boolean;
      readonly answers: Answers;
    }
  /** Toggles original and result. */
  | { readonly type: 'compare'; readonly request: RequestId; readonly nodeId: string }
  /** Removes the result and brings the original back. */
  | { readonly type: 'revert'; readonly request: RequestId; readonly nodeId: string }
  /** Selects the originals of selected results, with the masks used then, so that they can be restored again. */
  | { readonly type: 'again'; readonly request: RequestId }
  /** Makes a layer of an image file dropped on the panel, in the middle of the view, and selects it. */
  | { readonly type: 'place'; readonly request: RequestId; readonly name: string; readonly bytes: Uint8Array }
  /** Gives up a request that was not answered yet; it is answered 'failed' with code 'cancelled'. */
  | { readonly type: 'cancel'; readonly request: RequestId }
  /** A run began or ended: 'gone' is sent for these layers, and closing says that nothing was changed. */
  | { readonly type: 'working'; readonly nodeIds: readonly string[] }
  | { readonly type: 'settings'; readonly settings: Settings }
  | { readonly type: 'resize'; readonly width: number; readonly height: number }
  /** A toast of at most 100 characters. */
  | { readonly type: 'notify'; readonly words: string; readonly error: boolean }
  | { readonly type: 'close' };

export { isSettings, isToPlugin, isToUi } from './message-guards.ts';
