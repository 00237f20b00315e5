import { abortError } from '../../errors.ts';
import type { GraphNode } from '../../network/graph.ts';
import type { AdamCall, MuonCall, NoiseCall } from '../../plan/calls.ts';
import { LOG_COLUMNS, LOG_ROWS, type Plan, planBytes, STATE, STATE_FLOATS } from '../../plan/plan.ts';
import { normal, streamKey } from '../../random.ts';
import type { RunDevice } from '../ordered-run.ts';
import type { Backend, Tensor, Tensor1D, Tensor3D } from './backend.ts';
import { Network } from './network.ts';
import { type Arenas, gradientArena, optimise } from './optimise.ts';
import { Resampler } from './resample.ts';
import { SCALARS, Store } from './store.ts';
import { dataTerm, totalVariation } from './terms.ts';

/** Longest stretch of synchronous work, ms, after which other tasks get a turn: an abort must be able to arrive. */
const TURN_MS = 30;

const ARENAS = ['theta', 'moment1', 'moment2'] as const;
/**
 * A plan's graph and objective interpreted with tf ops. Its kernel calls are not run, only read for what the graph
 * does not say: the seed of the noise, and which optimiser takes which stretch of the arenas.
 */
export class TfjsDevice implements RunDevice {
  private readonly store: Store;
  private readonly resampler: Resampler;
  private readonly network: Network;
  private readonly log = new Float32Array(LOG_ROWS * LOG_COLUMNS);
  private readonly optimiserCalls: readonly (AdamCall | MuonCall)[];
  private readonly noiseCalls: readonly NoiseCall[];
  private rate = 1;
  private noise = 1;
  /** Number of the step at hand. */
  private step = 0;
  private freed = false;
  private readonly bytesBefore: number;
  private peak: number;

  constructor(
    private readonly b: Backend,
    private readonly plan: Plan,
  ) {
    b.activate();
    const { objective, calls } = plan;
    this.bytesBefore = b.tf.memory().numBytes;
    this.peak = planBytes(plan);
    this.store = new Store(b, plan);
    this.resampler = new Resampler(b);
    const outputs = [objective.image, objective.observed];
    this.network = new Network(b, plan, this.resampler, outputs, () => this.notePeak());
    this.optimiserCalls = calls.filter((c) => c.kind === 'adam' || c.kind === 'muon');
    this.noiseCalls = calls.filter((c) => c.kind === 'noise');
  }

  get bytes(): number {
    return this.peak;
  }

  write(name: string, data: Float32Array): void {
    this.b.activate();
    if (name === 'state') this.writeState(data);
    else if (name === 'log') this.log.set(data);
    else this.store.writePlanar(name, data.slice());
  }

  async read(name: string): Promise<Float32Array> {
    this.b.activate();
    if (name === 'log') return this.log.slice();
    if (name === 'state') return this.readState();
    return this.store.readPlanar(name);
  }

  control(rate: number, noise: number): void {
    this.rate = rate;
    this.noise = noise;
  }

  save(slot: 0 | 1): void {
    this.b.activate();
    this.store.save(slot);
  }

  restore(slot: 0 | 1): void {
    this.b.activate();
    this.store.restore(slot);
  }

  free(): void {
    this.freed = true;
    this.b.activate();
    this.network.dispose();
    this.resampler.dispose();
    this.store.dispose();
  }

