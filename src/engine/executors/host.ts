import type { Executor } from './executor.ts';
import type { Gl } from './webgl2/gl.ts';

/**
 * What the engine cannot do by itself, handed in by its surroundings: src/node for Node, the UI for browsers.
 * An absent ability is a fact the executor choice reports, not an error.
 */
export interface EngineHost {
  /** WebGPU's entry point; default: navigator.gpu of the global scope. */
  readonly gpu?: GpuEntry;
  /** Where there is no `gpu`, or it may offer no adapter: why, and what to install. */
  readonly gpuHint?: string;
  /** A fresh WebGL2 context, or null; default: that of an OffscreenCanvas of the global scope. */
  readonly webgl2?: () => Gl | null;
  /** Worker threads with shared memory for the wasm executor; absent = one thread. */
  readonly threads?: ThreadHost;
  /** Workers that answer messages, for the non-local stage; absent = the calling thread, in turns. */
  readonly workers?: WorkerHost;
  /** What brings the tfjs executors: `() => import('prior-art/tfjs')`; absent = there are none. */
  readonly tfjs?: () => Promise<TfjsExecutors>;
  /** Folder or URL prefix with the .wasm files of tfjs-backend-wasm; needed for 'tfjs-wasm'. */
  readonly tfjsWasmPath?: string;
}

/** WebGPU's entry point, navigator.gpu or Dawn's; no more of it is said here, so that programs need no types of it. */
export interface GpuEntry {
  requestAdapter(options?: object): Promise<object | null>;
}

export type TfjsBackendName = 'webgpu' | 'webgl' | 'wasm' | 'cpu';

export interface TfjsExecutors {
  createTfjsExecutor(backend: TfjsBackendName, host: EngineHost | undefined): Promise<Executor>;
}

/** Starts workers that share a WebAssembly.Memory. */
export interface ThreadHost {
  /** Threads worth using, the calling one included. */
  readonly count: number;
  /**
   * Starts one worker that calls `main` of the self-contained ES source with `message` once, and resolves when it
   * answered its first message back. Calls `onExit` with the cause in words ("ended with code 1") when the worker, once
   * started, ends in any other way than by `terminate`.
   */
  spawn(source: string, message: unknown, onExit: (cause: string) => void): Promise<{ terminate(): void }>;
}

/** Starts workers that need no shared memory. */
export interface WorkerHost {
  /** Workers worth starting. */
  readonly count: number;
  /** Starts a worker of the self-contained script `source`, which defines a global function `answer(message)`. */
  start(source: string): AnsweringWorker;
}

export interface AnsweringWorker {
  /**
   * Hands a message over, and `transfer` with it; resolves with the ArrayBuffer that `answer` made of it. One question
   * at a time. Rejects where the worker cannot start, failed or was ended.
   */
  ask(message: unknown, transfer: readonly ArrayBuffer[]): Promise<ArrayBuffer>;
  terminate(): void;
}
