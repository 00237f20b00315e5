/** Guards of the wire: a message is acted on only if every field it must have is there and of its kind. */
import type { Settings, ToPlugin, ToUi } from './messages.ts';

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const finite: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const bytes: Check = (value) => value instanceof Uint8Array;
const object: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const oneOf =
  (...choices: string[]): Check =>
  (value) =>
    choices.indexOf(value as string) >= 0;
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const shaped =
  (shape: Shape): Check =>
  (value) =>
    object(value) && Object.keys(shape).every((key) => shape[key]!((value as Record<string, unknown>)[key]));

const within =
  (min: number, max: number): Check =>
  (value) =>
    finite(value) && (value as number) >= min && (value as number) <= max;
const settings = shaped({
  quality: oneOf('fast', 'balanced', 'best'),
  hideOriginal: flag,
  hideMasks: flag,
  factor: (value) => within(1, 8)(value) && value !== 1,
  grow: within(0, 64),
  feather: within(0, 64),
  prior: oneOf('auto', 'network', 'nonlocal', 'tv'),
  executor: text,
  width: within(1, 1e4),
  height: within(1, 1e4),
});
const problem = shaped({ code: text, words: text, nodeId: optional(text) });
const affine: Check = (value) => listOf(finite)(value) && (value as unknown[]).length === 6;
const mask: Check = (value) =>
  shaped({ nodeId: text, matrices: listOf(affine) })(value) &&
  (shaped({
    kind: oneOf('paths'),
    paths: listOf(shaped({ data: text, rule: oneOf('nonzero', 'evenodd') })),
  })(value) ||
    shaped({ kind: oneOf('raster'), png: bytes })(value));
const fill = shaped({
  index: count,
  imageHash: text,
  scaleMode: oneOf('FILL', 'FIT', 'CROP', 'TILE'),
  width: count,
  height: count,
  visible: flag,
});
const target = shaped({
  nodeId: text,
  name: text,
  nodeType: text,
  width: finite,
  height: finite,
  fills: listOf(fill),
  fillIndex: count,
  maskIds: listOf(text),
  notes: listOf(text),
  layerNotes: listOf(text),
  restored: flag,
  instance: optional(text),
  translucent: flag,
  look: text,
});
const handed = shaped({
  width: within(1, 65536),
  height: within(1, 65536),
  tiles: listOf(shaped({ x: count, y: count, width: count, height: count, hash: text })),
});

const TO_UI: Readonly<Record<ToUi['type'], Shape>> = {
  welcome: {
    settings,
    command: oneOf('restore', 'fill', 'upscale', 'compare', 'revert', 'diagnostics'),
    quality: optional(oneOf('fast', 'balanced', 'best')),
    factor: optional(finite),
    facts: object,
  },
  selection: {
    selection: shaped({
      revision: count,
      selected: listOf(text),
      targets: listOf(target),
      masks: listOf(shaped({ nodeId: text, name: text })),
      problems: listOf(problem),
    }),
  },
  source: {
    request: count,
    nodeId: text,
    fillIndex: count,
    imageHash: text,
    bytes,
    masks: listOf(mask),
    shown: optional(shaped({ width: finite, height: finite, matrix: affine, filtered: flag })),
  },
  handed: { request: count, hash: text },
  weighed: { request: count, length: count },
  done: {
    request: count,
    nodeId: text,
    name: text,
    showing: optional(oneOf('original', 'restored')),
    notes: listOf(text),
  },
  question: {
    request: count,
    question: shaped({ code: text, words: text, choices: listOf(shaped({ id: text, label: text })) }),
  },
  prepared: { request: count },
  failed: { request: count, problem },
  progress: { request: count, words: text, done: finite, total: finite },
  gone: { nodeId: text },
};

const TO_PLUGIN: Readonly<Record<ToPlugin['type'], Shape>> = {
  ready: {},
  read: { request: count, nodeId: text, fillIndex: count, maskIds: listOf(text) },
  prepare: {
    request: count,
    nodeId: text,
    fillIndex: count,
    imageHash: text,
    place: oneOf('layer', 'in-place'),
    tiled: flag,
    hideOriginal: flag,
    answers: object,
  },
  hand: { request: count, png: bytes },
  weigh: { request: count, bytes },
  write: {
    request: count,
    nodeId: text,
    fillIndex: count,
    imageHash: text,
    task: oneOf('restore', 'fill', 'upscale'),
    place: oneOf('layer', 'in-place'),
    replaces: optional(text),
    image: handed,
    factor: within(1, 8),
    hideOriginal: flag,
    hideMasks: flag,
    answers: object,
  },
  compare: { request: count, nodeId: text },
  revert: { request: count, nodeId: text },
  again: { request: count },
  place: { request: count, name: text, bytes },
  cancel: { request: count },
  working: { nodeIds: listOf(text) },
  settings: { settings },
  resize: { width: finite, height: finite },
  notify: { words: text, error: flag },
  close: {},
};

function matches(shapes: Readonly<Record<string, Shape>>, value: unknown): boolean {
  if (!object(value)) return false;
  const { type } = value as { type: unknown };
  if (typeof type !== 'string' || Object.keys(shapes).indexOf(type) < 0) return false;
  return shaped(shapes[type]!)(value);
}

/** Whether the sandbox may act on it. */
export function isToPlugin(value: unknown): value is ToPlugin {
  return matches(TO_PLUGIN, value);
}

/** Whether the panel may act on it. */
export function isToUi(value: unknown): value is ToUi {
  return matches(TO_UI, value);
}

export function isSettings(value: unknown): value is Settings {
  return settings(value);
}
