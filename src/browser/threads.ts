import type { ThreadHost } from '../engine/executors/host.ts';
import { startWorker } from './start-worker.ts';

/** What a worker runs: it imports the source it is given and calls its `main`. */
const BOOTSTRAP = `
onmessage = ({ data: { source, message } }) => {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  import(url).then(({ main }) => main(message, (answer) => postMessage(answer))).catch((error) => {
    setTimeout(() => { throw error; });
  });
};`;

/** Worker threads with shared memory; undefined where the page is not cross-origin isolated, or cannot wait for them. */
export function pageThreads(): ThreadHost | undefined {
  if (globalThis.crossOriginIsolated !== true || !('waitAsync' in Atomics)) return undefined;
  return { count: navigator.hardwareConcurrency || 1, spawn };
}

const spawn: ThreadHost['spawn'] = async (source, message, onExit) => {
  const worker = await startWorker(BOOTSTRAP);
  return new Promise((resolve, reject) => {
    let ended = (cause: string) => reject(new Error(`A worker ${cause} before it started.`));
    worker.onerror = (event) => {
      event.preventDefault();
      ended(`failed (${event.message})`);
    };
    worker.onmessage = () => {
      worker.onmessage = null;
      ended = onExit;
      resolve({
        terminate: () => {
          ended = () => {};
          worker.terminate();
        },
      });
    };
    worker.postMessage({ source, message });
  });
};
