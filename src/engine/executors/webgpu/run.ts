import { abortError, OutOfMemoryError } from '../../errors.ts';
import {
  LOG_COLUMNS,
  LOG_ROWS,
  namedBuffer,
  type Plan,
  planBytes,
  STATE,
  STATE_FLOATS,
} from '../../plan/plan.ts';
import { CHECKPOINT_BUFFERS, CheckpointSlots } from '../checkpoint.ts';
import type { Run, StepRecord } from '../executor.ts';
import { BufferPool } from './buffers.ts';
import { MAP_READ } from './device.ts';
import { lower } from './lower.ts';
import type { Profile } from './lowering.ts';
import { checkBuffers, RunMemory } from './memory.ts';
import type { PipelineCache } from './pipelines.ts';
import type { Kernel } from './wgsl.ts';

export interface RunHost {
  readonly device: GPUDevice;
  readonly profile: Profile;
  readonly pipelines: PipelineCache;
  /** Told of buffers made (+) and destroyed (−). */
  count(change: number): void;
  forget(run: WebGpuRun): void;
}

/** A kernel bound to its buffers. */
interface Dispatch {
  readonly kernel: Kernel;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
}

/** Checks the plan against the device, compiles its kernels and allocates everything a step needs. */
export async function compileRun(plan: Plan, host: RunHost): Promise<WebGpuRun> {
  const kernels = lower(plan, host.profile);
  checkBuffers(host.device, plan, kernels);
  const pipelines = await Promise.all(kernels.map((kernel) => host.pipelines.get(kernel)));
  const pool = new BufferPool(host.device, host.count);
  const { device } = host;
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  try {
    const memory = new RunMemory(plan, kernels, pool);
    const dispatches = kernels.map((kernel, i) => ({
      kernel,
      pipeline: pipelines[i],
      group: memory.bind(device, host.pipelines.layout(kernel), kernel, i),
    }));
    const [memoryError, otherError] = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
    if (memoryError)
      throw new OutOfMemoryError(
        `The GPU has not the ${Math.ceil(pool.bytes / 2 ** 20)} MB this run needs. Use a smaller image or network.`,
      );
    if (otherError) throw new Error(`WebGPU: ${otherError.message}`);
    return new WebGpuRun(plan, dispatches, memory, pool, host);
  } catch (error) {
    pool.destroy();
    throw error;
  }
}

/** Steps submitted but not done. Enough to keep the GPU busy, few enough to stop quickly. */
const STEPS_IN_FLIGHT = 3;
/** Longest submission wanted, ms: systems kill what blocks the screen for seconds, and users notice far less. */
const SUBMISSION_MS = 80;
/** Work a submission may hold before anything was measured, in multiply-adds: about 80 ms of a weak device. */
const FIRST_SUBMISSION = { gpu: 25e9, cpu: 2e8 } as const;
/** What a dispatch costs besides its work, in multiply-adds. */
const DISPATCH_WORK = 1e5;

/** A compiled plan. All that touches the device goes through one queue, so that its order is the order of the calls. */
export class WebGpuRun implements Run {
  private readonly queue: { readonly isStep: boolean; run(): void }[] = [];
  private readonly pending = new Set<(error: unknown) => void>();
  private inFlight = 0;
  private step = 0;
  private segments: Dispatch[][];
  private lastDone = 0;
  private stepMs = 0;
  private readonly slots = new CheckpointSlots();
  private ended: unknown;

  constructor(
    private readonly plan: Plan,
    private readonly dispatches: readonly Dispatch[],
    private readonly memory: RunMemory,
    private readonly pool: BufferPool,
    private readonly host: RunHost,
  ) {
    const state = new Float32Array(STATE_FLOATS);
    state[STATE.rate] = state[STATE.noise] = 1;
    state[STATE.bestVariance] = Number.POSITIVE_INFINITY;
    this.device.queue.writeBuffer(memory.named('state'), 0, state);
    const most = host.profile.software ? FIRST_SUBMISSION.cpu : FIRST_SUBMISSION.gpu;
    this.segments = this.split(Math.ceil(this.work / most));
  }

