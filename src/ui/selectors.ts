import { QUALITIES, type Quality, type Task } from '../engine/choices.ts';
import type { Size } from '../engine/image/box.ts';
import type { Operation } from '../wire/settings.ts';
import { MAX_IMAGE_SIDE } from '../wire/tiles.ts';
import { type Item, isClean, type Place, type RunState, type State } from './state.ts';
import type { RunOptions } from './worker/methods.ts';

/** What the engine is asked to do for an item. */
function taskOf(operation: Operation, item: Item): Task {
  if (operation === 'fill') return 'inpaint';
  if (operation === 'upscale') return 'upscale';
  // Of a clean image only the user's wish says that there is noise.
  return item.opened?.diagnosis.task === 'dejpeg' ? 'dejpeg' : 'denoise';
}

export function runOptions(state: State, item: Item, quality: Quality = qualityFor(state)): RunOptions {
  const diagnosis = state.operation === 'restore' ? item.opened?.diagnosis : undefined;
  const { prior, factor, reduction, pixelArt } = state.settings;
  return {
    task: taskOf(state.operation, item),
    quality,
    scale: factor,
    seed: state.seed,
    // An image does not hold its own enlargement.
    prior: state.operation === 'upscale' && prior === 'nonlocal' ? 'auto' : prior,
    ...{ reduction, pixelArt },
    executor: state.engine?.executor ?? 'wasm',
    ...(diagnosis && { diagnosis }),
  };
}

/** Where a result goes. Enlargements replace the image; so does what lies in an instance, above which nothing clips. */
export function placeOf({ operation }: State, { instance }: Item): Place {
  return operation === 'upscale' || instance !== undefined ? 'in-place' : 'layer';
}

/** Whether only the marked area of the image is to change. */
export function isInArea({ operation, onlyArea }: State, { area }: Item): boolean {
  return operation === 'fill' || (operation === 'restore' && onlyArea && (area?.count ?? 0) > 0);
}

/** Within a fifth of it: an area that is drawn grows with every stroke, and is not to be timed anew for each. */
const aboutAs = (pixels: number): number => 2 ** (Math.round(2 * Math.log2(Math.max(1, pixels))) / 2);

/** By what the cost of an item depends on, its quality aside. */
export function costKey({ key, area }: Item, { task, prior, scale, executor }: RunOptions): string {
  const size = task === 'upscale' ? scale : task === 'inpaint' ? aboutAs(area?.workPixels ?? 0) : 1;
  return [key, task, prior, size, executor].join(' ');
}

/** Size of what the engine works on: the image, or a square as large as the surroundings of the area to fill. */
export function workSize({ operation }: State, { opened, area }: Item): Size {
  const { width = 0, height = 0 } = opened ?? {};
  if (operation !== 'fill' || !area) return { width, height };
  const side = Math.ceil(Math.sqrt(aboutAs(area.workPixels)));
  return { width: side, height: side };
}

/** What keeps an item from being worked on as the settings are, in words; undefined = nothing. */
export function obstacle({ operation, settings, facts }: State, item: Item): string | undefined {
  const { fills, fillIndex, instance } = item;
  const fill = fills.find(({ index }) => index === fillIndex);
  const repeats = fill?.scaleMode === 'TILE';
  // Penpot's fills cannot show a part of an image, which tiles would need.
  const penpot = facts?.editorType === 'penpot';
  if (operation !== 'upscale' || !fill || !(repeats || instance !== undefined || penpot)) return undefined;
  const side = Math.max(fill.width, fill.height);
  if (Math.round(side * settings.factor) <= MAX_IMAGE_SIDE) return undefined;
  const most = Math.floor((10 * MAX_IMAGE_SIDE) / side) / 10;
  const instead = most > 1 ? `Choose a factor up to ${most}.` : 'It is that large already.';
  const which = repeats ? 'A repeated image' : penpot ? 'An image in Penpot' : 'An image in an instance';
  return `${which} can have ${MAX_IMAGE_SIDE} px a side at most. ${instead}`;
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

/** Whether what the primary action would work on is not known yet: it is remembered that it was asked for. */
export function isUnsettled({ phase, acting, engine }: State): boolean {
  return phase === 'reading' || (phase === 'ready' && (acting || !engine));
}

/** Whether there is nothing the primary action of the phase could do. */
export function isBlocked(state: State): boolean {
  if (isUnsettled(state)) return false;
  if (state.phase === 'ready') return workItems(state).length === 0;
  if (state.phase === 'done') return state.acting;
  return state.phase === 'running' && (!state.run || state.run.ending !== undefined || !hasSome(state.run));
}

/** Whether anything is done that could be kept. What is not yet stays as it was, so that the picture is whole. */
export function hasSome({ stage, done, step }: RunState): boolean {
  return stage === 'nonlocal' ? done > 0 : step > 0;
}

/** Milliseconds all of them take at a quality; undefined until it is known what this machine can do. */
export function totalEstimate(state: State, quality: Quality): number | undefined {
  let total = 0;
  for (const item of workItems(state)) {
    const cost = state.costs[costKey(item, runOptions(state, item, quality))]?.[quality];
    if (cost === undefined) return undefined;
    total += 1000 * cost.seconds;
  }
  return total > 0 ? total : undefined;
}

/** What nobody asked for ends within about this, ms. */
const PATIENCE = 75_000;

/**
 * The quality chosen for this selection; else the best up to the one liked so far that is known not to take long. Until
 * anything is known, nothing better than balanced.
 */
export function qualityFor(state: State): Quality {
  const { quality, settings } = state;
  if (quality) return quality;
  const liked = QUALITIES.slice(0, QUALITIES.indexOf(settings.quality) + 1);
  const times = liked.map((one) => totalEstimate(state, one));
  if (times.every((ms) => ms === undefined)) return settings.quality === 'fast' ? 'fast' : 'balanced';
  return liked.findLast((_, i) => (times[i] ?? Number.POSITIVE_INFINITY) <= PATIENCE) ?? 'fast';
}
