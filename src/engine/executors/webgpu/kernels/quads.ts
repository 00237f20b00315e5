/**
 * Loads that the four invocations of a quad make together. SwiftShader loads a vector lane by lane, about 17 ns for
 * four lanes whatever their addresses, but passes a value from lane to lane in a few instructions: so each lane of a
 * quad loads every fourth of the samples that all four want, and hands it round. A quad is four invocations in a row of
 * a workgroup of one dimension, as all adapters number them that run on a CPU; WGSL does not promise it.
 */
import type { Profile } from '../profile.ts';
import { ceilDiv, type KernelBuilder } from '../wgsl.ts';
import { range } from './direct-layout.ts';

interface QuadLoads {
  /** Declares the addresses; goes before the loop. */
  readonly addresses: string;
  /** Declares `${name}0`, `${name}1`, …: what lies `at` + offset(item) in the buffer. */
  at(at: string): string;
}

interface Items {
  /** Where an item lies, as an expression of its number. */
  offset(item: string): string;
  /** What an item becomes on its way, and those of the same quad (four by four in order) with it. */
  map?(raw: string, item: number): string;
}

/**
 * `count` items of a buffer, the same for all invocations that differ only in `lane` (their index modulo 4, which must
 * be in scope). Without quads each invocation loads all.
 */
export function quadLoads(
  k: KernelBuilder,
  { quads }: Profile,
  name: string,
  buffer: string,
  count: number,
  { offset, map = (raw) => raw }: Items,
): QuadLoads {
  if (!quads)
    return {
      addresses: '',
      at: (at) =>
        range(count)
          .map(
            (i) =>
              `let ${name}_raw${i} = ${buffer}[${at} + ${offset(`${i}u`)}]; let ${name}${i} = ${map(`${name}_raw${i}`, i)};`,
          )
          .join('\n    '),
    };
  k.usesQuads();
  const groups = range(ceilDiv(count, 4));
  return {
    addresses: groups
      .map((g) => {
        const item = `${name}_item${g}`;
        const number = g * 4 + 4 > count ? `min(${g * 4}u + lane, ${count - 1}u)` : `${g * 4}u + lane`;
        return `let ${item} = ${number}; let ${name}_at${g} = ${offset(item)};`;
      })
      .join('\n  '),
    at: (at) =>
      groups
        .flatMap((g) => [
          `let ${name}_raw${g} = ${buffer}[${at} + ${name}_at${g}];`,
          `let ${name}_quad${g} = ${map(`${name}_raw${g}`, g * 4)};`,
          ...range(Math.min(4, count - g * 4)).map(
            (lane) => `let ${name}${g * 4 + lane} = quadBroadcast(${name}_quad${g}, ${lane}u);`,
          ),
        ])
        .join('\n    '),
  };
}
