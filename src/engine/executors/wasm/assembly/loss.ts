// The data term and total variation. Tasks sum fixed runs of samples; `finish` adds the runs in order.
import { F } from './vector';

@unmanaged
class DataTerm {
  x: usize;
  target: usize;
  weight: usize;
  dx: usize;
  floats: i32;
  plane: i32;
  huber: f64;
  batch: i32;
  /** [tasks] doubles. */
  partial: usize;
  tasks: i32;
  state: usize;
}

export function dataTerm(args: usize, task: i32, _scratch: usize): void {
  const t = changetype<DataTerm>(args);
  const end = min(t.floats, (task + 1) * t.batch);
  const squared = t.huber * t.huber;
  let loss: f64 = 0;
  for (let i = task * t.batch; i < end; i++) {
    const w: f64 = t.weight ? load<f32>(t.weight + (i % t.plane) * F) : 1;
    const r = <f64>load<f32>(t.x + i * F) - <f64>load<f32>(t.target + i * F);
    let gradient = (2 * w * r) / t.floats;
    if (t.huber > 0) {
      const root = Math.sqrt(1 + (r * r) / squared);
      loss += w * 2 * squared * (root - 1);
      gradient /= root;
    } else loss += w * r * r;
    store<f32>(t.dx + i * F, <f32>gradient);
  }
  store<f64>(t.partial + task * 8, loss);
}

function total(partial: usize, tasks: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < tasks; i++) sum += load<f64>(partial + i * 8);
  return sum;
}

/** state.loss, word 3. */
export function finishDataTerm(args: usize, _task: i32, _scratch: usize): void {
  const t = changetype<DataTerm>(args);
  store<f32>(t.state, <f32>(total(t.partial, t.tasks) / t.floats), 12);
}

@unmanaged
class TotalVariation {
  x: usize;
  dx: usize;
  channels: i32;
  height: i32;
  width: i32;
  lambda: f64;
  /** Rows (of all channels together) a task. */
  batch: i32;
  partial: usize;
  tasks: i32;
  state: usize;
}

const TV_EPSILON: f32 = 1e-3;

/** √(dh² + dv² + ε²) of the forward differences at x[i, j]; dh, dv by the caller. */
// @ts-ignore: decorator
@inline
function root(dh: f32, dv: f32): f32 {
  return Mathf.sqrt(dh * dh + dv * dv + TV_EPSILON * TV_EPSILON);
}

/** Gathered, so that rows can be computed apart: dx[p] += own term, + the terms of the left and the upper neighbour. */
export function totalVariation(args: usize, task: i32, _scratch: usize): void {
  const t = changetype<TotalVariation>(args);
  const factor = <f32>(t.lambda / (<f64>t.channels * t.height * t.width));
  const end = min(t.channels * t.height, (task + 1) * t.batch);
  let loss: f64 = 0;
  for (let row = task * t.batch; row < end; row++) {
    const y = row % t.height;
    const below: usize = y + 1 < t.height ? t.width * F : 0;
    const above: usize = y > 0 ? t.width * F : 0;
    for (let j = 0; j < t.width; j++) {
      const p = t.x + (row * t.width + j) * F;
      const next: usize = j + 1 < t.width ? F : 0;
      const v = load<f32>(p);
      const dh = load<f32>(p + next) - v;
      const dv = load<f32>(p + below) - v;
      const own = root(dh, dv);
      loss += own;
      let gradient: f32 = -(dh + dv) / own;
      if (j > 0) {
        const q = p - F;
        const h = v - load<f32>(q);
        gradient += h / root(h, load<f32>(q + below) - load<f32>(q));
      }
      if (above) {
        const q = p - above;
        const d = v - load<f32>(q);
        gradient += d / root(load<f32>(q + next) - load<f32>(q), d);
      }
      const to = t.dx + (row * t.width + j) * F;
      store<f32>(to, load<f32>(to) + factor * gradient);
    }
  }
  store<f64>(t.partial + task * 8, loss);
}

