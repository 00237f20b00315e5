import type { AnsweringWorker, WorkerHost } from '../../engine/executors/host.ts';

/** Makes a worker of a script that defines `answer(message)`. */
const MESSAGES = `
onmessage = ({ data }) => {
  const result = answer(data);
  postMessage(result, [result]);
};`;

/** Workers that answer messages, one for each core: of a blob each, as Figma's frame has no origin to load from. */
export function pageWorkers(): WorkerHost | undefined {
  if (typeof Worker === 'undefined') return undefined;
  return { count: navigator.hardwareConcurrency || 1, start };
}

function start(source: string): AnsweringWorker {
  let worker: Worker | undefined;
  let fail: ((error: Error) => void) | undefined;
  let over: Error | undefined;
  const end = (error: Error) => {
    over ??= error;
    fail?.(over);
  };
  try {
    worker = new Worker(URL.createObjectURL(new Blob([source, MESSAGES], { type: 'text/javascript' })));
    worker.onerror = (event) => {
      event.preventDefault();
      end(new Error(event.message || 'A worker could not start.'));
    };
  } catch (error) {
    end(error as Error);
  }
  return {
    ask: (message, transfer) =>
      new Promise((resolve, reject) => {
        if (over || !worker) return reject(over);
        fail = reject;
        worker.onmessage = ({ data }) => resolve(data);
        worker.postMessage(message, [...transfer]);
      }),
    terminate: () => {
      end(new Error('The worker was ended.'));
      worker?.terminate();
    },
  };
}
