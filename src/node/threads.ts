import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { ThreadHost } from '../engine/executors/host.ts';

/** V8 before 11.4 (Node 20) has relaxed SIMD, finished but behind a flag; later ones ignore it. */
const RELAXED_SIMD_FLAG = '--experimental-wasm-relaxed-simd';

/** What an eval'ed worker runs: it imports the source it is given and calls its `main`. */
const BOOTSTRAP = `
const { parentPort, workerData } = require('node:worker_threads');
import('data:text/javascript,' + encodeURIComponent(workerData.source)).then(({ main }) =>
  main(workerData.message, (answer) => parentPort.postMessage(answer)));
`;

/**
 * Worker threads for the engine; `count` defaults to the processors this process may use. Sets the V8 flag of
 * relaxed SIMD for the process, so make it before the first WebAssembly module is compiled.
 */
export function nodeThreads(count = availableParallelism()): ThreadHost {
  setFlagsFromString(RELAXED_SIMD_FLAG);
  return { count, spawn };
}

const spawn: ThreadHost['spawn'] = (source, message, onExit) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(BOOTSTRAP, { eval: true, workerData: { source, message } });
    let ended = (cause: string) => reject(new Error(`A worker thread ${cause} before it started.`));
    let crash: string | undefined;
    worker.once('message', () => {
      ended = onExit;
      resolve({
        terminate: () => {
          ended = () => {};
          void worker.terminate();
        },
      });
    });
    // An error is followed by the exit.
    worker.once('error', (error) => {
      crash = `failed (${error.message})`;
    });
    worker.once('exit', (code) => ended(crash ?? `ended with code ${code}`));
  });
