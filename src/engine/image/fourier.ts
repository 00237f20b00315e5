/**
 * The discrete Fourier transform of complex series of one length, a power of two: Cooley & Tukey's, radix 2. A library's costs a page
 * ten times as many bytes, and a transform of a patch takes a millisecond with either.
 */
export class Fourier {
  /** e^(−2πik/length), k below half of the length, real and imaginary parts in turn. */
  readonly #roots: Float64Array;
  /** Where each value of the series goes first: its index with the bits reversed. */
  readonly #reversed: Uint32Array;

  constructor(readonly length: number) {
    this.#roots = new Float64Array(length);
    for (let k = 0; 2 * k < length; k++) {
      this.#roots[2 * k] = Math.cos((2 * Math.PI * k) / length);
      this.#roots[2 * k + 1] = -Math.sin((2 * Math.PI * k) / length);
    }
    this.#reversed = new Uint32Array(length);
    for (let i = 1; i < length; i++)
      this.#reversed[i] = (this.#reversed[i >> 1] >> 1) | (i % 2 === 1 ? length >> 1 : 0);
  }

  /** Transforms in place. @param series [length, 2], real and imaginary parts. */
  transform(series: Float64Array): void {
    const { length } = this;
    this.#reorder(series);
    for (let half = 1; half < length; half *= 2)
      for (let start = 0; start < length; start += 2 * half)
        for (let k = 0; k < half; k++) this.#butterfly(series, start + k, half, (k * length) / half);
  }

  /** Sum and difference of two values, `half` apart, the second turned by a root, which lies at `root`. */
  #butterfly(x: Float64Array, at: number, half: number, root: number): void {
    const [a, b] = [2 * at, 2 * (at + half)];
    const [cos, sin] = [this.#roots[root], this.#roots[root + 1]];
    const real = x[b] * cos - x[b + 1] * sin;
    const imaginary = x[b] * sin + x[b + 1] * cos;
    x[b] = x[a] - real;
    x[b + 1] = x[a + 1] - imaginary;
    x[a] += real;
    x[a + 1] += imaginary;
  }

  #reorder(x: Float64Array): void {
    for (let i = 0; i < this.length; i++) {
      const j = this.#reversed[i];
      if (j <= i) continue;
      for (let part = 0; part < 2; part++)
        [x[2 * i + part], x[2 * j + part]] = [x[2 * j + part], x[2 * i + part]];
    }
  }
}
