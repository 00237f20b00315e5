/**
 * Counter-based random numbers: every value is a pure function of (seed, stream, index), so that all executors,
 * serial or parallel, draw the same bits. The hash is PCG-RXS-M-XS-32 (Jarzynski & Olano, JCGT 9(3), 2020).
 */
export function hash(x: number): number {
  const state = (Math.imul(x, 747796405) + 2891336453) >>> 0;
  const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737) >>> 0;
  return ((word >>> 22) ^ word) >>> 0;
}

/** The key of one stream of numbers, e.g. of one training step: hash(stream + hash(seed)). */
export function streamKey(seed: number, stream: number): number {
  return hash((stream + hash(seed >>> 0)) >>> 0);
}

/** Uniform in [0, 1), 24 bits. */
export function uniform(key: number, index: number): number {
  return (hash((index + key) >>> 0) >>> 8) / 16777216;
}

/** 1 / standard deviation of the sum of four uniform 16-bit integers. */
export const NORMAL_SCALE = 1 / Math.sqrt((65536 ** 2 - 1) / 3);

/**
 * Nearly normal, mean 0, variance 1: the sum of four uniform 16-bit integers (Irwin-Hall, |value| < 3.5).
 * Box-Muller was rejected: its logarithm and cosine differ in the last bits between CPU and GPU, integers do not.
 */
export function normal(key: number, index: number): number {
  const a = hash((index + key) >>> 0);
  const b = hash(a);
  return Math.fround(
    ((a & 0xffff) + (a >>> 16) + (b & 0xffff) + (b >>> 16) - 131070) * Math.fround(NORMAL_SCALE),
  );
}
