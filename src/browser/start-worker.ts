// Figma's frames have no origin to load a script from, and what their policy allows is known from reports only: so a
// worker is made of a blob, else of a data: address, and whoever asked hears where neither is allowed.

const WORKER_KINDS = ['blob', 'data'] as const;
type WorkerKind = (typeof WORKER_KINDS)[number];

/** Blobs stay: a worker that starts late would find its script gone. */
const ADDRESS: Readonly<Record<WorkerKind, (source: string) => string>> = {
  blob: (source) => URL.createObjectURL(new Blob([source], { type: 'text/javascript' })),
  data: (source) => `data:text/javascript;charset=utf-8,${encodeURIComponent(source)}`,
};

/** Whether a worker of the kind starts here. A refusal may be thrown or, by a policy, reported later. */
export function startsHere(kind: WorkerKind, options?: WorkerOptions): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const worker = new Worker(ADDRESS[kind]('postMessage(0)'), options);
      const end = (works: boolean) => {
        worker.terminate();
        resolve(works);
      };
      worker.onmessage = () => end(true);
      worker.onerror = (event) => {
        event.preventDefault();
        end(false);
      };
    } catch {
      resolve(false);
    }
  });
}

let kind: Promise<WorkerKind | undefined> | undefined;

async function findKind(): Promise<WorkerKind | undefined> {
  for (const one of WORKER_KINDS) if (await startsHere(one)) return one;
  return undefined;
}

/** Starts a classic script as a worker; rejects where no kind of worker is allowed. */
export async function startWorker(source: string): Promise<Worker> {
  kind ??= findKind();
  const found = await kind;
  if (!found) throw new Error('Workers are not allowed here.');
  return new Worker(ADDRESS[found](source));
}