  get bytes(): number {
    return Math.max(this.pool.bytes, planBytes(this.plan));
  }

  /** Dispatches and submissions of one step, and the labels in order: what tests and the bench look at. */
  get shape(): { dispatches: number; submissions: number; labels: string[] } {
    const labels = this.dispatches.map(({ kernel }) => kernel.label);
    return { dispatches: labels.length, submissions: this.segments.length, labels };
  }

  write(name: string, data: Float32Array): void {
    this.check();
    const { floats } = this.plan.buffers[namedBuffer(this.plan, name)];
    if (data.length > floats)
      throw new RangeError(`Buffer "${name}" holds ${floats} samples, got ${data.length}.`);
    const copy = Float32Array.from(data);
    this.enqueue(() => this.device.queue.writeBuffer(this.memory.named(name), 0, copy));
  }

  read(name: string): Promise<Float32Array> {
    const { floats } = this.plan.buffers[namedBuffer(this.plan, name)];
    return this.settle(() => this.readBack(this.memory.named(name), [[0, floats * 4]]));
  }

  /** Hands `use` the live buffer after all steps asked for so far; what it submits runs before any later step. */
  withBuffer<T>(name: string, use: (buffer: GPUBuffer) => T): Promise<T> {
    return this.settle(async () => use(this.memory.named(name)));
  }

  control(rate: number, noise: number): void {
    this.check();
    const multipliers = Float32Array.of(rate, noise);
    this.enqueue(() =>
      this.device.queue.writeBuffer(this.memory.named('state'), STATE.rate * 4, multipliers),
    );
  }

  async steps(count: number): Promise<StepRecord[]> {
    if (!(Number.isInteger(count) && count >= 1 && count <= LOG_ROWS))
      throw new RangeError(`Expected 1 to ${LOG_ROWS} steps, got ${count}.`);
    this.check();
    const first = this.step;
    this.step += count;
    for (let i = 0; i < count; i++) this.queue.push({ isStep: true, run: () => this.submitStep() });
    const row = first % LOG_ROWS;
    const whole = Math.min(count, LOG_ROWS - row);
    const bytes = LOG_COLUMNS * 4;
    const ranges: [number, number][] = [[row * bytes, whole * bytes]];
    if (whole < count) ranges.push([0, (count - whole) * bytes]);
    const rows = await this.settle(() => this.readBack(this.memory.named('log'), ranges));
    return Array.from({ length: count }, (_, i) => ({
      step: first + i,
      loss: rows[i * LOG_COLUMNS],
      variance: rows[i * LOG_COLUMNS + 1],
    }));
  }

  checkpoint(): void {
    this.check();
    const { buffers, state } = this.memory.checkpoints[this.slots.save()];
    this.enqueue(() =>
      this.copyState(
        (name) => [this.memory.named(name), buffers.get(name)!],
        [this.memory.named('state'), state],
      ),
    );
  }

  rollback(): void {
    this.check();
    const { buffers, state } = this.memory.checkpoints[this.slots.rollback()];
    this.enqueue(() =>
      this.copyState(
        (name) => [buffers.get(name)!, this.memory.named(name)],
        [state, this.memory.named('state')],
      ),
    );
  }

  dispose(): void {
    this.end(abortError());
  }

  /** Ends the run because the device cannot go on: everything pending rejects with the error. */
  fail(error: unknown): void {
    this.end(error);
  }

  private get device(): GPUDevice {
    return this.host.device;
  }

  private get work(): number {
    return this.dispatches.reduce((sum, { kernel }) => sum + kernel.work + DISPATCH_WORK, 0);
  }

  private check(): void {
    if (this.ended) throw this.ended;
  }

