// The few globals the engine uses that exist alike in browsers, workers and Node. It is compiled without the
// DOM and Node libraries, so that nothing else can slip in.
declare class DOMException extends Error {
  constructor(message?: string, name?: string);
}
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
declare const performance: { now(): number };
declare function setTimeout(callback: () => void, ms?: number): unknown;
declare function atob(base64: string): string;
