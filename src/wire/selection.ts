import * as v from 'valibot';
import { count, extent, flag, type Of, side, text, texts } from './values.ts';

/** Something that stands in the way, in words a designer reads: what it is and what would work. */
export const problem = v.object({
  code: v.picklist([
    'nothing-selected',
    'no-image',
    'only-masks',
    'mixed-fills',
    'in-pieces',
    'gif',
    'video',
    'missing-bytes',
    'empty-mask',
    'mask-outside',
    'no-place',
    'node-removed',
    'image-changed',
    'read-only',
    'refused-by-figma',
    'cancelled',
    'no-original',
    'unknown',
  ]),
  words: text,
  nodeId: v.optional(text),
});
export type Problem = Of<typeof problem>;
export type ProblemCode = Problem['code'];

/** One image paint of a layer. */
const fill = v.object({
  /** Index into the layer's fills. */
  index: count,
  imageHash: text,
  scaleMode: v.picklist(['FILL', 'FIT', 'CROP', 'TILE']),
  /** Size of the image file in pixels. */
  width: side,
  height: side,
  visible: flag,
});
export type FillDescription = Of<typeof fill>;

/** One layer whose image can be worked on. */
const target = v.object({
  nodeId: text,
  name: text,
  nodeType: text,
  /** Size of the layer, px of the canvas (not of the image). */
  width: extent,
  height: extent,
  /** Image fills, topmost first; the panel offers a choice if there are several. Never empty. */
  fills: v.array(fill),
  /** The fill worked on unless the panel chooses another: the topmost visible one. */
  fillIndex: count,
  /** Selected layers that mark the area to fill in this image; empty = none. */
  maskIds: texts,
  /** Facts worth a quiet line: "2 image fills: the topmost visible one is taken." */
  notes: texts,
  /** The same where the result becomes a new layer: "The layer is locked; the new one will not be." */
  layerNotes: texts,
  /** Set on layers this plugin made: Compare and Revert are possible. */
  restored: flag,
  /** Name of the instance it lies in, which takes no new layers and may clip it; absent = in none. */
  instance: v.optional(text),
  /** What lies beneath shows through: a shadow, a blend mode, an opacity below 1. */
  translucent: flag,
  /** Changes exactly when another 'read' would bring something else. */
  look: text,
});
export type TargetDescription = Of<typeof target>;

export const selection = v.object({
  /** Grows by one with every report: answers to an older selection can be told apart. */
  revision: count,
  /** Ids of the selected layers, whatever they are. */
  selected: texts,
  targets: v.array(target),
  /** Layers read as masks, with their names for "Area: Vector 1, Vector 2". */
  masks: v.array(v.object({ nodeId: text, name: text })),
  problems: v.array(problem),
});
export type SelectionDescription = Of<typeof selection>;
