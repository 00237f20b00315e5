import { isToUi, type RequestId, type ToPlugin, type ToUi } from '../wire/messages.ts';

type Answer = Extract<ToUi, { request: RequestId }>;
type Request = Extract<ToPlugin, { request: RequestId }>;
type WithoutId<T> = T extends unknown ? Omit<T, 'request'> : never;
export type Unasked = Exclude<ToUi, { request: RequestId }>;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  /** The sandbox is at it. */
  readonly heard: () => void;
  readonly progress?: (words: string) => void;
}

/** The panel's end of the wire to the sandbox. */
export interface Bridge {
  send(message: Exclude<ToPlugin, Request>): void;
  /** Resolves with the answer that ends the request; `onProgress` may be called before. */
  ask(
    message: WithoutId<Exclude<Request, { type: 'cancel' }>>,
    onProgress?: (words: string) => void,
  ): Promise<Answer>;
}

/** How long the sandbox may say nothing of what it was asked, ms: by then the answer was lost, or Figma hangs. */
const PATIENCE = 60_000;
const UNANSWERED =
  'The document has not answered for a minute. See whether the result is there; if not, try again.';

/** Figma relays through its own frames, and may be in one itself: what arrives comes from one of them. */
function isAncestor(source: MessageEventSource | null): boolean {
  for (let at: Window = window; at !== at.parent; at = at.parent) if (at.parent === source) return true;
  return false;
}

/**
 * Inside Figma the parent frame relays to the sandbox. A copy of the panel served from a web address has to name the
 * plugin and the page it talks to, which the address carries: ?plugin=ID&host=ORIGIN.
 */
export function connect(onMessage: (message: Unasked) => void): Bridge {
  const query = new URLSearchParams(location.protocol.startsWith('http') ? location.search : '');
  const pluginId = query.get('plugin');
  const origin = pluginId === null ? '*' : (query.get('host') ?? 'https://www.figma.com');
  const waiting = new Map<RequestId, Waiting>();
  let next: RequestId = 1;
  const post = (pluginMessage: ToPlugin) =>
    parent.postMessage({ pluginMessage, ...(pluginId !== null && { pluginId }) }, origin);
  type Relayed = MessageEvent<{ pluginMessage?: unknown } | undefined>;
  addEventListener('message', ({ data, source, origin: from }: Relayed) => {
    const message = data?.pluginMessage;
    // A copy that is served can be framed by anybody, but listens to the page it names alone.
    if (!isAncestor(source) || (pluginId !== null && from !== origin) || !isToUi(message)) return;
    if (!('request' in message)) {
      onMessage(message);
      return;
    }
    const asked = waiting.get(message.request);
    if (message.type === 'progress') {
      asked?.heard();
      asked?.progress?.(message.words);
      return;
    }
    waiting.delete(message.request);
    asked?.resolve(message);
  });
  /** Takes the request back, so that it is not met behind the user's back. */
  const giveUp = (request: RequestId) => {
    post({ type: 'cancel', request });
    const problem = { code: 'unknown', words: UNANSWERED } as const;
    waiting.get(request)?.resolve({ type: 'failed', request, problem });
    waiting.delete(request);
  };
  return {
    send: post,
    ask(message, progress) {
      const request = next++;
      let timer: ReturnType<typeof setTimeout>;
      const heard = () => {
        clearTimeout(timer);
        timer = setTimeout(giveUp, PATIENCE, request);
      };
      return new Promise<Answer>((resolve) => {
        waiting.set(request, { resolve, heard, ...(progress && { progress }) });
        post({ ...message, request } as ToPlugin);
        heard();
      }).finally(() => clearTimeout(timer));
    },
  };
}
