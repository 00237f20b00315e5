import { lower } from '../src/engine/executors/webgpu/lower.ts';
import { GPU_PROFILE } from '../src/engine/executors/webgpu/profile.ts';
import type { Kernel } from '../src/engine/executors/webgpu/wgsl.ts';
import type { Plan } from '../src/engine/plan/plan.ts';

/** What one multiprocessor holds; NVIDIA's since Volta (CUDA C++ Programming Guide, compute capabilities). */
const MULTIPROCESSOR = { threads: 2048, registers: 65536, workgroups: 32, memory: 100 * 1024 } as const;
/** What a thread needs besides its sums: addresses, constants and the operands under way. */
const OTHER_REGISTERS = 40;

export interface Occupancy {
  readonly label: string;
  readonly threads: number;
  /** Bytes of workgroup memory. */
  readonly memory: number;
  /** Registers of a thread: an estimate from the sums it declares. */
  readonly registers: number;
  /** Threads that a multiprocessor holds at once, as a share of those it could. */
  readonly occupancy: number;
  /** How often all multiprocessors are filled; below 1 some stay idle. */
  readonly waves: number;
}

const FLOATS: Record<string, number> = { f32: 1, u32: 1, i32: 1, 'vec2<f32>': 2, 'vec4<f32>': 4 };

export function occupancyOf({ label, code, workgroups }: Kernel, multiprocessors: number): Occupancy {
  const size = /@workgroup_size\(([\d, ]+)\)/.exec(code)![1].split(',').map(Number);
  const threads = size.reduce((a, b) => a * b, 1);
  let memory = 0;
  for (const [, element, length] of code.matchAll(/var<workgroup> \w+: array<([\w<>]+), (\d+)>/g))
    memory += 4 * FLOATS[element] * Number(length);
  const wide = [...code.matchAll(/\bvar \w+ = (?:start\d+|vec4<f32>)/g)].length;
  const narrow = [...code.matchAll(/\bvar \w+ = \d/g)].length;
  const registers = Math.min(255, OTHER_REGISTERS + 4 * wide + narrow);
  const resident = Math.min(
    MULTIPROCESSOR.workgroups,
    Math.floor(MULTIPROCESSOR.threads / threads),
    Math.floor(MULTIPROCESSOR.registers / (registers * Math.ceil(threads / 32) * 32)),
    memory > 0 ? Math.floor(MULTIPROCESSOR.memory / memory) : MULTIPROCESSOR.workgroups,
  );
  const total = workgroups.reduce((a, b) => a * b, 1);
  return {
    label,
    threads,
    memory,
    registers,
    occupancy: (resident * threads) / MULTIPROCESSOR.threads,
    waves: total / (resident * multiprocessors),
  };
}

/** Of each kind of kernel in a step the call that does most, as a GPU gets it. */
export function occupancyTable(plan: Plan, multiprocessors: number): string {
  const largest = new Map<string, Kernel>();
  for (const kernel of lower(plan, GPU_PROFILE)) {
    const kind = kernel.label.replace(/ \d+×\d+×\d+.*$/, '');
    if (kernel.work > (largest.get(kind)?.work ?? -1)) largest.set(kind, kernel);
  }
  const rows = [...largest.values()]
    .sort((a, b) => b.work - a.work)
    .slice(0, 12)
    .map((kernel) => occupancyOf(kernel, multiprocessors))
    .map((o) =>
      row(o.label, [
        o.threads,
        (o.memory / 1024).toFixed(1),
        o.registers,
        `${Math.round(100 * o.occupancy)} %`,
        o.waves.toFixed(1),
      ]),
    );
  const head = row('largest call of each kind', ['threads', 'KiB shared', 'registers', 'occupancy', 'waves']);
  return [head, ...rows].join('\n');
}

const row = (label: string, cells: (string | number)[]) =>
  [label.padEnd(64), ...cells.map((cell) => String(cell).padStart(11))].join('');
