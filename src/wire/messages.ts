/**
 * The wire between the sandbox (src/plugin, owns the document) and the panel (src/ui, owns pixels and the engine).
 * Figma passes only plain objects, arrays, primitives, Date and Uint8Array: files travel as bytes, never as Blob,
 * ArrayBuffer or ImageData. A message that carries `request` is answered by exactly one message with the same
 * `request`; 'progress' may come before it. Both sides drop what their guard refuses.
 */
import * as v from 'valibot';
import { handedImage, maskShape, paintFilters, shownPart } from './pictures.ts';
import { problem, selection } from './selection.ts';
import { OPERATIONS, quality, settings } from './settings.ts';
import { bytes, count, extent, factor, flag, type Of, text, texts } from './values.ts';

/** Grows by one with every request of the panel. */
const request = count;
export type RequestId = number;

const command = v.picklist([...OPERATIONS, 'compare', 'revert', 'diagnostics']);
export type Command = Of<typeof command>;

/** Put to the user when writing would silently change something shared; the panel repeats the request with the answer. */
const question = v.object({
  code: v.picklist(['fill-style', 'fill-variable']),
  words: text,
  choices: v.array(v.object({ id: text, label: text })),
});
export type Question = Of<typeof question>;

/** The chosen id by the question's code. */
const answers = v.object({ 'fill-style': v.optional(text), 'fill-variable': v.optional(text) });
export type Answers = Of<typeof answers>;

/** What the sandbox knows for a bug report. */
const facts = v.object({
  apiVersion: text,
  editorType: text,
  mode: text,
  pluginId: text,
  /** What could not be read or is odd here, one line each. */
  findings: texts,
});
export type SandboxFacts = Of<typeof facts>;

/** 'layer' = new layer right above the original; 'in-place' = replaces the fill. */
const place = v.picklist(['layer', 'in-place']);
/** One fill of a layer. */
const ofFill = { request, nodeId: text, fillIndex: count };

const type = <const T extends string>(name: T) => v.literal(name);

/** Sandbox → panel. */
const toUi = v.variant('type', [
  /** Answer to 'ready', once. */
  v.object({
    type: type('welcome'),
    settings,
    command,
    /** Quick-action parameters; absent = ask the settings. */
    quality: v.optional(quality),
    factor: v.optional(factor),
    facts,
  }),
  /** After 'welcome' and whenever the selection or something in it changes. */
  v.object({ type: type('selection'), selection }),
  /** Answer to 'read'. */
  v.object({
    type: type('source'),
    ...ofFill,
    imageHash: text,
    /** The original file (PNG or JPEG), without crop, rotation and filters. */
    bytes,
    masks: v.array(maskShape),
    /** Absent = tiled, so all of it. */
    shown: v.optional(shownPart),
    /** Absent = none. */
    filters: v.optional(paintFilters),
  }),
  /** Answer to 'hand': the file has the picture, no layer shows it yet. */
  v.object({ type: type('handed'), request, hash: text }),
  /** Answer to 'weigh': how many bytes arrived. */
  v.object({ type: type('weighed'), request, length: count }),
  /** Answer to 'write', 'compare', 'revert', 'again' and 'place'. */
  v.object({
    type: type('done'),
    request,
    nodeId: text,
    /** Name of the layer that now carries the result. */
    name: text,
    /** For 'compare': which of the two is visible now. */
    showing: v.optional(v.picklist(['original', 'restored'])),
    notes: texts,
  }),
  /** Answer to 'prepare': writing will ask nothing more, as things are. */
  v.object({ type: type('prepared'), request }),
  /** Instead of 'done' or 'prepared': nothing was changed yet. */
  v.object({ type: type('question'), request, question }),
  /** Instead of any answer: nothing was changed. */
  v.object({ type: type('failed'), request, problem }),
  v.object({ type: type('progress'), request, words: text, done: extent, total: extent }),
  /** A layer being worked on vanished: stop the run, its result would have no place. */
  v.object({ type: type('gone'), nodeId: text }),
]);
export type ToUi = Of<typeof toUi>;

/** Panel → sandbox. */
const toPlugin = v.variant('type', [
  /** The panel listens; nothing is sent before. */
  v.object({ type: type('ready') }),
  /** Wants the file and the masks of one fill: mask layers to read, usually the target's maskIds. */
  v.object({ type: type('read'), ...ofFill, maskIds: texts }),
  /** Has everything asked that 'write' would have to ask, before the long work. */
  v.object({
    type: type('prepare'),
    ...ofFill,
    imageHash: text,
    place,
    /** The result will be more than one tile. */
    tiled: flag,
    hideOriginal: flag,
    answers,
  }),
  /** Gives Figma one piece of a result: one a message, because a message is copied on its way. */
  v.object({ type: type('hand'), request, png: bytes }),
  /** Diagnostics: how large a message may be. */
  v.object({ type: type('weigh'), request, bytes }),
  /** Puts a result into the document, as one undo step. */
  v.object({
    type: type('write'),
    ...ofFill,
    /** From 'source': refused with 'image-changed' if the layer shows another image by now. */
    imageHash: text,
    task: v.picklist(OPERATIONS),
    place,
    /** An earlier result of the same layer, which goes in the same step. */
    replaces: v.optional(text),
    image: handedImage,
    /** Result pixels per source pixel; 1 for restore and fill. */
    factor,
    hideOriginal: flag,
    /** Whether the layers 'read' was given as masks are hidden in the same step. */
    hideMasks: flag,
    answers,
  }),
  /** Toggles original and result. */
  v.object({ type: type('compare'), request, nodeId: text }),
  /** Removes the result and brings the original back. */
  v.object({ type: type('revert'), request, nodeId: text }),
  /** Selects the originals of selected results, with the masks used then, so that they can be restored again. */
  v.object({ type: type('again'), request }),
  /** Makes a layer of an image file dropped on the panel, in the middle of the view, and selects it. */
  v.object({ type: type('place'), request, name: text, bytes }),
  /** Gives up a request that was not answered yet; it is answered 'failed' with code 'cancelled'. */
  v.object({ type: type('cancel'), request }),
  /** A run began or ended: 'gone' is sent for these layers, and closing says that nothing was changed. */
  v.object({ type: type('working'), nodeIds: texts }),
  v.object({ type: type('settings'), settings }),
  v.object({ type: type('resize'), width: extent, height: extent }),
  v.object({ type: type('close') }),
]);
export type ToPlugin = Of<typeof toPlugin>;

/** Whether the panel may act on it. */
export const isToUi = (value: unknown): value is ToUi => v.is(toUi, value);

/** Whether the sandbox may act on it. */
export const isToPlugin = (value: unknown): value is ToPlugin => v.is(toPlugin, value);
