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
import { answered } from '../answer.ts';
import { CHECKPOINT_BUFFERS } from '../checkpoint.ts';
import { OrderedRun, type RunDevice } from '../ordered-run.ts';
import { BufferPool } from './buffers.ts';
import { MAP_READ } from './device.ts';
import { faultOf } from './faults.ts';
import { lower } from './lower.ts';
import { checkBuffers, RunMemory } from './memory.ts';
import type { PipelineCache } from './pipelines.ts';
import type { Profile } from './profile.ts';
import type { Kernel } from './wgsl.ts';

interface RunHost {
  readonly device: GPUDevice;
  readonly profile: Profile;
  readonly pipelines: PipelineCache;
  /** How long the device may leave a question unanswered, ms. */
  readonly patience: number;
  /** Told of buffers made (+) and destroyed (−). */
  count(change: number): void;
  /** Throws where the executor has come to its end meanwhile. */
  check(): void;
}

/** A kernel bound to its buffers. */
interface Dispatch {
  readonly kernel: Kernel;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
}

/** Checks the plan against the device, compiles its kernels and allocates everything a step needs. */
export async function prepareDevice(plan: Plan, host: RunHost): Promise<WebGpuDevice> {
  const kernels = lower(plan, host.profile);
  checkBuffers(host.device, plan, kernels);
  const compiling = kernels.map((kernel) => host.pipelines.get(kernel, host.patience));
  const pipelines = await Promise.all(compiling);
  host.check();
  const pool = new BufferPool(host.device, host.count);
  const { device } = host;
  try {
    device.pushErrorScope('validation');
    device.pushErrorScope('out-of-memory');
    const memory = new RunMemory(plan, kernels, pool);
    const dispatches = kernels.map((kernel, i) => ({
      kernel,
      pipeline: pipelines[i],
      group: memory.bind(device, host.pipelines.layout(kernel), kernel, i),
    }));
    const scopes = Promise.all([device.popErrorScope(), device.popErrorScope()]);
    const [memoryError, otherError] = await answered(scopes, host.patience, 'allocating');
    host.check();
    if (memoryError)
      throw new OutOfMemoryError(
        `The GPU has not the ${Math.ceil(pool.bytes / 2 ** 20)} MB this run needs. Use a smaller image or network.`,
      );
    if (otherError) throw otherError;
    return new WebGpuDevice(plan, dispatches, memory, pool, host);
  } catch (error) {
    pool.destroy();
    throw faultOf(error, 'while it was made ready');
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

/** A compiled plan with its buffers. */
class WebGpuDevice implements RunDevice {
  private segments: Dispatch[][];
  private lastDone = 0;
  private stepMs = 0;
  private freed = false;

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
    this.write('state', state);
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

  buffer(name: string): GPUBuffer {
    return this.memory.named(name);
  }

  write(name: string, data: Float32Array): void {
    const { buffer, byteOffset, byteLength } = data;
    this.using('writing', () =>
      this.device.queue.writeBuffer(this.buffer(name), 0, buffer as ArrayBuffer, byteOffset, byteLength),
    );
  }

  async read(name: string): Promise<Float32Array> {
    const { floats } = this.plan.buffers[namedBuffer(this.plan, name)];
    return this.readBack(this.buffer(name), [[0, floats * 4]]);
  }

  control(rate: number, noise: number): void {
    const multipliers = Float32Array.of(rate, noise);
    this.using('writing', () =>
      this.device.queue.writeBuffer(this.buffer('state'), STATE.rate * 4, multipliers),
    );
  }

  async steps(first: number, count: number): Promise<Float32Array> {
    const inFlight: Promise<void>[] = [];
    for (let i = 0; i < count; i++) {
      const done = this.submitStep(inFlight.length === 0);
      done.catch(() => {}); // awaited below, or given up with the steps before it
      inFlight.push(done);
      if (inFlight.length >= STEPS_IN_FLIGHT) await inFlight.shift();
    }
    const row = first % LOG_ROWS;
    const whole = Math.min(count, LOG_ROWS - row);
    const bytes = LOG_COLUMNS * 4;
    const ranges: [number, number][] = [[row * bytes, whole * bytes]];
    if (whole < count) ranges.push([0, (count - whole) * bytes]);
    return this.readBack(this.buffer('log'), ranges);
  }

  save(slot: 0 | 1): void {
    const { buffers, state } = this.memory.checkpoints[slot];
    this.copyState((name) => [this.buffer(name), buffers.get(name)!], [this.buffer('state'), state]);
  }

  restore(slot: 0 | 1): void {
    const { buffers, state } = this.memory.checkpoints[slot];
    this.copyState((name) => [buffers.get(name)!, this.buffer(name)], [state, this.buffer('state')]);
  }

  free(): void {
    this.freed = true;
    this.pool.destroy();
  }

  private get device(): GPUDevice {
    return this.host.device;
  }

  private get work(): number {
    return this.dispatches.reduce((sum, { kernel }) => sum + kernel.work + DISPATCH_WORK, 0);
  }

  /** Asks something of the device; what that throws becomes one of our errors. */
  private using<T>(doing: string, ask: () => T): T {
    if (this.freed) throw abortError();
    try {
      return ask();
    } catch (error) {
      throw faultOf(error, doing);
    }
  }

  /** Waits for what the device was asked. */
  private async settled<T>(doing: string, answer: Promise<T>): Promise<T> {
    try {
      return await answered(answer, this.host.patience, doing);
    } catch (error) {
      throw faultOf(error, doing);
    }
  }

  private async submitStep(alone: boolean): Promise<void> {
    const submitted = performance.now();
    const done = this.using('computing', () => {
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
      return this.device.queue.onSubmittedWorkDone();
    });
    await this.settled('computing', done);
    this.measure(performance.now(), alone ? submitted : this.lastDone);
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
    const { target, mapped } = this.using('reading back', () => {
      const target = this.pool.readback(bytes);
      const encoder = this.device.createCommandEncoder();
      let to = 0;
      for (const [from, length] of ranges) {
        encoder.copyBufferToBuffer(buffer, from, target, to, length);
        to += length;
      }
      this.device.queue.submit([encoder.finish()]);
      return { target, mapped: target.mapAsync(MAP_READ) };
    });
    await this.settled('reading back', mapped);
    return this.using('reading back', () => {
      const data = new Float32Array(target.getMappedRange(0, bytes).slice(0));
      target.unmap();
      this.pool.release(target);
      return data;
    });
  }

  private copyState(
    pair: (name: string) => [GPUBuffer, GPUBuffer],
    [fromState, toState]: [GPUBuffer, GPUBuffer],
  ): void {
    this.using('copying', () => {
      const encoder = this.device.createCommandEncoder();
      for (const name of CHECKPOINT_BUFFERS) {
        const [from, to] = pair(name);
        encoder.copyBufferToBuffer(from, 0, to, 0, from.size);
      }
      encoder.copyBufferToBuffer(fromState, STATE.variance * 4, toState, STATE.variance * 4, 4);
      this.device.queue.submit([encoder.finish()]);
    });
  }
}

/** A run on WebGPU. */
export class WebGpuRun extends OrderedRun<WebGpuDevice> {
  get shape(): WebGpuDevice['shape'] {
    return this.device.shape;
  }

  /** Hands `use` the live buffer after all steps asked for so far; what it submits runs before any later step. */
  withBuffer<T>(name: string, use: (buffer: GPUBuffer) => T): Promise<T> {
    return this.inOrder((device) => use(device.buffer(name)));
  }
}
