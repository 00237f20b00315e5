import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { AnsweringWorker, WorkerHost } from '../engine/executors/host.ts';
import { nodeThreads } from './threads.ts';

/** Makes a worker of a script that defines `answer(message)`. */
const MESSAGES = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', (message) => {
  const result = answer(message);
  parentPort.postMessage(result, [result]);
});`;

/** Workers that answer messages; `count` defaults to the processors this process may use. */
export function nodeWorkers(count = availableParallelism()): WorkerHost {
  nodeThreads(count); // its flag for relaxed SIMD
  return { count, start };
}

function start(source: string): AnsweringWorker {
  const worker = new Worker(`${source}${MESSAGES}`, { eval: true });
  let fail: ((error: Error) => void) | undefined;
  let over: Error | undefined;
  const end = (error: Error) => {
    over ??= error;
    fail?.(over);
  };
  worker.on('error', end);
  worker.on('exit', (code) => end(new Error(`A worker ended with code ${code}.`)));
  worker.unref();
  return {
    ask: (message, transfer) =>
      new Promise((resolve, reject) => {
        if (over) return reject(over);
        fail = reject;
        worker.ref();
        worker.once('message', (result: ArrayBuffer) => {
          worker.unref();
          resolve(result);
        });
        worker.postMessage(message, transfer);
      }),
    terminate: () => {
      end(new Error('The worker was ended.'));
      void worker.terminate();
    },
  };
}
