import type { AutomaticExecutor, Quality } from '../engine/choices.ts';
import type { Box, Size } from '../engine/image/box.ts';
import type { Cost } from '../engine/index.ts';
import type { Progress } from '../engine/options.ts';
import type { Answers, Command, Question, SandboxFacts } from '../wire/messages.ts';
import type { MaskShape, PaintFilters, ShownPart } from '../wire/pictures.ts';
import type { FillDescription, Problem } from '../wire/selection.ts';
import { DEFAULT_SETTINGS, type Operation, type Settings } from '../wire/settings.ts';
import type { Trial } from './trials.ts';
import type {
  AreaView,
  Brush,
  EngineSpeed,
  Layer,
  LossPoint,
  OpenedImage,
  Proposal,
  RunAnswer,
  Stroke,
} from './worker/methods.ts';
import type { EngineChoice } from './worker/threads.ts';

type ItemStatus = 'waiting' | 'ready' | 'running' | 'writing' | 'done' | 'failed';

/** One selected layer with an image. */
export interface Item {
  /** Names its pixels in the studio. */
  readonly key: string;
  readonly nodeId: string;
  readonly name: string;
  readonly nodeType: string;
  readonly fills: readonly FillDescription[];
  readonly fillIndex: number;
  readonly maskIds: readonly string[];
  readonly notes: readonly string[];
  /** Those that hold where the result becomes a new layer. */
  readonly layerNotes: readonly string[];
  /** A layer this plugin made: Compare and Revert are possible. */
  readonly restored: boolean;
  /** Name of the instance it lies in. */
  readonly instance: string | undefined;
  /** What lies beneath the layer shows through. */
  readonly translucent: boolean;
  /** Changes when what was read of it is no longer so. */
  readonly look: string;
  readonly status: ItemStatus;
  readonly imageHash?: string;
  /** What of the image the layer shows; absent = all of it. */
  readonly shown?: ShownPart | undefined;
  /** What Figma lays over its pixels. */
  readonly filters?: PaintFilters | undefined;
  readonly shapes: readonly MaskShape[];
  /** Drawn in the panel, over the shapes. */
  readonly strokes: readonly Stroke[];
  /** Scratches and dust that were found and are part of the area; absent = not looked for. */
  readonly found?: Proposal | undefined;
  readonly opened?: OpenedImage;
  readonly area?: AreaView | undefined;
  readonly result?: Result;
  readonly failure?: Failure | undefined;
  /** What the user said about styles and variables. */
  readonly answers?: Answers;
}

export interface Result
  extends Layer,
    Size,
    Pick<RunAnswer, 'seconds' | 'notes' | 'stages' | 'share' | 'steps'> {
  /** Engine and adapter that took them. */
  readonly engine: string;
  /** The user ended the run before it was done. */
  readonly stopped: boolean;
  /** It was ended before there was a first answer for all of the image. */
  readonly cutShort: boolean;
  /** Layer of the last result of the same image, which this one is to replace. */
  readonly replaces: string | undefined;
  readonly points: readonly LossPoint[];
  /** Name of the layer that carries it; absent = not in the document. */
  readonly insertedAs?: string;
  readonly nodeId?: string;
  readonly operation: Operation;
  /** Where it goes: a layer of its own, or the image's place in its layer. */
  readonly place: Place;
  /** Only the marked area has changed. */
  readonly inArea: boolean;
  /** Pixels of the result for one of the image. */
  readonly factor: number;
}

export type Place = 'layer' | 'in-place';

export interface RunState {
  readonly stage: Progress['stage'];
  /** Share of that stage that is done, 0 … 1. */
  readonly done: number;
  /** There is a first answer, which the network refines. */
  readonly refines: boolean;
  readonly step: number;
  readonly steps: number;
  readonly bestStep: number;
  readonly etaMs: number;
  readonly points: readonly LossPoint[];
  readonly preview: Layer | undefined;
  /** What of the image the preview shows: all of it, or the crop around the area to fill. */
  readonly box: Box | undefined;
  /** Of a large image: the part at work. */
  readonly part: number;
  readonly parts: number;
  /** 'Stop and keep' or 'Cancel' was asked for and is on its way. */
  readonly ending: 'keep' | 'drop' | undefined;
  /** When it began, ms of performance.now(). */
  readonly since: number;
}

/** What went wrong, in a designer's words, and the technical details for a bug report. */
export interface Failure {
  readonly what: string;
  readonly next: string;
  readonly details: string;
}

