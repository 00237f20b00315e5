import type { ProblemCode } from '../wire/selection.ts';
import { MAX_IMAGE_SIDE } from '../wire/tiles.ts';
import { insertItem, untilAnswered } from './insert.ts';
import type { QueuePort } from './ports.ts';
import { isInArea, placeOf, runOptions } from './selectors.ts';
import type { Item, RunState } from './state.ts';
import { failureOf } from './words.ts';
import type { Layer, RunAnswer, RunProgress } from './worker/methods.ts';
import type { WorkerClient } from './worker/threads.ts';

/** How long a run may take to answer Cancel before its worker is ended, ms. */
const CANCEL_PATIENCE = 1500;
/** Codes after which the processor may still manage what the graphics card did not, and what it did. */
const GPU_TROUBLE: Readonly<Record<string, string>> = {
  'device-lost': 'stopped answering',
  'gpu-unavailable': 'cannot be used',
  'out-of-memory': 'has too little memory for this',
};

/** Works on the items one after the other; a failure of one does not stop the others, Cancel does. */
export async function runQueue(
  panel: QueuePort,
  items: readonly Item[],
  { insert = true }: { insert?: boolean } = {},
): Promise<void> {
  const { store, bridge } = panel;
  bridge.send({ type: 'working', nodeIds: items.map(({ nodeId }) => nodeId) });
  store.set({ notice: '', failure: undefined, run: FRESH_RUN });
  for (const { key } of items) store.setItem(key, { status: 'waiting', failure: undefined });
  panel.phase('running');
  const asked = await askFirst(panel, items);
  let cancelled = asked !== 'go';
  for (const { key } of cancelled ? [] : items) {
    const outcome = await workOn(panel, key, insert);
    cancelled = outcome === 'cancelled';
    if (cancelled) break;
  }
  bridge.send({ type: 'working', nodeIds: [] });
  if (asked === 'stale' && startOver(panel)) return;
  finish(panel, items, cancelled);
}

/** What was read is no longer so: it is read again, and what was asked for follows. */
function startOver(panel: QueuePort): boolean {
  const { notice } = panel.store.state;
  panel.store.set({ run: undefined, notice: '', wanted: true });
  const follows = panel.follow();
  if (!follows) panel.store.set({ notice, wanted: false });
  return follows;
}

function finish(panel: QueuePort, items: readonly Item[], cancelled: boolean): void {
  const { store } = panel;
  store.set({ run: undefined, leaving: false });
  const now = store.state.items.filter(({ key }) => items.some((item) => item.key === key));
  if (cancelled)
    for (const { key, status } of now) if (status !== 'done') store.setItem(key, { status: 'ready' });
  if (now.some(({ result }) => result)) {
    const shown = store.state.items.findIndex(({ key, result }) => result && key === now.at(-1)?.key);
    if (shown >= 0) store.set({ active: shown });
    panel.phase('done');
  } else if (cancelled) {
    panel.phase('ready');
    store.set({ says: 'Cancelled. Nothing was changed.' });
    panel.follow();
  } else {
    store.set({ failure: now.find(({ failure }) => failure)?.failure });
    panel.phase('failed');
  }
}

/** Another image, or none, where one was read: to be noticed before the long work, not after it. */
const STALE: readonly ProblemCode[] = ['image-changed', 'node-removed'];

/** Puts the sandbox' questions before the long work; 'drop' = the user would rather not. */
async function askFirst(panel: QueuePort, items: readonly Item[]): Promise<'go' | 'drop' | 'stale'> {
  const { store, bridge } = panel;
  const { operation, settings } = store.state;
  const factor = operation === 'upscale' ? settings.factor : 1;
  for (const item of items) {
    const { key, nodeId, fillIndex, imageHash = '', opened } = item;
    const side = Math.round(Math.max(opened?.width ?? 0, opened?.height ?? 0) * factor);
    const about = {
      ...{ nodeId, fillIndex, imageHash, tiled: side > MAX_IMAGE_SIDE },
      place: placeOf(store.state, item),
      hideOriginal: settings.hideOriginal,
    };
    const answered = await untilAnswered(panel, key, (answers) =>
      bridge.ask({ type: 'prepare', ...about, answers }),
    );
    if (answered === undefined || isDropped(panel)) return 'drop';
    // What else stands in the way is said once there is a result, which the user may keep.
    if (answered.type === 'failed' && STALE.includes(answered.problem.code)) {
      store.set({ notice: answered.problem.words });
      return 'stale';
    }
  }
  return 'go';
}

const isDropped = ({ store }: QueuePort): boolean => store.state.run?.ending === 'drop';

type Outcome = 'done' | 'failed' | 'cancelled';

