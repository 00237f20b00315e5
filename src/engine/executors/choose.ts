import { GpuUnavailableError } from '../errors.ts';
import type { ExecutorChoice } from '../options.ts';
import type { Executor, ExecutorName } from './executor.ts';
import type { EngineHost } from './host.ts';

/** An executor and, in plain words, why it is this one. Dispose the executor when done with it. */
export interface ChosenExecutor {
  readonly executor: Executor;
  readonly reason: string;
}

type Make = (host: EngineHost | undefined) => Promise<Executor>;

/** Each behind a dynamic import, so that nobody loads code of an executor that is not used. */
const MAKERS: Partial<Record<ExecutorName, Make>> = {
  reference: async () => (await import('./reference.ts')).createReferenceExecutor(),
};

/**
 * Makes the executor of an explicit choice, or the best one here for 'auto': webgpu on a real adapter, else wasm.
 * A software adapter runs everything slower than wasm does, so it counts only when webgpu is asked for by name.
 * Throws GpuUnavailableError, with the remedy, when the choice cannot run here.
 */
export async function createExecutor(
  choice: ExecutorChoice,
  host: EngineHost | undefined,
): Promise<ChosenExecutor> {
  if (choice !== 'auto') return { executor: await make(choice, host), reason: `${choice} was asked for` };
  const executor = await make('wasm', host);
  return { executor, reason: 'WebGPU is not built in, so wasm runs it' };
}

function make(name: ExecutorName, host: EngineHost | undefined): Promise<Executor> {
  const maker = MAKERS[name];
  if (!maker)
    throw new GpuUnavailableError(
      `The executor "${name}" is not part of this build; choose ${Object.keys(MAKERS).join(', ')} or auto.`,
    );
  return maker(host);
}