export function finishTotalVariation(args: usize, _task: i32, _scratch: usize): void {
  const t = changetype<TotalVariation>(args);
  const n = <f64>t.channels * t.height * t.width;
  const loss = <f64>load<f32>(t.state, 12) + (t.lambda / n) * total(t.partial, t.tasks);
  store<f32>(t.state, <f32>loss, 12);
}

@unmanaged
class Variance {
  x: usize;
  mean: usize;
  floats: i32;
  alpha: f64;
  batch: i32;
  partial: usize;
  tasks: i32;
  state: usize;
}

export function variance(args: usize, task: i32, _scratch: usize): void {
  const t = changetype<Variance>(args);
  const end = min(t.floats, (task + 1) * t.batch);
  const first = load<f32>(t.state) == 0;
  let squares: f64 = 0;
  for (let i = task * t.batch; i < end; i++) {
    const x = load<f32>(t.x + i * F);
    if (first) {
      store<f32>(t.mean + i * F, x);
      continue;
    }
    const mean = load<f32>(t.mean + i * F);
    const d = <f64>x - <f64>mean;
    squares += d * d;
    store<f32>(t.mean + i * F, <f32>(mean + t.alpha * d));
  }
  store<f64>(t.partial + task * 8, squares);
}

/** state.variance, word 4. */
export function finishVariance(args: usize, _task: i32, _scratch: usize): void {
  const t = changetype<Variance>(args);
  const squares = total(t.partial, t.tasks);
  const before = <f64>load<f32>(t.state, 16);
  const after = (1 - t.alpha) * (before + (t.alpha * squares) / t.floats);
  store<f32>(t.state, load<f32>(t.state) == 0 ? 0 : <f32>after, 16);
}

@unmanaged
class Average {
  x: usize;
  mean: usize;
  floats: i32;
  decay: f64;
  batch: i32;
  state: usize;
}

export function average(args: usize, task: i32, _scratch: usize): void {
  const t = changetype<Average>(args);
  const end = min(t.floats, (task + 1) * t.batch);
  const step = <f64>load<f32>(t.state);
  const decay = min(t.decay, step / (step + 9));
  for (let i = task * t.batch; i < end; i++) {
    const p = t.mean + i * F;
    store<f32>(p, <f32>(decay * load<f32>(p) + (1 - decay) * load<f32>(t.x + i * F)));
  }
}

@unmanaged
class KeepBest {
  source: usize;
  best: usize;
  floats: i32;
  from: i32;
  batch: i32;
  state: usize;
}

/** Words of state: step 0, variance 4, bestVariance 5, bestStep 6, improved 7. */
export function decideBest(args: usize, _task: i32, _scratch: usize): void {
  const t = changetype<KeepBest>(args);
  const step = load<f32>(t.state);
  const variance = load<f32>(t.state, 16);
  const improved = step >= <f32>t.from && variance < load<f32>(t.state, 20);
  store<f32>(t.state, improved ? 1 : 0, 28);
  if (!improved) return;
  store<f32>(t.state, variance, 20);
  store<f32>(t.state, step, 24);
}

export function keepBest(args: usize, task: i32, _scratch: usize): void {
  const t = changetype<KeepBest>(args);
  if (load<f32>(t.state, 28) == 0) return;
  const from = task * t.batch;
  memory.copy(t.best + from * F, t.source + from * F, (min(t.floats, from + t.batch) - from) * F);
}

@unmanaged
class EndStep {
  log: usize;
  rows: i32;
  state: usize;
}

export function endStep(args: usize, _task: i32, _scratch: usize): void {
  const t = changetype<EndStep>(args);
  const step = load<f32>(t.state);
  const row = t.log + (<i32>step % t.rows) * 2 * F;
  store<f32>(row, load<f32>(t.state, 12));
  store<f32>(row, load<f32>(t.state, 16), 4);
  store<f32>(t.state, step + 1);
}