/** What Diagnostics knows of one engine's speed. */
export type SpeedTest = 'waiting' | 'running' | EngineSpeed | { readonly failure: string };

/** What a drag on the preview does while an area is to be marked. */
export type Tool = 'move' | Brush;

/** Diameter of the brush on the screen, CSS px: for finer strokes one zooms in. */
export const BRUSH = { min: 4, max: 80, initial: 20 } as const;

export type Phase =
  | 'starting'
  | 'empty'
  | 'unsupported'
  | 'reading'
  | 'ready'
  | 'running'
  | 'writing'
  | 'asking'
  | 'done'
  | 'failed';

export interface State {
  readonly phase: Phase;
  readonly items: readonly Item[];
  /** The item the preview shows. */
  readonly active: number;
  readonly problems: readonly Problem[];
  readonly maskNames: readonly string[];
  readonly operation: Operation;
  readonly tool: Tool;
  /** Restores what is marked only. */
  readonly onlyArea: boolean;
  readonly brush: number;
  /** Scratches and dust are being looked for. */
  readonly searching: boolean;
  readonly settings: Settings;
  readonly seed: number;
  readonly command: Command;
  readonly facts: SandboxFacts | undefined;
  readonly engine: EngineChoice | undefined;
  /** Chosen for this selection. */
  readonly quality: Quality | undefined;
  /** By `costKey`. */
  readonly costs: Readonly<Record<string, Readonly<Partial<Record<Quality, Cost>>>>>;
  readonly speeds: Readonly<Partial<Record<AutomaticExecutor, SpeedTest>>>;
  /** What Diagnostics tried of this frame: code, and messages where it was told to. */
  readonly codeTrials: readonly Trial[];
  readonly messageTrials: readonly Trial[];
  readonly run: RunState | undefined;
  readonly failure: Failure | undefined;
  readonly question: Question | undefined;
  /** Cancel was asked for after long work: what becomes of it waits for an answer. */
  readonly leaving: boolean;
  /** A change of the document that is no result, such as Revert, is on its way. */
  readonly acting: boolean;
  /** The primary button was pressed before it was known what there is to work on. */
  readonly wanted: boolean;
  /** What the sandbox is busy with while writing. */
  readonly writing: string;
  /** A quiet line: the engine was lost and recovered. */
  readonly notice: string;
  readonly view: 'panel' | 'diagnostics';
  readonly detailsOpen: boolean;
  readonly engineOpen: boolean;
  /** For assistive technology: phase changes and the final result. */
  readonly says: string;
}

const INITIAL_STATE: State = {
  phase: 'starting',
  items: [],
  active: 0,
  problems: [],
  maskNames: [],
  operation: 'restore',
  tool: 'move',
  onlyArea: false,
  brush: BRUSH.initial,
  searching: false,
  settings: DEFAULT_SETTINGS,
  seed: 0,
  command: 'restore',
  facts: undefined,
  engine: undefined,
  quality: undefined,
  costs: {},
  speeds: {},
  codeTrials: [],
  messageTrials: [],
  run: undefined,
  failure: undefined,
  question: undefined,
  leaving: false,
  acting: false,
  wanted: false,
  writing: '',
  notice: '',
  view: 'panel',
  detailsOpen: false,
  engineOpen: false,
  says: '',
};

type Listener = (state: State) => void;

/** Holds the state; tells its listeners once per turn of the event loop, however often it changed. */
export class Store {
  #state = INITIAL_STATE;
  #scheduled = false;
  readonly #listeners: Listener[] = [];

  get state(): State {
    return this.#state;
  }

  set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      for (const listener of this.#listeners) listener(this.#state);
    });
  }

  setItem(key: string, change: Partial<Item>): void {
    this.set({ items: this.#state.items.map((item) => (item.key === key ? { ...item, ...change } : item)) });
  }

  subscribe(listener: Listener): void {
    this.#listeners.push(listener);
    listener(this.#state);
  }
}

export function activeItem({ items, active }: State): Item | undefined {
  return items[active];
}

export function isBusy({ phase }: State): boolean {
  return phase === 'running' || phase === 'writing' || phase === 'asking';
}

/** Whether any selected image has layers that mark an area to fill. */
export function hasMasks({ items }: State): boolean {
  return items.some(({ maskIds }) => maskIds.length > 0);
}

/** Whether there is nothing to restore in it: it is left alone unless the user insists. */
export function isClean({ operation }: Pick<State, 'operation'>, { opened }: Item): boolean {
  return operation === 'restore' && opened?.diagnosis.task === 'none';
}
