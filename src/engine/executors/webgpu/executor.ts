import { abortError, DeviceLostError, GpuUnavailableError } from '../../errors.ts';
import type { Plan } from '../../plan/plan.ts';
import { PATIENCE, SOFTWARE_PATIENCE } from '../answer.ts';
import type { Executor } from '../executor.ts';
import type { EngineHost } from '../host.ts';
import type { OrderedRun } from '../ordered-run.ts';
import { describeAdapter, isSoftwareAdapter, requestAdapter, requestDevice } from './device.ts';
import { faultOf } from './faults.ts';
import { PipelineCache } from './pipelines.ts';
import { type Profile, profileOf } from './profile.ts';
import { prepareDevice, WebGpuRun } from './run.ts';

/**
 * The compiled engine on WebGPU. Throws GpuUnavailableError, with the remedy, where there is no adapter, or where the
 * choice is automatic and the only adapter is software.
 */
export async function createWebGpuExecutor(
  host: EngineHost | undefined,
  asked: 'by name' | 'automatically' = 'by name',
): Promise<WebGpuExecutor> {
  const adapter = await requestAdapter(host);
  if (asked === 'automatically' && isSoftwareAdapter(adapter.info))
    throw new GpuUnavailableError(
      `The only graphics adapter is software (${describeAdapter(adapter.info)}), slower than wasm; choose webgpu by name to use it.`,
    );
  return new WebGpuExecutor(await requestDevice(adapter), adapter.info);
}

export class WebGpuExecutor implements Executor {
  readonly name = 'webgpu';
  readonly adapter: string;
  readonly software: boolean;
  readonly profile: Profile;
  private readonly patience: number;
  private readonly pipelines: PipelineCache;
  private readonly runs = new Set<OrderedRun>();
  private buffers = 0;
  private failure: Error | undefined;
  private disposed = false;

  /** Takes over `device`: disposing the executor destroys it. */
  constructor(
    readonly device: GPUDevice,
    readonly info: GPUAdapterInfo,
    profile?: Profile,
    /** How long the device may leave a question unanswered, ms. */
    patience?: number,
  ) {
    this.adapter = describeAdapter(info);
    this.software = isSoftwareAdapter(info);
    this.profile = profile ?? profileOf(device, this.software);
    this.patience = patience ?? (this.software ? SOFTWARE_PATIENCE : PATIENCE);
    this.pipelines = new PipelineCache(device);
    device.lost.then(({ reason, message }) => {
      if (this.disposed && reason === 'destroyed') return;
      this.lose(message || reason);
    });
    device.onuncapturederror = ({ error }) => this.fail(faultOf(error, 'during the run'));
  }

  /** Buffers that exist now, over all runs. */
  get liveBuffers(): number {
    return this.buffers;
  }

  async compile(plan: Plan): Promise<WebGpuRun> {
    this.check();
    const device = await prepareDevice(plan, {
      device: this.device,
      profile: this.profile,
      pipelines: this.pipelines,
      patience: this.patience,
      count: (change) => {
        this.buffers += change;
      },
      check: () => this.check(),
    }).catch((error) => {
      throw this.failure ?? error; // that of a lost device comes of its being lost
    });
    return new WebGpuRun(plan, device, this.runs);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const run of this.runs) run.dispose();
    this.device.destroy();
  }

  /** What a lost device does; also how tests lose one. */
  lose(message: string): void {
    this.fail(new DeviceLostError(`The GPU device was lost (${message}). Start the restoration again.`));
  }

  private check(): void {
    if (this.failure) throw this.failure;
    if (this.disposed) throw abortError();
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const run of this.runs) run.fail(error);
  }
}
