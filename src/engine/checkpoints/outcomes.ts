import type { StepRecord } from '../executors/executor.ts';
import type { RunFacts } from '../run/optimise.ts';
import type { Entry } from './journal.ts';

/** Steps as floats, which their numbers are on every device. */
export function packHistory(history: readonly StepRecord[]): Float32Array {
  return Float32Array.from(history.flatMap(({ step, loss, variance }) => [step, loss, variance]));
}

export function unpackHistory(packed: Float32Array): StepRecord[] {
  return Array.from({ length: packed.length / 3 }, (_, i) => {
    const [step, loss, variance] = packed.subarray(3 * i);
    return { step, loss, variance };
  });
}

/** How runs went, for a journal: their histories as planes named `prefix` and a number. */
export function packOutcomes(outcomes: readonly RunFacts[], prefix = ''): Entry {
  const facts = outcomes.map(({ history: _, ...others }) => others);
  const planes = Object.fromEntries(
    outcomes.map(({ history }, i) => [`${prefix}${i}`, packHistory(history)]),
  );
  return { facts, planes };
}

export function unpackOutcomes(facts: unknown, planes: Entry['planes'], prefix = ''): RunFacts[] {
  return (facts as Omit<RunFacts, 'history'>[]).map((others, i) => ({
    ...others,
    history: unpackHistory(planes[`${prefix}${i}`]),
  }));
}
