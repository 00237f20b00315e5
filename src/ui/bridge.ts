import { isToUi, type RequestId, type ToPlugin, type ToUi } from '../wire/messages.ts';

type Answer = Extract<ToUi, { request: RequestId }>;
type Request = Extract<ToPlugin, { request: RequestId }>;
type WithoutId<T> = T extends unknown ? Omit<T, 'request'> : never;
export type Unasked = Exclude<ToUi, { request: RequestId }>;

/** The panel's end of the wire to the sandbox. */
export interface Bridge {
  send(message: Exclude<ToPlugin, Request>): void;
  /** Resolves with the answer that ends the request; `onProgress` may be called before. */
  ask(
    message: WithoutId<Exclude<Request, { type: 'cancel' }>>,
    onProgress?: (words: string) => void,
  ): Promise<Answer>;
}

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
  const waiting = new Map<
    RequestId,
    { resolve: (answer: Answer) => void; progress?: (words: string) => void }
  >();
  let next: RequestId = 1;
  const post = (pluginMessage: ToPlugin) =>
    parent.postMessage({ pluginMessage, ...(pluginId !== null && { pluginId }) }, origin);
  addEventListener('message', ({ data, source }: MessageEvent<{ pluginMessage?: unknown } | undefined>) => {
    const message = data?.pluginMessage;
    if (!isAncestor(source) || !isToUi(message)) return;
    if (!('request' in message)) {
      onMessage(message);
      return;
    }
    const asked = waiting.get(message.request);
    if (message.type === 'progress') {
      asked?.progress?.(message.words);
      return;
    }
    waiting.delete(message.request);
    asked?.resolve(message);
  });
  return {
    send: post,
    ask(message, progress) {
      const request = next++;
      return new Promise((resolve) => {
        waiting.set(request, { resolve, ...(progress && { progress }) });
        post({ ...message, request } as ToPlugin);
      });
    },
  };
}
