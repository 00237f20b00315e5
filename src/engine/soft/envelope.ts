import type { Pieces } from '../time-slicing.ts';

/** A symmetric, positive definite matrix: of each row what lies between its first entry and the diagonal. */
export class Envelope {
  /** Multiplications that taking it apart needs. */
  readonly work: number;
  /** Where each row would begin at column 0. */
  private readonly at: Int32Array;
  private readonly entries: Float64Array;

  /** @param first the column of each row's first entry. */
  constructor(private readonly first: Int32Array) {
    this.at = new Int32Array(first.length);
    let [size, work] = [0, 0];
    for (let i = 0; i < first.length; i++) {
      this.at[i] = size - first[i];
      size += i - first[i] + 1;
      work += (i - first[i]) ** 2 / 2;
    }
    this.work = work;
    this.entries = new Float64Array(work > Envelope.MOST ? 0 : size);
  }

  /** More work than this is not begun: about a tenth of a second. */
  static readonly MOST = 1e8;

  clear(): void {
    this.entries.fill(0);
  }

  /** Adds to an entry; row ≥ column ≥ the row's first. */
  add(row: number, column: number, value: number): void {
    this.entries[this.at[row] + column] += value;
  }

  /** Takes it apart into L D Lᵀ, in place. */
  *factor(): Pieces<void> {
    const { first, at, entries } = this;
    let done = 0;
    for (let i = 0; i < first.length; i++) {
      for (let j = first[i]; j < i; j++) {
        let sum = entries[at[i] + j];
        for (let k = Math.max(first[i], first[j]), p = at[i] + k, q = at[j] + k, end = at[j] + j; q < end; )
          sum -= entries[p++] * entries[q++];
        entries[at[i] + j] = sum;
      }
      for (let j = first[i]; j < i; j++) {
        const along = entries[at[i] + j] / entries[at[j] + j];
        entries[at[i] + i] -= along * entries[at[i] + j];
        entries[at[i] + j] = along;
      }
      done += (i - first[i]) ** 2;
      if (done < STRETCH) continue;
      done = 0;
      yield;
    }
  }

  /** x of A x = b, in place of b. */
  solve(b: Float64Array): void {
    const { first, at, entries } = this;
    for (let i = 0; i < b.length; i++) for (let j = first[i]; j < i; j++) b[i] -= entries[at[i] + j] * b[j];
    for (let i = b.length - 1; i >= 0; i--) b[i] /= entries[at[i] + i];
    for (let i = b.length - 1; i >= 0; i--)
      for (let j = first[i]; j < i; j++) b[j] -= entries[at[i] + j] * b[i];
  }
}

/** Multiplications between two turns. */
const STRETCH = 4e6;