  private end(reason: unknown): void {
    if (this.ended) return;
    this.ended = reason;
    this.queue.length = 0;
    for (const reject of this.pending) reject(reason);
    this.pending.clear();
    this.pool.destroy();
    this.host.forget(this);
  }

  private enqueue(run: () => void): void {
    this.queue.push({ isStep: false, run });
    this.pump();
  }

  private pump(): void {
    while (this.queue.length > 0 && !(this.queue[0].isStep && this.inFlight >= STEPS_IN_FLIGHT))
      this.queue.shift()!.run();
  }

  /** Queues an asynchronous operation; its promise rejects when the run ends first. */
  private settle<T>(start: () => Promise<T>): Promise<T> {
    if (this.ended) return Promise.reject(this.ended);
    return new Promise<T>((resolve, reject) => {
      this.pending.add(reject);
      const done = () => this.pending.delete(reject);
      this.enqueue(() => {
        start().then(
          (value) => {
            done();
            resolve(value);
          },
          (error: unknown) => {
            done();
            reject(this.ended ?? error);
          },
        );
      });
    });
  }

  private submitStep(): void {
    for (const segment of this.segments) {
      const encoder = this.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const { kernel, pipeline, group } of segment) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...kernel.workgroups);
      }
      pass.end();
      this.device.queue.submit([encoder.finish()]);
    }
    const alone = this.inFlight++ === 0;
    const submitted = performance.now();
    const done = () => {
      this.inFlight--;
      this.measure(performance.now(), alone ? submitted : this.lastDone);
      if (!this.ended) this.pump();
    };
    this.device.queue.onSubmittedWorkDone().then(done, done);
  }

  /** Splits steps so that no submission passes SUBMISSION_MS, and joins them again when there is room. */
  private measure(now: number, since: number): void {
    const ms = now - since;
    this.lastDone = now;
    this.stepMs = this.stepMs === 0 ? ms : this.stepMs + 0.2 * (ms - this.stepMs);
    const parts = Math.max(1, Math.ceil(this.stepMs / SUBMISSION_MS));
    const { length } = this.segments;
    if (parts > length || parts < length / 2) this.segments = this.split(parts);
  }

  private split(parts: number): Dispatch[][] {
    const segments: Dispatch[][] = [[]];
    const share = this.work / Math.min(parts, this.dispatches.length);
    let filled = 0;
    for (const dispatch of this.dispatches) {
      if (filled >= share * segments.length) segments.push([]);
      segments.at(-1)!.push(dispatch);
      filled += dispatch.kernel.work + DISPATCH_WORK;
    }
    return segments;
  }

  private async readBack(
    buffer: GPUBuffer,
    ranges: readonly (readonly [number, number])[],
  ): Promise<Float32Array> {
    const bytes = ranges.reduce((sum, [, length]) => sum + length, 0);
    const target = this.pool.readback(bytes);
    const encoder = this.device.createCommandEncoder();
    let to = 0;
    for (const [from, length] of ranges) {
      encoder.copyBufferToBuffer(buffer, from, target, to, length);
      to += length;
    }
    this.device.queue.submit([encoder.finish()]);
    await target.mapAsync(MAP_READ);
    const data = new Float32Array(target.getMappedRange(0, bytes).slice(0));
    target.unmap();
    this.pool.release(target);
    return data;
  }

  private copyState(
    pair: (name: string) => [GPUBuffer, GPUBuffer],
    [fromState, toState]: [GPUBuffer, GPUBuffer],
  ): void {
    const encoder = this.device.createCommandEncoder();
    for (const name of CHECKPOINT_BUFFERS) {
      const [from, to] = pair(name);
      encoder.copyBufferToBuffer(from, 0, to, 0, from.size);
    }
    encoder.copyBufferToBuffer(fromState, STATE.variance * 4, toState, STATE.variance * 4, 4);
    this.device.queue.submit([encoder.finish()]);
  }
}
