/** What is watched while the network learns: the average of its outputs, the stopping statistic, the best image. */
import type { AverageCall, EndStepCall, KeepBestCall, VarianceCall } from '../plan/calls.ts';
import { LOG_COLUMNS, LOG_ROWS, STATE } from '../plan/plan.ts';
import type { Memory } from './memory.ts';

export function average(call: AverageCall, memory: Memory): void {
  const t = memory.state[STATE.step];
  const decay = Math.min(call.decay, t / (t + 9));
  const mean = memory.buffer(call.mean);
  memory.slice(call.x).forEach((value, i) => {
    mean[i] = decay * mean[i] + (1 - decay) * value;
  });
}

export function variance(call: VarianceCall, memory: Memory): void {
  const { state } = memory;
  const mean = memory.buffer(call.mean);
  const x = memory.slice(call.x);
  if (state[STATE.step] === 0) {
    mean.set(x);
    state[STATE.variance] = 0;
    return;
  }
  let squares = 0;
  x.forEach((value, i) => {
    const d = value - mean[i];
    squares += d * d;
    mean[i] += call.alpha * d;
  });
  state[STATE.variance] = (1 - call.alpha) * (state[STATE.variance] + (call.alpha * squares) / x.length);
}

export function keepBest(call: KeepBestCall, memory: Memory): void {
  const { state } = memory;
  const improved = state[STATE.step] >= call.from && state[STATE.variance] < state[STATE.bestVariance];
  state[STATE.improved] = improved ? 1 : 0;
  if (!improved) return;
  state[STATE.bestVariance] = state[STATE.variance];
  state[STATE.bestStep] = state[STATE.step];
  memory.buffer(call.best).set(memory.buffer(call.source));
}

export function endStep(call: EndStepCall, memory: Memory): void {
  const { state } = memory;
  const row = (state[STATE.step] % LOG_ROWS) * LOG_COLUMNS;
  memory.buffer(call.log).set([state[STATE.loss], state[STATE.variance]], row);
  state[STATE.step]++;
}
