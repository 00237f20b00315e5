import type { Abilities, HeavyMethods } from './methods.ts';
import { probe } from './probe.ts';
import { Client, type Port } from './rpc.ts';

export type Heavy = Client<HeavyMethods>;

/** Starts and stops the threads that do the heavy work. */
export interface Threads {
  /** Pixels: decoding, areas, encoding. */
  readonly studio: Heavy;
  /** The engine's worker; started anew after `restart`. */
  worker(): Heavy;
  /** The engine on the page, for WebGPU that workers lack. */
  page(): Promise<Heavy>;
  /** Ends the engine's worker at once, whatever it does. */
  restart(): void;
}

/** `source` is the text of entry.ts, bundled as a classic script. */
export function createThreads(source: string): Threads {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const start = (): { client: Heavy; end: () => void } => {
    const worker = new Worker(url);
    const client: Heavy = new Client(worker as unknown as Port);
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      const words = event.message || 'The engine stopped.';
      client.fail(Object.assign(new Error(words), { name: 'EngineLostError' }));
    });
    return { client, end: () => worker.terminate() };
  };
  const studio = start().client;
  let engine: ReturnType<typeof start> | undefined;
  let page: Promise<Heavy> | undefined;
  return {
    studio,
    worker() {
      engine ??= start();
      return engine.client;
    },
    page() {
      page ??= startOnPage(source);
      return page;
    },
    restart() {
      engine?.end();
      engine?.client.fail(new DOMException('The restoration was aborted.', 'AbortError'));
      engine = undefined;
    },
  };
}

async function startOnPage(source: string): Promise<Heavy> {
  const script = document.createElement('script');
  script.textContent = source;
  document.head.append(script);
  const heavy = globalThis.priorArtHeavy;
  if (!heavy) throw new Error('The engine could not be started on this page.');
  const { port1, port2 } = new MessageChannel();
  heavy.start(port2 as unknown as Port);
  port1.start();
  port2.start();
  return new Client(port1 as unknown as Port);
}

/** Where the engine will run and why, in words for the panel's last line. */
export interface EngineChoice {
  readonly where: 'worker' | 'page';
  /** For the engine's `executor` option. */
  readonly executor: 'webgpu' | 'webgl2' | 'wasm';
  readonly label: string;
  readonly why: string;
  /** How to get a faster one; absent where there is none. */
  readonly faster: string | undefined;
}

/** Asks the worker and the page what they have; the page only counts where the worker lacks WebGPU. */
export async function probeThreads(threads: Threads): Promise<{ worker: Abilities; page: Abilities }> {
  const [worker, page] = await Promise.all([threads.worker().call('probe', null), probe()]);
  return { worker, page };
}

/** WebGPU in the worker, else on the page, else the processor. `wanted` = the user's own choice or 'auto'. */
export function chooseEngine(worker: Abilities, page: Abilities, wanted: string): EngineChoice {
  const where = worker.webgpu !== undefined ? 'worker' : 'page';
  const { webgpu, software } = where === 'worker' ? worker : page;
  const usable = webgpu !== undefined && (!software || wanted === 'webgpu');
  if (usable && wanted !== 'wasm')
    return {
      where,
      executor: 'webgpu',
      label: `WebGPU · ${webgpu}`,
      why: software
        ? 'You chose WebGPU in Details, but only a software adapter is here.'
        : 'The graphics card does the work: the fastest way there is.',
      faster: software ? 'Set Engine to Automatic in Details.' : undefined,
    };
  const cpu = { where: 'worker', executor: 'wasm', label: 'Processor · 1 thread' } as const;
  if (usable)
    return {
      ...cpu,
      why: 'You chose the processor in Details.',
      faster: `Set Engine to Automatic in Details to use ${webgpu}.`,
    };
  return { ...cpu, ...noGpuWords(worker, page) };
}

function noGpuWords(worker: Abilities, page: Abilities): { why: string; faster: string } {
  if (!page.secure)
    return {
      why: 'Figma runs this plugin in a frame that may not use the graphics card.',
      faster: 'A copy of this panel served from a web address may: see the guide.',
    };
  return {
    why: `The graphics card is not usable: ${page.webgpuProblem ?? worker.webgpuProblem ?? 'not offered'}.`,
    faster: 'Update the graphics driver and Figma, or turn on hardware acceleration.',
  };
}
