import { abortError } from '../../errors.ts';
import type { GraphNode } from '../../network/graph.ts';
import {
  type AdamCall,
  LOG_COLUMNS,
  LOG_ROWS,
  type MuonCall,
  type NoiseCall,
  type Plan,
  planBytes,
  STATE,
  STATE_FLOATS,
} from '../../plan/plan.ts';
import { normal, streamKey } from '../../random.ts';
import type { Run, StepRecord } from '../executor.ts';
import type { Backend, Tensor, Tensor1D, Tensor3D } from './backend.ts';
import { Network } from './network.ts';
import { type Arenas, optimise } from './optimise.ts';
import { Resampler } from './resample.ts';
import { dataTerm, totalVariation } from './terms.ts';

/** Longest stretch of synchronous work, ms, after which other tasks get a turn: an abort must be able to arrive. */
const TURN_MS = 30;

const ARENAS = ['theta', 'moment1', 'moment2'] as const;
const TRAINED = [...ARENAS, 'ema', 'varianceMean', 'variance'] as const;
/** Scalars that live on the device between steps. */
const SCALARS = ['variance', 'bestVariance', 'bestStep', 'improved', 'loss'] as const;

/**
 * A plan's graph and objective interpreted with tf ops. Its kernel calls are not run, only read for what the graph
 * does not say: the seed of the noise, and which optimiser takes which stretch of the arenas.
 */
export class TfjsRun implements Run {
  private readonly tensors = new Map<string, Tensor>();
  private readonly shapes: ReadonlyMap<string, readonly number[]>;
  private readonly resampler: Resampler;
  private readonly network: Network;
  private readonly log = new Float32Array(LOG_ROWS * LOG_COLUMNS);
  private readonly optimiserCalls: readonly (AdamCall | MuonCall)[];
  private readonly noiseCalls: readonly NoiseCall[];
  /** The last checkpoint and the one before. */
  private checkpoints: Map<string, Tensor>[] = [];
  private step = 0;
  private rate = 1;
  private noise = 1;
  /** The end of everything asked for so far; undefined when nothing is under way. */
  private tail: Promise<unknown> | undefined;
  private disposed = false;
  private readonly bytesBefore: number;
  private peak: number;

  constructor(
    private readonly b: Backend,
    private readonly plan: Plan,
  ) {
    b.activate();
    const { graph, objective, calls } = plan;
    this.bytesBefore = b.tf.memory().numBytes;
    this.peak = planBytes(plan);
    this.shapes = tensorShapes(plan);
    this.resampler = new Resampler(b);
    this.network = new Network(b, graph, plan.parameters, this.resampler, [
      objective.image,
      objective.observed,
    ]);
    this.optimiserCalls = calls.filter((c) => c.kind === 'adam' || c.kind === 'muon');
    this.noiseCalls = calls.filter((c) => c.kind === 'noise');
    for (const [name, shape] of this.shapes) this.set(name, b.tf.zeros(shape as number[]));
    for (const name of SCALARS)
      this.set(name, b.tf.scalar(name === 'bestVariance' ? Number.POSITIVE_INFINITY : 0));
  }

  get bytes(): number {
    return this.peak;
  }

  write(name: string, data: Float32Array): void {
    const expected = name === 'state' ? STATE_FLOATS : this.sizeOf(name);
    if (data.length !== expected)
      throw new Error(`Buffer "${name}" has ${expected} floats, got ${data.length}.`);
    const copy = data.slice();
    this.inOrder(() => {
      if (name === 'state') this.writeState(copy);
      else if (name === 'log') this.log.set(copy);
      else this.set(name, this.fromPlanar(name, copy));
    });
  }

  async read(name: string): Promise<Float32Array> {
    if (name !== 'state') this.sizeOf(name);
    await this.tail;
    this.alive();
    if (name === 'log') return this.log.slice();
    if (name === 'state') return this.readState();
    const tensor = this.tensors.get(name)!;
    const planar = this.b.tf.tidy(() =>
      tensor.rank === 3 ? this.b.tf.transpose(tensor, [2, 0, 1]) : this.b.tf.clone(tensor),
    );
    const data = (await planar.data()) as Float32Array;
    this.b.activate();
    planar.dispose();
    return data.slice();
  }

  control(rate: number, noise: number): void {
    this.inOrder(() => {
      this.rate = rate;
      this.noise = noise;
    });
  }

  steps(count: number): Promise<StepRecord[]> {
    if (!(Number.isInteger(count) && count >= 1 && count <= LOG_ROWS))
      throw new Error(`steps() takes 1 to ${LOG_ROWS} steps, got ${count}.`);
    const done = (this.tail ?? Promise.resolve()).then(() => this.runSteps(count));
    this.queue(done);
    return done;
  }

  checkpoint(): void {
    this.inOrder(() => {
      const last = new Map(TRAINED.map((name) => [name, this.b.tf.clone(this.tensors.get(name)!)]));
      const [before = this.cloned(last), older] = this.checkpoints;
      this.drop(older);
      this.checkpoints = [last, before];
    });
  }

