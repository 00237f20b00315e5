import { throwIfAborted } from './stopping/abort.ts';
import type { IsOver } from './stopping/pace.ts';

/** No task of ours is longer than this plus one piece of its work. */
const TASK_MS = 8;

/** When the present task began, at the earliest. */
let began = Number.NEGATIVE_INFINITY;

/** Lets other tasks of the event loop run. Browsers delay timers of hidden pages to a second, messages never. */
export async function breathe(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await new Promise<void>((resolve) => {
    port1.onmessage = () => resolve();
    port2.postMessage(null);
  });
  port1.close();
  began = performance.now();
}

/** To be awaited between pieces of work: gives the page its turn once they have taken TASK_MS. */
export async function turn(): Promise<void> {
  if (performance.now() - began >= TASK_MS) await breathe();
}

/** Work that yields between its pieces, or what it waits for, and returns what comes of it. */
export type Pieces<T> = Generator<undefined | Promise<unknown>, T>;

/** What a promise brings, such as code that few pictures need. */
export function* awaited<T>(promise: Promise<T>): Pieces<T> {
  let value: T | undefined;
  yield promise.then((brought) => {
    value = brought;
  });
  return value as T;
}

/** How often a loop of a few operations goes round in about a millisecond. */
const STRETCH = 2 ** 16;

/** A loop from 0 up to n in pieces, which `work` does from one number up to another. */
export function* inStretches(
  n: number,
  work: (from: number, to: number) => void,
  length = STRETCH,
): Pieces<void> {
  for (let from = 0; from < n; from += length) {
    work(from, Math.min(n, from + length));
    yield;
  }
}

/** `values.map(f)` in pieces. */
export function* mapped(values: Float32Array, f: (value: number, i: number) => number): Pieces<Float32Array> {
  const out = new Float32Array(values.length);
  yield* inStretches(out.length, (from, to) => {
    for (let i = from; i < to; i++) out[i] = f(values[i], i);
  });
  return out;
}

/** Works with a turn for the page between any two pieces. Rejects with an AbortError before the next one after `signal`. */
export async function inTurns<T>(work: Pieces<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    await turn();
    throwIfAborted({ signal });
    const piece = work.next();
    if (piece.done) return piece.value;
    if (piece.value) await piece.value;
  }
}

/** Work that is not gone on with beyond the time: undefined where it was `over` before the end. */
export function* unlessOver<T>(over: IsOver, work: Pieces<T>): Pieces<T | undefined> {
  while (!over()) {
    const piece = work.next();
    if (piece.done) return piece.value;
    yield piece.value;
  }
  return undefined;
}

/** The same with turns for the page. */
export const inTurnsUntil = <T>(
  over: IsOver,
  work: Pieces<T>,
  signal?: AbortSignal,
): Promise<T | undefined> => inTurns(unlessOver(over, work), signal);

/** Works without a pause, where nothing has to be waited for. */
export function atOnce<T>(work: Pieces<T>): T {
  for (;;) {
    const piece = work.next();
    if (piece.done) return piece.value;
    if (piece.value) throw new Error('Expected work that never waits: work that does is done inTurns.');
  }
}
