import { startWorker } from '../../browser/start-worker.ts';
import type { AutomaticExecutor } from '../../engine/choices.ts';
import type { Abilities, WorkerMethods } from './methods.ts';
import { probe } from './probe.ts';
import { Client, LatePort, type Port } from './rpc.ts';

export type WorkerClient = Client<WorkerMethods>;

/** Starts and stops the threads that do the heavy work. */
export interface Threads {
  /** Pixels: decoding, areas, encoding. */
  readonly studio: WorkerClient;
  /** The engine's worker; started anew after `restart`. */
  worker(): WorkerClient;
  /** The engine on the page, for WebGPU that workers lack. */
  page(): Promise<WorkerClient>;
  /** A worker of its own, for as long as its caller wants. */
  spare(): { readonly client: WorkerClient; end(): void };
  /** Ends the engine's worker at once, whatever it does. */
  restart(): void;
}

/** `source` is the text of entry.ts, bundled as a classic script. */
export function createThreads(source: string): Threads {
  const start = (): { client: WorkerClient; end: () => void } => {
    const starting = startWorker(source);
    // Where no worker is allowed the page does the work, in turns.
    const opening = starting.catch(() => startOnPage(source));
    const client: WorkerClient = new Client(new LatePort(opening));
    opening.catch((error: Error) => client.fail(error));
    const withWorker = (act: (worker: Worker) => void) => void starting.then(act, () => undefined);
    withWorker((worker) =>
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        const words = event.message || 'The engine stopped.';
        client.fail(Object.assign(new Error(words), { name: 'EngineLostError' }));
      }),
    );
    return { client, end: () => withWorker((worker) => worker.terminate()) };
  };
  const studio = start().client;
  let engine: ReturnType<typeof start> | undefined;
  let page: Promise<WorkerClient> | undefined;
  return {
    studio,
    worker() {
      engine ??= start();
      return engine.client;
    },
    page() {
      page ??= startOnPage(source).then((port) => new Client(port));
      return page;
    },
    spare: start,
    restart() {
      engine?.end();
      engine?.client.fail(new DOMException('The restoration was aborted.', 'AbortError'));
      engine = undefined;
    },
  };
}

async function startOnPage(source: string): Promise<Port> {
  if (!globalThis.priorArtWorker) {
    const script = document.createElement('script');
    script.textContent = source;
    document.head.append(script);
  }
  const here = globalThis.priorArtWorker;
  if (!here) throw new Error('The engine could not be started on this page.');
  const { port1, port2 } = new MessageChannel();
  here.start(port2 as unknown as Port);
  port1.start();
  port2.start();
  return port1 as unknown as Port;
}

type GpuExecutor = 'webgpu' | 'webgl2';

/** Where the engine will run and why, in words for the panel's last line. */
export interface EngineChoice {
  readonly where: 'worker' | 'page';
  /** For the engine's `executor` option. */
  readonly executor: AutomaticExecutor;
  readonly label: string;
  readonly why: string;
  /** How to get a faster one; absent where there is none. */
  readonly faster: string | undefined;
}

export interface Probed {
  readonly worker: Abilities;
  readonly page: Abilities;
}

/** Asks the worker and the page what they have; the page only counts where the worker lacks WebGPU. */
export async function probeThreads(threads: Threads): Promise<Probed> {
  const [worker, page] = await Promise.all([threads.worker().call('probe', null), probe()]);
  return { worker, page };
}

const LABELS: Readonly<Record<GpuExecutor, string>> = { webgpu: 'WebGPU', webgl2: 'WebGL' };

/**
 * WebGPU in the worker, else on the page, else WebGL2 in the worker, else the processor, else WebGL2 even where a
 * program imitates the graphics card. `wanted` = the user's own
 * choice or 'auto'; `lost` = what has failed in this session, and how.
 */
export function chooseEngine(probed: Probed, wanted: string, lost: Lost): EngineChoice {
  for (const executor of ['webgpu', 'webgl2'] as const) {
    const { where, ability } = gpuWay(probed, executor);
    if (ability.adapter === undefined || lost.has(executor)) continue;
    const asked = wanted === executor;
    if (!asked && (ability.software || wanted !== 'auto')) continue;
    return {
      where,
      executor,
      label: `${LABELS[executor]} · ${ability.adapter}`,
      ...gpuWords(probed, executor, lost),
    };
  }
  const { wasm, webgl2 } = probed.worker;
  if (!wasm && webgl2.adapter !== undefined && !lost.has('webgl2'))
    return {
      where: 'worker',
      executor: 'webgl2',
      label: `${LABELS.webgl2} · ${webgl2.adapter}`,
      why: 'WebAssembly is refused here, so WebGL does the work.',
      faster: DRIVER,
    };
  return {
    where: 'worker',
    executor: 'wasm',
    label: 'Processor',
    ...cpuWords(probed, wanted, lost),
  };
}

function gpuWay({ worker, page }: Probed, executor: GpuExecutor) {
  if (executor === 'webgl2') return { where: 'worker', ability: worker.webgl2 } as const;
  return worker.webgpu.adapter !== undefined
    ? ({ where: 'worker', ability: worker.webgpu } as const)
    : ({ where: 'page', ability: page.webgpu } as const);
}

/** Where an executor would run: on the page only what workers lack. */
export function placeOf(probed: Probed, executor: AutomaticExecutor): EngineChoice['where'] {
  if (executor === 'wasm') return 'worker';
  const { where, ability } = gpuWay(probed, executor);
  return ability.adapter === undefined ? 'worker' : where;
}

/** By the name of an executor that failed: what its graphics card did. */
type Lost = ReadonlyMap<string, string>;

type Words = Pick<EngineChoice, 'why' | 'faster'>;
const DRIVER = 'Update the graphics driver and Figma, or turn on hardware acceleration.';
const HOSTED = 'A copy of this panel served from a web address may use WebGPU: see the guide.';

function gpuWords(probed: Probed, executor: GpuExecutor, lost: Lost): Words {
  if (gpuWay(probed, executor).ability.software)
    return {
      why: 'You chose the graphics card, but only a program that imitates one is here.',
      faster: 'Set Engine to Automatic in Details.',
    };
  if (executor === 'webgpu')
    return { why: 'The graphics card does the work: the fastest way there is.', faster: undefined };
  if (lost.has('webgpu'))
    return { why: `WebGPU ${lost.get('webgpu')}, so WebGL does the work.`, faster: undefined };
  if (!probed.page.secure)
    return { why: 'The graphics card does the work. Figma’s frame hides the faster WebGPU.', faster: HOSTED };
  return { why: 'The graphics card does the work through WebGL; WebGPU is not offered.', faster: undefined };
}

function cpuWords(probed: Probed, wanted: string, lost: Lost): Words {
  const how = [...lost.values()].at(-1);
  if (how)
    return {
      why: `The graphics card ${how}, so the processor does the work.`,
      faster: 'Close and reopen the plugin to try the graphics card again.',
    };
  const gpu = probed.worker.webgl2.software ? undefined : probed.worker.webgl2.adapter;
  if (wanted === 'wasm' && gpu)
    return {
      why: 'You chose the processor in Details.',
      faster: `Set Engine to Automatic in Details to use ${gpu}.`,
    };
  const { problem } = probed.worker.webgl2;
  return {
    why: `The graphics card is not usable: ${problem ?? 'not offered here'}.`,
    faster: DRIVER,
  };
}