  rollback(): void {
    this.inOrder(() => {
      const [last, before] = this.checkpoints;
      if (!before) throw new Error('rollback() without a checkpoint.');
      for (const [name, tensor] of before) this.set(name, this.b.tf.clone(tensor));
      this.drop(last);
      this.checkpoints = [this.cloned(before), before];
    });
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.b.activate();
    this.network.dispose();
    this.resampler.dispose();
    for (const checkpoint of this.checkpoints) this.drop(checkpoint);
    this.checkpoints = [];
    for (const tensor of this.tensors.values()) tensor.dispose();
    this.tensors.clear();
  }

  /** Runs now when idle, else after what is under way. */
  private inOrder(action: () => void): void {
    const guarded = () => {
      this.alive();
      this.b.activate();
      action();
    };
    if (!this.tail) guarded();
    else this.queue(this.tail.then(guarded));
  }

  private queue(work: Promise<unknown>): void {
    const tail = work.catch(() => undefined); // whoever asked for the work sees its error
    this.tail = tail;
    void tail.then(() => {
      if (this.tail === tail) this.tail = undefined;
    });
  }

  private async runSteps(count: number): Promise<StepRecord[]> {
    const pending: { step: number; numbers: Tensor }[] = [];
    const records: StepRecord[] = [];
    const settle = async () => {
      const { step, numbers } = pending.shift()!;
      const [loss, variance] = await numbers.data();
      numbers.dispose();
      this.alive();
      this.log.set([loss, variance], (step % LOG_ROWS) * LOG_COLUMNS);
      records.push({ step, loss, variance });
    };
    let turn = performance.now();
    try {
      for (let i = 0; i < count; i++) {
        this.alive();
        this.b.activate();
        pending.push({ step: this.step, numbers: this.oneStep() });
        if (pending.length > 1) await settle(); // the GPU works on this step while the last one's loss is read
        if (performance.now() - turn > TURN_MS) {
          await new Promise<void>((resume) => setTimeout(resume, 0));
          turn = performance.now();
        }
      }
      while (pending.length > 0) await settle();
    } finally {
      for (const { numbers } of pending) numbers.dispose();
    }
    return records;
  }

  /** One training step; returns [loss, variance]. */
  private oneStep(): Tensor {
    const { tf } = this.b;
    const { objective, parameters } = this.plan;
    const { network } = this;
    const theta = this.get<Tensor1D>('theta');
    network.forward({
      theta,
      input: (name) => this.get<Tensor3D>(name),
      noisy: (x, node) => this.noisy(x, node),
    });
    this.set('image', tf.clone(network.value(objective.image)));
    this.watch();
    this.notePeak();
    this.differentiate();
    const found = network.backward(theta);
    this.set(
      'gradient',
      tf.tidy(() => this.gradientArena(found)),
    );
    for (const gradient of found.values()) gradient.dispose();
    const arenas = Object.fromEntries(ARENAS.map((name) => [name, this.get(name)])) as unknown as Arenas;
    const next = tf.tidy(() =>
      optimise(this.b, arenas, this.get('gradient'), this.optimiserCalls, parameters, this.step, this.rate),
    );
    for (const name of ARENAS) this.set(name, next[name]);
    this.step++;
    return tf.tidy(() => tf.stack([this.get('loss'), this.get('variance')]));
  }

  /** The running average, ES-EMV's statistic, and the best image so far. */
  private watch(): void {
    const { tf } = this.b;
    const { emaDecay, varianceAlpha: alpha, bestFrom } = this.plan.objective;
    const { step } = this;
    const next = tf.tidy(() => {
      const [x, mean] = [this.get('image'), this.get('varianceMean')];
      const decay = Math.min(emaDecay, step / (step + 9));
      const ema = tf.add(tf.mul(this.get('ema'), decay), tf.mul(x, 1 - decay));
      const difference = tf.sub(x, mean);
      const spread = tf.mul(tf.mean(tf.square(difference)), alpha);
      const variance = step === 0 ? tf.scalar(0) : tf.mul(tf.add(this.get('variance'), spread), 1 - alpha);
      const varianceMean = step === 0 ? tf.clone(x) : tf.add(mean, tf.mul(difference, alpha));
      if (step < bestFrom) return { ema, variance, varianceMean, improved: tf.scalar(0) };
      const better = tf.less(variance, this.get('bestVariance'));
      return {
        ema,
        variance,
        varianceMean,
        improved: tf.cast(better, 'float32'),
        bestVariance: tf.where(better, variance, this.get('bestVariance')),
        bestStep: tf.where(better, tf.scalar(step), this.get('bestStep')),
        best: tf.where(better, ema, this.get('best')),
      };
    });
    for (const [name, tensor] of Object.entries(next)) this.set(name, tensor);
  }

  /** The loss, and its gradients with respect to the objective's nodes. */
  private differentiate(): void {
    const { tf } = this.b;
    const { image, observed, weighted, huber, totalVariation: lambda } = this.plan.objective;
    const { data, variation, loss } = tf.tidy(() => {
      const weight = weighted ? this.get<Tensor3D>('weight') : null;
      const data = dataTerm(this.b, this.network.value(observed), this.get('target'), weight, huber);
      if (!(lambda > 0)) return { data: data.dx, loss: data.loss };
      const variation = totalVariation(this.b, this.network.value(image), lambda);
      return { data: data.dx, variation: variation.dx, loss: tf.add(data.loss, variation.loss) };
    });
    this.set('loss', loss);
    this.network.contribute(observed, data);
    if (variation) this.network.contribute(image, variation);
  }

