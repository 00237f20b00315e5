// Everything heavy as one classic script: it runs as a worker, or on the page where only the page has WebGPU.
// Figma's frames have no origin to load a module from, so the page carries this script as text.
import type { WorkerMethods } from './methods.ts';
import { probe } from './probe.ts';
import { type Port, serve } from './rpc.ts';
import { createRunner } from './runner.ts';
import { createStudio } from './studio.ts';

function start(port: Port): void {
  serve<WorkerMethods>(port, {
    ...createStudio(),
    ...createRunner(),
    probe: async () => ({ value: await probe(), transfer: [] }),
  });
}

declare global {
  /** Set where this script runs on the page. */
  var priorArtWorker: { readonly start: (port: Port) => void } | undefined;
}

if (typeof document === 'undefined') start(globalThis as unknown as Port);
else globalThis.priorArtWorker = { start };