  async steps(first: number, count: number): Promise<Float32Array> {
    const pending: { row: number; numbers: Tensor }[] = [];
    const rows = new Float32Array(count * LOG_COLUMNS);
    const settle = async () => {
      const { row, numbers } = pending.shift()!;
      const [loss, variance] = await numbers.data();
      numbers.dispose();
      this.alive();
      this.log.set([loss, variance], ((first + row) % LOG_ROWS) * LOG_COLUMNS);
      rows.set([loss, variance], row * LOG_COLUMNS);
    };
    let turn = performance.now();
    try {
      for (let i = 0; i < count; i++) {
        this.alive();
        this.b.activate();
        this.step = first + i;
        pending.push({ row: i, numbers: this.oneStep() });
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
    this.step = first + count;
    return rows;
  }

  /** One training step; returns [loss, variance]. */
  private oneStep(): Tensor {
    const { tf } = this.b;
    const { objective, parameters } = this.plan;
    const { network } = this;
    const theta = this.store.get<Tensor1D>('theta');
    network.forward({
      theta,
      input: (name) => this.store.get<Tensor3D>(name),
      noisy: (x, node) => this.noisy(x, node),
    });
    this.store.set('image', tf.clone(network.value(objective.image)));
    this.watch();
    this.differentiate();
    const found = network.backward(theta);
    this.store.set(
      'gradient',
      tf.tidy(() => gradientArena(this.b, this.plan, found)),
    );
    for (const gradient of found.values()) gradient.dispose();
    const arenas: Arenas = {
      theta,
      moment1: this.store.get('moment1'),
      moment2: this.store.get('moment2'),
    };
    const next = tf.tidy(() =>
      optimise(this.b, arenas, {
        ...{ gradient: this.store.get('gradient'), calls: this.optimiserCalls, parameters },
        ...{ step: this.step, rate: this.rate },
      }),
    );
    for (const name of ARENAS) this.store.set(name, next[name]);
    return tf.tidy(() => tf.stack([this.store.get('loss'), this.store.get('variance')]));
  }

  /** The running average, ES-EMV's statistic, and the best image so far. */
  private watch(): void {
    const { tf } = this.b;
    const { emaDecay, varianceAlpha: alpha, bestFrom } = this.plan.objective;
    const { step } = this;
    const next = tf.tidy(() => {
      const [x, mean] = [this.store.get('image'), this.store.get('varianceMean')];
      const decay = Math.min(emaDecay, step / (step + 9));
      const ema = tf.add(tf.mul(this.store.get('ema'), decay), tf.mul(x, 1 - decay));
      const difference = tf.sub(x, mean);
      const spread = tf.mul(tf.mean(tf.square(difference)), alpha);
      const variance =
        step === 0 ? tf.scalar(0) : tf.mul(tf.add(this.store.get('variance'), spread), 1 - alpha);
      const varianceMean = step === 0 ? tf.clone(x) : tf.add(mean, tf.mul(difference, alpha));
      if (step < bestFrom) return { ema, variance, varianceMean, improved: tf.scalar(0) };
      const better = tf.less(variance, this.store.get('bestVariance'));
      return {
        ema,
        variance,
        varianceMean,
        improved: tf.cast(better, 'float32'),
        bestVariance: tf.where(better, variance, this.store.get('bestVariance')),
        bestStep: tf.where(better, tf.scalar(step), this.store.get('bestStep')),
        best: tf.where(better, ema, this.store.get('best')),
      };
    });
    for (const [name, tensor] of Object.entries(next)) this.store.set(name, tensor);
  }

  /** The loss, and its gradients with respect to the objective's nodes. */
  private differentiate(): void {
    const { tf } = this.b;
    const { image, observed, weighted, huber, totalVariation: lambda } = this.plan.objective;
    const { data, variation, loss } = tf.tidy(() => {
      const weight = weighted ? this.store.get<Tensor3D>('weight') : null;
      const data = dataTerm(this.b, this.network.value(observed), this.store.get('target'), weight, huber);
      if (!(lambda > 0)) return { data: data.dx, loss: data.loss };
      const variation = totalVariation(this.b, this.network.value(image), lambda);
      return { data: data.dx, variation: variation.dx, loss: tf.add(data.loss, variation.loss) };
    });
    this.store.set('loss', loss);
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

  private writeState(state: Float32Array): void {
    this.step = state[STATE.step];
    this.rate = state[STATE.rate];
    this.noise = state[STATE.noise];
    for (const name of SCALARS) this.store.set(name, this.b.tf.scalar(state[STATE[name]]));
  }

  private async readState(): Promise<Float32Array> {
    const state = new Float32Array(STATE_FLOATS);
    const { step, rate, noise } = this;
    const scalars = await Promise.all(SCALARS.map((name) => this.store.get(name).data()));
    for (const [i, name] of SCALARS.entries()) state[STATE[name]] = scalars[i][0];
    state[STATE.step] = step;
    state[STATE.rate] = rate;
    state[STATE.noise] = noise;
    return state;
  }

  private notePeak(): void {
    this.peak = Math.max(this.peak, this.b.tf.memory().numBytes - this.bytesBefore);
  }

  private alive(): void {
    if (this.freed) throw abortError();
  }
}
