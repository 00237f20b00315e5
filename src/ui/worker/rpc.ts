// Calls over a message port. All heavy work lives behind one: in a worker, or on the page where only it has WebGPU.

/** What both a Worker, a worker's global scope and a MessagePort can do. */
export interface Port {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/** One method: parameters, events while it runs, answer. */
interface Method {
  readonly params: unknown;
  readonly event: unknown;
  readonly answer: unknown;
}
type Methods = { readonly [name: string]: Method };

/** An answer with what is handed over rather than copied. */
interface Handover<T> {
  readonly value: T;
  readonly transfer: Transferable[];
}

export type Handlers<M> = {
  readonly [K in keyof M]: M[K] extends Method
    ? (
        params: M[K]['params'],
        emit: (event: M[K]['event'], transfer?: Transferable[]) => void,
      ) => Promise<Handover<M[K]['answer']>>
    : never;
};

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}
type Reply =
  | { readonly id: number; readonly kind: 'event' | 'answer'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'error'; readonly error: RemoteFailure };

interface RemoteFailure {
  readonly name: string;
  readonly code: string | undefined;
  readonly message: string;
  readonly stack: string | undefined;
}

/** An error thrown on the other side, with its name and code. */
class RemoteError extends Error {
  readonly code: string | undefined;
  readonly remoteStack: string | undefined;
  constructor({ name, code, message, stack }: RemoteFailure) {
    super(message);
    this.name = name;
    this.code = code;
    this.remoteStack = stack;
  }
}

export function serve<M extends Methods>(port: Port, handlers: Handlers<M>): void {
  port.addEventListener('message', ({ data }: MessageEvent<Call>) => {
    const { id, method, params } = data;
    const reply = (message: Reply, transfer: Transferable[] = []) => port.postMessage(message, transfer);
    const handler = handlers[method];
    if (!handler) {
      reply({ id, kind: 'error', error: describe(new Error(`Nobody here knows "${method}".`)) });
      return;
    }
    handler(params, (value, transfer) => reply({ id, kind: 'event', value }, transfer)).then(
      ({ value, transfer }) => reply({ id, kind: 'answer', value }, transfer),
      (error: unknown) => reply({ id, kind: 'error', error: describe(error) }),
    );
  });
}

function describe(error: unknown): RemoteFailure {
  if (!(error instanceof Error))
    return { name: 'Error', code: undefined, message: String(error), stack: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { name: error.name, code, message: error.message, stack: error.stack };
}

/** Stands for a port that is still being opened: keeps what is sent to it until then. */
export class LatePort implements Port {
  #port: Port | undefined;
  #sent: [message: unknown, transfer: Transferable[]][] = [];
  readonly #opening: Promise<Port>;

  constructor(opening: Promise<Port>) {
    this.#opening = opening;
    this.#then((port) => {
      this.#port = port;
      for (const [message, transfer] of this.#sent) port.postMessage(message, transfer);
      this.#sent = [];
    });
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    if (this.#port) this.#port.postMessage(message, transfer);
    else this.#sent.push([message, transfer]);
  }

  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void {
    this.#then((port) => port.addEventListener(type, listener));
  }

  /** Whoever opens the port hears why it cannot be. */
  #then(act: (port: Port) => void): void {
    this.#opening.then(act, () => undefined);
  }
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onEvent: ((event: never) => void) | undefined;
}

/**
 * The calling side. `fail` rejects whatever is still waiting, for a worker that died; of one that never said anything, all
 * that is asked for later too.
 */
export class Client<M extends Methods> {
  #next = 1;
  #heard = false;
  #stillborn: Error | undefined;
  readonly #waiting = new Map<number, Waiting>();

  constructor(readonly port: Port) {
    port.addEventListener('message', ({ data }: MessageEvent<Reply>) => this.#take(data));
  }

  call<K extends keyof M & string>(
    method: K,
    params: M[K]['params'],
    transfer: Transferable[] = [],
    onEvent?: (event: M[K]['event']) => void,
  ): Promise<M[K]['answer']> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      if (this.#stillborn) throw this.#stillborn;
      this.port.postMessage({ id, method, params } satisfies Call, transfer);
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, onEvent });
    });
  }

  fail(error: Error): void {
    if (!this.#heard) this.#stillborn = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #take(reply: Reply): void {
    this.#heard = true;
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return;
    if (reply.kind === 'event') {
      waiting.onEvent?.(reply.value as never);
      return;
    }
    this.#waiting.delete(reply.id);
    if (reply.kind === 'error') waiting.reject(new RemoteError(reply.error));
    else waiting.resolve(reply.value);
  }
}