  /** x + std · N(0, 1), the numbers of random.ts: the generator needs 32-bit integers, which tf ops do not have. */
  private noisy(x: Tensor3D, node: Extract<GraphNode, { op: 'noise' }>): Tensor3D {
    const { tf } = this.b;
    const index = this.plan.graph.nodes.filter((n) => n.op === 'noise').indexOf(node);
    const [channels, height, width] = node.shape;
    const key = streamKey(this.noiseCalls[index].seed, this.step);
    const std = node.std * this.noise;
    const plane = height * width;
    const values = new Float32Array(plane * channels);
    for (let pixel = 0, i = 0; pixel < plane; pixel++)
      for (let c = 0; c < channels; c++) values[i++] = std * normal(key, c * plane + pixel);
    return tf.add(x, tf.tensor3d(values, [height, width, channels]));
  }

  private gradientArena(found: ReadonlyMap<number, Tensor1D>): Tensor {
    const { tf } = this.b;
    const parts: Tensor1D[] = [];
    let end = 0;
    const fill = (to: number) => {
      if (to > end) parts.push(tf.zeros([to - end]));
      end = to;
    };
    for (const { id, offset, size } of [...this.plan.parameters].sort((p, q) => p.offset - q.offset)) {
      const gradient = found.get(id);
      if (!gradient) continue;
      fill(offset);
      parts.push(gradient);
      end = offset + size;
    }
    fill(this.plan.arenaFloats);
    return parts.length === 1 ? tf.clone(parts[0]) : tf.concat(parts);
  }

  private writeState(state: Float32Array): void {
    this.step = state[STATE.step];
    this.rate = state[STATE.rate];
    this.noise = state[STATE.noise];
    for (const name of SCALARS) this.set(name, this.b.tf.scalar(state[STATE[name]]));
  }

  private async readState(): Promise<Float32Array> {
    const state = new Float32Array(STATE_FLOATS);
    const { step, rate, noise } = this;
    const scalars = await Promise.all(SCALARS.map((name) => this.get(name).data()));
    for (const [i, name] of SCALARS.entries()) state[STATE[name]] = scalars[i][0];
    state[STATE.step] = step;
    state[STATE.rate] = rate;
    state[STATE.noise] = noise;
    return state;
  }

  private fromPlanar(name: string, data: Float32Array): Tensor {
    const { tf } = this.b;
    const shape = this.shapes.get(name)!;
    if (shape.length !== 3) return tf.tensor(data, shape as number[]);
    const [height, width, channels] = shape;
    return tf.tidy(() => tf.transpose(tf.tensor3d(data, [channels, height, width]), [1, 2, 0]));
  }

  private get<T extends Tensor = Tensor>(name: string): T {
    return this.tensors.get(name) as T;
  }

  private set(name: string, tensor: Tensor): void {
    this.tensors.get(name)?.dispose();
    this.tensors.set(name, this.b.tf.keep(tensor));
  }

  private sizeOf(name: string): number {
    const shape = name === 'log' ? [LOG_ROWS, LOG_COLUMNS] : this.shapes.get(name);
    if (!shape)
      throw new Error(`The plan has no buffer "${name}"; it has ${[...this.plan.named.keys()].join(', ')}.`);
    return shape.reduce((product, n) => product * n, 1);
  }

  private cloned(checkpoint: Map<string, Tensor>): Map<string, Tensor> {
    return new Map([...checkpoint].map(([name, tensor]) => [name, this.b.tf.clone(tensor)]));
  }

  private drop(checkpoint: Map<string, Tensor> | undefined): void {
    for (const tensor of checkpoint?.values() ?? []) tensor.dispose();
  }

  private notePeak(): void {
    this.peak = Math.max(this.peak, this.b.tf.memory().numBytes - this.bytesBefore);
  }

  private alive(): void {
    if (this.disposed) throw abortError();
  }
}

/** Tensors behind the plan's named buffers: arenas flat, images [height, width, channels]. */
function tensorShapes(plan: Plan): ReadonlyMap<string, readonly number[]> {
  const { graph, objective, arenaFloats } = plan;
  const shapes = new Map<string, readonly number[]>();
  const image = ([channels, height, width]: readonly number[]) => [height, width, channels];
  for (const name of ['theta', 'gradient', 'moment1', 'moment2']) shapes.set(name, [arenaFloats]);
  for (const name of ['image', 'ema', 'varianceMean', 'best']) shapes.set(name, image(plan.imageShape));
  const observed = graph.shape(objective.observed);
  shapes.set('target', image(observed));
  if (objective.weighted) shapes.set('weight', [observed[1], observed[2], 1]);
  for (const node of graph.nodes) if (node.op === 'input') shapes.set(node.name, image(node.shape));
  return shapes;
}
