import fc from 'fast-check';

/** Cases of a property: few in the usual tests; `FUZZ=20000 npx vitest run test/fuzz` for as many as there is time for. */
const RUNS = Number(process.env.FUZZ ?? 60);
/** Figures are repeated by the seed; `SEED=7` takes others. */
const SEED = Number(process.env.SEED ?? 1);
/** Nothing may take longer than this, ms of the processor's time. */
export const LIMIT = 2000;

/** The processor's time since, ms: what else runs on the machine does not count. */
export function stopwatch(): () => number {
  const from = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 1000;
  };
}

/** The property holds for so many seeded cases; a counterexample is shown as small as it can be made. */
export function holds<T>(cases: fc.Arbitrary<T>, check: (value: T) => Promise<void> | void): Promise<void> {
  const property = fc.asyncProperty(cases, async (value) => check(value));
  return fc.assert(property, { seed: SEED, numRuns: RUNS, endOnFailure: process.env.FUZZ === undefined });
}

/** Ways to spoil a file: bytes set, cut out, doubled or put in, 32-bit fields made huge, the end cut off. */
type Spoil =
  | { readonly kind: 'set'; readonly at: number; readonly value: number }
  | { readonly kind: 'field'; readonly at: number; readonly value: number }
  | { readonly kind: 'cut'; readonly at: number; readonly length: number }
  | { readonly kind: 'double'; readonly at: number; readonly length: number }
  | { readonly kind: 'end'; readonly at: number };

const share = fc.double({ min: 0, max: 1, noNaN: true });
/** Half of the places lie in the first 64 bytes, where headers are. */
const place = fc.oneof(
  share,
  fc.nat(63).map((byte) => -byte),
);
const HUGE = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 16384, 30000, 65535];

const spoil: fc.Arbitrary<Spoil> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), at: place, value: fc.nat(255) }),
  fc.record({ kind: fc.constant('field' as const), at: place, value: fc.constantFrom(...HUGE) }),
  fc.record({ kind: fc.constant('cut' as const), at: place, length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant('double' as const), at: place, length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant('end' as const), at: place }),
);

export const spoils = fc.array(spoil, { minLength: 1, maxLength: 4 });

export function spoilt(file: Uint8Array, how: readonly Spoil[]): Uint8Array {
  let bytes = Uint8Array.from(file);
  for (const one of how) {
    const at = one.at < 0 ? Math.min(-one.at, bytes.length) : Math.floor(one.at * bytes.length);
    if (one.kind === 'set') bytes[at] = one.value;
    else if (one.kind === 'field' && at + 4 <= bytes.length)
      new DataView(bytes.buffer).setUint32(at, one.value);
    else if (one.kind === 'end') bytes = bytes.slice(0, at);
    else if (one.kind === 'cut')
      bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + one.length)]);
    else if (one.kind === 'double')
      bytes = Uint8Array.from([...bytes.subarray(0, at + one.length), ...bytes.subarray(at)]);
  }
  return bytes;
}
