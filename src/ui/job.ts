import type { Quality, Task } from '../engine/options.ts';
import { MAX_IMAGE_SIDE } from '../messages.ts';
import type { Operation, RunOptions } from './heavy/methods.ts';
import { type Item, isClean, type RunState, type State } from './state.ts';
import { estimateMs } from './words.ts';

/** What the engine is asked to do for an item. */
export function taskOf(operation: Operation, item: Item): Task {
  if (operation === 'fill') return 'inpaint';
  if (operation === 'upscale') return 'upscale';
  // Of a clean image only the user's wish says that there is noise.
  return item.opened?.diagnosis.task === 'dejpeg' ? 'dejpeg' : 'denoise';
}

export function runOptions(state: State, item: Item, quality: Quality = state.settings.quality): RunOptions {
  const diagnosis = state.operation === 'restore' ? item.opened?.diagnosis : undefined;
  const { prior, factor } = state.settings;
  return {
    task: taskOf(state.operation, item),
    quality,
    scale: factor,
    seed: state.seed,
    // An image does not hold its own enlargement.
    prior: state.operation === 'upscale' && prior === 'nonlocal' ? 'auto' : prior,
    executor: state.engine?.executor ?? 'wasm',
    ...(diagnosis && { diagnosis }),
  };
}

export function paceKey({ task, quality, executor }: RunOptions): string {
  return `${executor} ${task} ${quality}`;
}

/** Pixels the engine optimises for one item. */
export function workPixels({ operation, settings }: State, item: Item): number {
  if (!item.opened) return 0;
  const { width, height } = item.opened;
  if (operation === 'upscale') return width * height * settings.factor ** 2;
  return operation === 'fill' && item.area ? item.area.workPixels : width * height;
}

/** What keeps an item from being worked on as the settings are, in words; undefined = nothing. */
export function obstacle({ operation, settings }: State, { fills, fillIndex }: Item): string | undefined {
  const fill = fills.find(({ index }) => index === fillIndex);
  if (operation !== 'upscale' || fill?.scaleMode !== 'TILE') return undefined;
  const side = Math.max(fill.width, fill.height);
  if (Math.round(side * settings.factor) <= MAX_IMAGE_SIDE) return undefined;
  const most = Math.floor((10 * MAX_IMAGE_SIDE) / side) / 10;
  const instead = most > 1 ? `Choose a factor up to ${most}.` : 'It is that large already.';
  return `A repeated image can have ${MAX_IMAGE_SIDE} px a side at most. ${instead}`;
}

/** Items the primary button would work on: clean ones only where there are no others. */
export function workItems(state: State): readonly Item[] {
  const { items, operation } = state;
  const able = items.filter(
    (item) =>
      item.opened &&
      !item.failure &&
      (operation !== 'fill' || (item.area?.count ?? 0) > 0) &&
      obstacle(state, item) === undefined,
  );
  const damaged = able.filter((item) => !isClean(state, item));
  return damaged.length > 0 ? damaged : able;
}

/** Whether there is nothing to do but what the user insists on. */
export function isAllClean(state: State): boolean {
  const work = workItems(state);
  return state.phase === 'ready' && work.length > 0 && work.every((item) => isClean(state, item));
}

/** Whether the primary action of the phase has to wait. */
export function isBlocked(state: State): boolean {
  if (state.phase === 'reading') return true;
  if (state.phase === 'ready') return workItems(state).length === 0 || !state.engine;
  return state.phase === 'running' && (!state.run || state.run.ending !== undefined || !hasWhole(state.run));
}

/** Whether the run has a whole picture to keep: the first answer, or a step of the network. */
function hasWhole({ stage, done, step }: RunState): boolean {
  return stage === 'nonlocal' ? done >= 1 : step > 0;
}

/** Milliseconds all of them take at a quality; undefined until this machine's pace is known. */
export function totalEstimate(state: State, quality: Quality): number | undefined {
  let total = 0;
  for (const item of workItems(state)) {
    const ms = estimateMs(state.paces[paceKey(runOptions(state, item, quality))], workPixels(state, item));
    if (ms === undefined) return undefined;
    total += ms;
  }
  return total > 0 ? total : undefined;
}
