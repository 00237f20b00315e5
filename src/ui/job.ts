import type { Quality, Task } from '../engine/options.ts';
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
  return {
    task: taskOf(state.operation, item),
    quality,
    scale: state.settings.factor,
    seed: state.seed,
    executor: state.engine?.executor ?? 'wasm',
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

/** Items the primary button would work on. */
export function workItems({ items, operation }: State): readonly Item[] {
  return items.filter(
    ({ opened, area, failure }) => opened && !failure && (operation !== 'fill' || (area?.count ?? 0) > 0),
  );
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
