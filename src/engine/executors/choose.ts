import { AUTOMATIC_EXECUTORS, type ExecutorChoice } from '../choices.ts';
import { GpuUnavailableError } from '../errors.ts';
import type { Executor, ExecutorName } from './executor.ts';
import type { EngineHost, TfjsBackendName } from './host.ts';

/** An executor and, in plain words, why it is this one. Dispose the executor when done with it. */
export interface ChosenExecutor {
  readonly executor: Executor;
  readonly reason: string;
}

type Make = (host: EngineHost | undefined, asked: 'by name' | 'automatically') => Promise<Executor>;

const tfjs =
  (backend: TfjsBackendName): Make =>
  async (host) => {
    if (!host?.tfjs)
      throw new GpuUnavailableError(
        `tfjs-${backend} is in prior-art/tfjs: hand it in as host.tfjs, or choose another executor.`,
      );
    return (await host.tfjs()).createTfjsExecutor(backend, host);
  };

/** Each behind a dynamic import, so that nobody loads the code of an executor that is not used. */
const MAKERS: Record<ExecutorName, Make> = {
  webgpu: async (host, asked) => (await import('./webgpu/executor.ts')).createWebGpuExecutor(host, asked),
  webgl2: async (host, asked) =>
    (await import('./webgl2/executor.ts')).createWebgl2Executor(host, {
      realGpuOnly: asked === 'automatically',
    }),
  wasm: async (host) => (await import('./wasm/index.ts')).createWasmExecutor(host),
  'tfjs-webgpu': tfjs('webgpu'),
  'tfjs-webgl': tfjs('webgl'),
  'tfjs-wasm': tfjs('wasm'),
  'tfjs-cpu': tfjs('cpu'),
  reference: async () => (await import('./reference.ts')).createReferenceExecutor(),
};

/**
 * Makes the executor of an explicit choice, or the best one here for 'auto': webgpu or else webgl2 on a real GPU, else
 * wasm. A software adapter is slower than wasm, so it counts only when webgpu or webgl2 is asked for by name.
 * Throws GpuUnavailableError, with the remedy, when the choice cannot run here. `automatic`: what 'auto' tries, best
 * first; default all.
 */
export async function createExecutor(
  choice: ExecutorChoice,
  host: EngineHost | undefined,
  automatic: readonly ExecutorName[] = AUTOMATIC_EXECUTORS,
): Promise<ChosenExecutor> {
  if (choice !== 'auto')
    return { executor: await MAKERS[choice](host, 'by name'), reason: `${choice} was asked for` };
  const refusals: string[] = [];
  for (const name of automatic) {
    try {
      const executor = await MAKERS[name](host, 'automatically');
      return { executor, reason: [...refusals, `${name} is the fastest that runs here`].join('; ') };
    } catch (error) {
      if (!(error instanceof GpuUnavailableError)) throw error;
      refusals.push(`not ${name}: ${error.message.replace(/\.$/, '')}`);
    }
  }
  throw new GpuUnavailableError(`No executor runs here: ${refusals.join('; ')}`);
}
