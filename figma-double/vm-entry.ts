/** Runs inside QuickJS before dist/code.js: makes the double and gives the sandbox its globals. */
import { Double, type Manifest } from './double.ts';
import { type Packed, pack, unpack } from './wire.ts';

/** Functions of the Node side; bytes cross as ArrayBuffers beside the JSON. */
interface NodeSide {
  send(kind: string, json: string, ...buffers: ArrayBuffer[]): void;
  timer(id: number, delay: number): void;
}

declare const __node: NodeSide;
declare const __manifest: Manifest;

const send = (kind: string, { json, buffers }: Packed) =>
  __node.send(kind, json, ...buffers.map((bytes) => bytes.slice().buffer as ArrayBuffer));

let renders = 0;
const waiting = new Map<number, { done: (png: Uint8Array) => void; fail: (error: Error) => void }>();
const timers = new Map<number, () => void>();
let timerCount = 0;

const double = new Double(__manifest, {
  post: (message) => send('post', pack(message)),
  render: (scene, box, scale) =>
    new Promise((done, fail) => {
      waiting.set(++renders, { done, fail });
      send('render', pack({ call: renders, scene: JSON.parse(JSON.stringify(scene)), box, scale }));
    }),
  imageAdded: (hash, { bytes, width, height }) => send('image', pack({ hash, bytes, width, height })),
  event: (event) => send('event', pack(event)),
});

const operations: Record<string, (...args: never[]) => unknown> = {
  build: (specs: never, styles: never) => double.build(specs, styles),
  addImage: (bytes: Uint8Array, missing: boolean) => double.addImage(bytes, missing),
  run: (command: string, parameters: never) => double.run(command, parameters),
  receive: (message: unknown) => double.receive(message),
  select: (ids: string[]) => double.select(ids),
  edit: (id: string, props: never) => double.edit(id, props),
  remove: (id: string) => double.remove(id),
  removePage: () => double.removePage(),
  lock: () => {
    double.state.readOnly = true;
  },
  undo: () => double.undo(),
  closeByUser: () => double.closeByUser(),
  suggest: (key: string, query: string) => double.suggest(key, query),
  dump: (id: string | undefined) => double.dump(id),
  picture: (id: string | undefined) => JSON.parse(JSON.stringify(double.picture(id))),
  box: (id: string) => double.box(id),
  selection: () => double.state.selection,
  steps: () => double.state.steps,
  snapshot: () => double.state.snapshot(),
  stored: (key: string) => double.stored(key),
  fireTimer: (id: number) => {
    const callback = timers.get(id);
    timers.delete(id);
    callback?.();
  },
  rendered: (call: number, png: Uint8Array | null, error: string) => {
    const entry = waiting.get(call);
    waiting.delete(call);
    if (png) entry?.done(png);
    else entry?.fail(new Error(error));
  },
};

const globals = {
  figma: double.figma,
  setTimeout: (callback: () => void, delay = 0) => {
    timers.set(++timerCount, callback);
    __node.timer(timerCount, delay);
    return timerCount;
  },
  clearTimeout: (id: number) => timers.delete(id),
  console: {
    log: (...words: unknown[]) => send('log', pack(words.map(String))),
    warn: (...words: unknown[]) => send('log', pack(words.map(String))),
    error: (...words: unknown[]) => send('log', pack(words.map(String))),
  },
  /** Called by Node: an operation with packed arguments; returns the packed result as JSON and buffers. */
  __call: (name: string, json: string, ...buffers: ArrayBuffer[]) => {
    const args = unpack({ json, buffers: buffers.map((buffer) => new Uint8Array(buffer)) }) as never[];
    const result = pack(operations[name]!(...args));
    return result.json;
  },
};
Object.assign(globalThis, globals);
