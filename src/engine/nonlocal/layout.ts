import { type KernelTask, TASK_BASE } from './kernels.ts';

/** Bytes that may be read or written behind any array: kernels handle up to eight samples at once. */
const SLACK = 64;

/** A word of a kernel's structure: a whole number or address, or a float. */
export type Word = number | { readonly float: number };

/** The memory of a kernel's task from TASK_BASE on: a header, inputs, then outputs and workspace. */
export class MemoryLayout {
  readonly #inputs: { at: number; data: Float32Array | readonly Word[] }[] = [];
  #end: number;

  constructor(headerWords: number) {
    this.#end = TASK_BASE + 4 * headerWords + SLACK;
  }

  /** Room for so many words, for outputs and workspace; its address. */
  room(words: number): number {
    const at = (this.#end + 15) & ~15;
    this.#end = at + 4 * words + SLACK;
    return at;
  }

  /** An input, which is copied when the task is made; its address. Inputs come before any other room. */
  input(data: Float32Array | readonly Word[]): number {
    const at = this.room(data.length);
    this.#inputs.push({ at, data });
    return at;
  }

  /** The task, whose answer is `words` long and begins at `from`. */
  task(entry: KernelTask['entry'], header: readonly Word[], from: number, words: number): KernelTask {
    const inputs = [{ at: TASK_BASE, data: header }, ...this.#inputs];
    const last = inputs[inputs.length - 1];
    const input = new ArrayBuffer(last.at + 4 * last.data.length - TASK_BASE);
    const [ints, floats] = [new Int32Array(input), new Float32Array(input)];
    for (const { at, data } of inputs) {
      const first = (at - TASK_BASE) / 4;
      if (data instanceof Float32Array) floats.set(data, first);
      else
        data.forEach((word, i) => {
          if (typeof word === 'number') ints[first + i] = word;
          else floats[first + i] = word.float;
        });
    }
    return { entry, input, size: this.#end, from, to: from + 4 * words };
  }
}
