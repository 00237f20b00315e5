import type { AnsweringWorker, WorkerHost } from '../engine/executors/host.ts';
import { startWorker } from './start-worker.ts';

/** Makes a worker of a script that defines `answer(message)`. */
const MESSAGES = `
onmessage = ({ data }) => {
  const result = answer(data);
  postMessage(result, [result]);
};`;

/** Workers that answer messages, one for each core. */
export function pageWorkers(): WorkerHost | undefined {
  if (typeof Worker === 'undefined') return undefined;
  return { count: navigator.hardwareConcurrency || 1, start };
}

function start(source: string): AnsweringWorker {
  let fail: ((error: Error) => void) | undefined;
  let over: Error | undefined;
  const end = (error: Error) => {
    over ??= error;
    fail?.(over);
  };
  const starting = startWorker(source + MESSAGES);
  starting.then(
    (worker) => {
      worker.onerror = (event) => {
        event.preventDefault();
        end(new Error(event.message || 'A worker could not start.'));
      };
      if (over) worker.terminate();
    },
    (error: Error) => end(error),
  );
  return {
    ask: async (message, transfer) => {
      const worker = await starting;
      return new Promise((resolve, reject) => {
        if (over) return reject(over);
        fail = reject;
        worker.onmessage = ({ data }) => resolve(data);
        worker.postMessage(message, [...transfer]);
      });
    },
    terminate: () => {
      end(new Error('The worker was ended.'));
      starting.then(
        (worker) => worker.terminate(),
        () => undefined,
      );
    },
  };
}
