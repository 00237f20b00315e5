import { KERNELS } from './kernel-names.ts';

/**
 * How the host writes what the kernels of assembly/ read: kernel names, argument blocks, and a bump allocator for
 * addresses of the one WebAssembly.Memory. An argument block is the fields of the kernel's @unmanaged class, in order.
 */

/** Part of a step whose tasks may run in any order, by any thread. */
export interface Stage {
  readonly op: (typeof KERNELS)[number];
  readonly tasks: number;
  /** Address of the argument block, and bytes from one task's to the next (0 = shared). */
  readonly args: number;
  readonly stride: number;
  /** Whether its tasks and the next stage's may run side by side: then no barrier follows it. */
  readonly joined?: boolean;
  /** Whether what follows may overwrite its inputs, so that it must never be joined. */
  readonly apart?: boolean;
}

/** Words (i32) of class Control in assembly/index.ts. */
export const CONTROL = {
  target: 0,
  done: 1,
  generation: 2,
  arrived: 3,
  nextTask: 4,
  threads: 5,
  stages: 6,
  program: 7,
} as const;
export const CONTROL_BYTES = 64;

/** Words of class Stage. */
const STAGE_BYTES = 20;

/** Below it lies what the AssemblyScript runtime may use. */
const FIRST_ADDRESS = 1024;
const ALIGNMENT = 64;

/** A double that an argument block holds; plain numbers are 32-bit integers. */
class F64 {
  constructor(readonly value: number) {}
}
class F32 {
  constructor(readonly value: number) {}
}
export type Word = number | boolean | F32 | F64;
export const f32 = (value: number) => new F32(value);
export const f64 = (value: number) => new F64(value);

/** Hands out addresses, keeps what must be written there once the memory exists. */
export class Arena {
  private next = FIRST_ADDRESS;
  private readonly contents: { address: number; bytes: Uint8Array }[] = [];

  get bytes(): number {
    return this.next;
  }

  reserve(bytes: number): number {
    const address = this.next;
    this.next = Math.ceil((address + bytes) / ALIGNMENT) * ALIGNMENT;
    return address;
  }

  place(bytes: Uint8Array): number {
    const address = this.reserve(bytes.byteLength);
    this.contents.push({ address, bytes });
    return address;
  }

  placeArray(array: Int32Array | Uint32Array | Float32Array): number {
    return this.place(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }

  args(words: readonly Word[]): number {
    return this.place(argumentBlock(words));
  }

  program(stages: readonly Stage[]): number {
    const words = stages.flatMap((s) => [
      KERNELS.indexOf(s.op),
      s.tasks,
      s.args,
      s.stride,
      Number(s.joined ?? false),
    ]);
    if (words.length * 4 !== stages.length * STAGE_BYTES) throw new Error('Stage layout changed');
    return this.placeArray(Uint32Array.from(words));
  }

  fill(memory: ArrayBufferLike): void {
    for (const { address, bytes } of this.contents) new Uint8Array(memory).set(bytes, address);
  }
}

/** Little-endian words; doubles aligned to 8 as the compiler aligns fields, the block's end too. */
function argumentBlock(words: readonly Word[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(words.length * 8 + 8));
  let at = 0;
  for (const word of words) {
    if (word instanceof F64) {
      at = Math.ceil(at / 8) * 8;
      view.setFloat64(at, word.value, true);
      at += 8;
      continue;
    }
    if (word instanceof F32) view.setFloat32(at, word.value, true);
    else view.setUint32(at, Number(word), true);
    at += 4;
  }
  return new Uint8Array(view.buffer, 0, Math.ceil(at / 8) * 8);
}