async function workOn(panel: QueuePort, key: string, insert: boolean): Promise<Outcome> {
  const { store } = panel;
  store.set({ active: store.state.items.findIndex((item) => item.key === key) });
  store.setItem(key, { status: 'running' });
  panel.phase('running');
  try {
    await computeWithFallback(panel, key);
    // Of what was stopped on the way the user decides whether it is good enough.
    const { result } = store.state.items.find((item) => item.key === key) ?? {};
    if (insert && !result?.stopped) await insertItem(panel, key);
    store.setItem(key, { status: 'done' });
    return 'done';
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return 'cancelled';
    const { engine, operation } = store.state;
    const item = store.state.items.find((other) => other.key === key);
    const size = item?.opened ? `${item.opened.width} × ${item.opened.height} ${item.opened.format}` : '';
    const failure = failureOf(error, `${operation}, ${size}, ${engine?.label ?? 'no engine'}`);
    store.setItem(key, { status: 'failed', failure });
    return 'failed';
  }
}

/** A lost graphics card, or one without the memory, and a crashed worker are answered by one more try. */
async function computeWithFallback(panel: QueuePort, key: string): Promise<void> {
  try {
    await compute(panel, key);
  } catch (error) {
    const { name, code } = error as { name?: string; code?: string };
    const { engine } = panel.store.state;
    if (name === 'EngineLostError') panel.store.set({ notice: 'The engine stopped and was started again.' });
    else if (engine && engine.executor !== 'wasm' && code !== undefined && GPU_TROUBLE[code]) {
      panel.engines.fallBack(engine.executor, GPU_TROUBLE[code]);
      panel.threads.restart();
      await computeWithFallback(panel, key);
      return;
    } else throw error;
    panel.threads.restart();
    await compute(panel, key);
  }
}

const FRESH_RUN: RunState = {
  stage: 'nonlocal',
  done: 0,
  refines: false,
  step: 0,
  steps: 0,
  bestStep: 0,
  etaMs: 0,
  points: [],
  preview: undefined,
  box: undefined,
  part: 1,
  parts: 1,
  ending: undefined,
  since: 0,
};

/** One image. Stop keeps the best so far. */
async function compute(panel: QueuePort, key: string): Promise<void> {
  const { store, threads } = panel;
  const { operation, engine } = store.state;
  const item = store.state.items.find((other) => other.key === key);
  if (!item) return;
  const options = runOptions(store.state, item);
  const inArea = isInArea(store.state, item);
  const ending = isDropped(panel) ? 'drop' : undefined;
  const fresh: RunState = { ...FRESH_RUN, since: performance.now(), ending };
  store.set({ run: fresh });
  const onPage = engine?.where === 'page';
  const client = onPage ? await threads.page() : threads.worker();
  const { image, mask, copyFrom, box } = await threads.studio.call('cut', { key, operation });
  // Asked for while no run of the engine was there to be told.
  if (isDropped(panel)) throw new DOMException('The restoration was aborted.', 'AbortError');
  store.set({ run: { ...fresh, box } });
  const planes = [mask, copyFrom].flatMap((plane) => plane?.buffer ?? []);
  const transfer: Transferable[] = [image.data.buffer, ...planes];
  const running = client.call('run', { image, mask, copyFrom, options }, transfer, (event) =>
    showProgress(panel, event),
  );
  const answer = await withEnding(panel, client, onPage, running);
  const { image: patch, seconds, notes, stages, share, steps } = answer;
  const { ending: ended, points = [], stage, done = 1 } = store.state.run ?? {};
  const cutShort = stage === 'nonlocal' && done < 1;
  const composed = await threads.studio.call('compose', { key, inArea, patch, box }, [patch.data.buffer]);
  const replaces = item.result?.nodeId ?? item.result?.replaces;
  const facts = {
    ...{ seconds, notes, stages, share, steps, points, replaces, engine: engine?.label ?? '' },
    ...{ place: placeOf(store.state, item), inArea },
    factor: operation === 'upscale' ? options.scale : 1,
  };
  store.setItem(key, { result: { ...composed, ...facts, operation, stopped: ended === 'keep', cutShort } });
}

/** Lets Stop and Cancel through; a worker that does not answer Cancel in time is ended. */
async function withEnding(
  panel: QueuePort,
  client: WorkerClient,
  onPage: boolean,
  running: Promise<RunAnswer>,
): Promise<RunAnswer> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  panel.ending = (how) => {
    // The answer never comes where the worker is ended instead.
    client.call('end', how).catch(() => undefined);
    if (how === 'drop' && !onPage) timer = setTimeout(() => panel.threads.restart(), CANCEL_PATIENCE);
  };
  try {
    return await running;
  } finally {
    clearTimeout(timer);
    panel.ending = undefined;
  }
}

function showProgress({ store }: QueuePort, event: RunProgress): void {
  const { run } = store.state;
  if (!run) {
    close(event.preview);
    return;
  }
  const { points, preview, ...standing } = event;
  if (preview) close(run.preview);
  store.set({
    run: {
      ...run,
      ...standing,
      refines: run.refines || event.stage === 'nonlocal',
      points: [...run.points, ...points],
      preview: preview ?? run.preview,
    },
  });
}

function close(layer: Layer | undefined): void {
  layer?.bitmap.close();
  layer?.small?.close();
}
