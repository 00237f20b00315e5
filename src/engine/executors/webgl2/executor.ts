import { abortError, DeviceLostError, GpuUnavailableError, OutOfMemoryError } from '../../errors.ts';
import type { Plan } from '../../plan/plan.ts';
import { turn } from '../../time-slicing.ts';
import { PATIENCE, SOFTWARE_PATIENCE } from '../answer.ts';
import type { Executor, Run } from '../executor.ts';
import type { EngineHost } from '../host.ts';
import { OrderedRun } from '../ordered-run.ts';
import { SOFTWARE_ADAPTER } from '../software.ts';
import { Device } from './device.ts';
import { GL, type Gl } from './gl.ts';
import { Webgl2Device } from './run.ts';
import { type Schedule, schedule } from './schedule.ts';

declare const OffscreenCanvas:
  | (new (
      width: number,
      height: number,
    ) => { getContext(name: 'webgl2', attributes: object): Gl | null })
  | undefined;

/** No antialiasing, depth or alpha: nothing is ever shown. The preference asks laptops for their faster GPU. */
const ATTRIBUTES = {
  alpha: false,
  antialias: false,
  depth: false,
  stencil: false,
  powerPreference: 'high-performance',
  preserveDrawingBuffer: false,
};

interface Webgl2Options {
  /** Refuse renderers in software with GpuUnavailableError. */
  readonly realGpuOnly?: boolean;
  /** How long the GPU may leave a question unanswered, ms; default by what kind it is. */
  readonly patience?: number;
}

/**
 * WebGL2 on the host's context, or on one of its own where there is an OffscreenCanvas. Works where WebGPU is hidden:
 * in frames that are no secure context. Throws GpuUnavailableError where WebGL2 or its float textures are missing.
 */
export async function createWebgl2Executor(
  host?: EngineHost,
  options: Webgl2Options = {},
): Promise<Webgl2Executor> {
  const gl = host?.webgl2 ? host.webgl2() : ownContext();
  if (!gl)
    throw new GpuUnavailableError(
      'There is no WebGL2 here; choose wasm, or switch on hardware acceleration.',
    );
  const adapter = rendererOf(gl);
  if (options.realGpuOnly && SOFTWARE_ADAPTER.test(adapter)) {
    loseContext(gl);
    throw new GpuUnavailableError(
      `WebGL2 runs in software here (${adapter}), slower than wasm; ask for webgl2 by name to use it all the same.`,
    );
  }
  return new Webgl2Executor(gl, adapter, !host?.webgl2, options.patience);
}

function ownContext(): Gl | null {
  if (typeof OffscreenCanvas === 'undefined') return null;
  return new OffscreenCanvas(1, 1).getContext('webgl2', ATTRIBUTES);
}

function rendererOf(gl: Gl): string {
  const name = gl.getExtension('WEBGL_debug_renderer_info') ? GL.UNMASKED_RENDERER : GL.RENDERER;
  return String(gl.getParameter(name));
}

/**
 * Browsers allow about 16 contexts at once and drop the oldest, so a context we made is given back. That waits for the
 * GPU process: when that has caught up with us, it is not for long.
 */
function loseContext(gl: Gl): void {
  (gl.getExtension('WEBGL_lose_context') as { loseContext(): void } | null)?.loseContext();
}

export class Webgl2Executor implements Executor {
  readonly name = 'webgl2';
  private readonly device: Device;
  private readonly runs = new Set<OrderedRun>();
  private disposed = false;

  constructor(
    private readonly gl: Gl,
    readonly adapter: string,
    private readonly ownsContext: boolean,
    /** How long the GPU may leave a question unanswered, ms. */
    patience?: number,
  ) {
    this.device = new Device(gl, patience ?? (SOFTWARE_ADAPTER.test(adapter) ? SOFTWARE_PATIENCE : PATIENCE));
  }

  /** Live WebGL objects of all runs, for tests of leaks. */
  get alive() {
    return this.device.alive;
  }

  async compile(plan: Plan): Promise<Run> {
    try {
      return await this.start(plan);
    } catch (error) {
      throw this.disposed ? abortError() : error;
    }
  }

  private async start(plan: Plan): Promise<Run> {
    const { device } = this;
    if (this.gl.isContextLost())
      throw new DeviceLostError('The WebGL2 context was lost; make a new executor.');
    const made = await schedule(plan, device.cell, device.maxTexture);
    this.checkSizes(made);
    for (const draw of drawLists(made).flat(2)) {
      await turn();
      this.check();
      device.startProgram(draw);
    }
    await device.ready();
    this.check();
    const prepared = await Webgl2Device.start(device, plan, made);
    return new OrderedRun(plan, prepared, this.runs);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const run of [...this.runs]) run.dispose();
    this.device.dispose();
    if (this.ownsContext)
      this.device.finished().then(
        () => loseContext(this.gl),
        () => {},
      );
  }

  private check(): void {
    if (this.disposed) throw abortError();
  }

  private checkSizes({ builder }: Schedule): void {
    const { maxTexture } = this.device;
    for (const { width, height } of builder.surfaces)
      if (width > maxTexture || height > maxTexture)
        throw new OutOfMemoryError(
          `This run needs a ${width}×${height} texture, this GPU allows ${maxTexture}×${maxTexture}; ` +
            'choose a thinner network or a smaller image.',
        );
  }
}

const drawLists = ({ steps, saves, restores }: Schedule) => [steps, saves, restores];
