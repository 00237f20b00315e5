import type { Quality, Task } from '../engine/options.ts';
import { MAX_IMAGE_SIDE } from '../messages.ts';
import type { Operation, RunOptions } from './heavy/methods.ts';
import type { Item, State } from './state.ts';
import { estimateMs } from './words.ts';

/** What the engine is asked to do for an item. */
export function taskOf(operation: Operation, item: Item): Task {
  if (operation === 'fill') return 'inpaint';
  if (operation === 'upscale') return 'upscale';
  // A small picture is diagnosed as one to enlarge; Restore never changes a size.
  return item.opened?.findings.task === 'dejpeg' ? 'dejpeg' : 'denoise';
}

export function runOptions(state: State, item: Item, quality: Quality = state.settings.quality): RunOptions {
  const diagnosis = state.operation === 'restore' ? item.opened?.findings.diagnosis : undefined;
  return {
    task: taskOf(state.operation, item),
    quality,
    scale: state.settings.factor,
    seed: state.seed,
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

/** Items the primary button would work on. */
export function workItems(state: State): readonly Item[] {
  const { items, operation } = state;
  return items.filter(
    (item) =>
      item.opened &&
      !item.failure &&
      (operation !== 'fill' || (item.area?.count ?? 0) > 0) &&
      obstacle(state, item) === undefined,
  );
}

/** Whether the primary action of the phase has to wait. */
export function isBlocked(state: State): boolean {
  if (state.phase === 'reading') return true;
  if (state.phase === 'ready') return workItems(state).length === 0 || !state.engine;
  // Before the first step there is nothing to keep.
  return state.phase === 'running' && (state.run?.ending !== undefined || (state.run?.step ?? 0) === 0);
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
