import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { occupancyOf } from '../../bench/occupancy.ts';
import { channelsOf, workload } from '../../bench/workload.ts';
import type { Kernel } from '../../src/engine/executors/webgpu/wgsl.ts';

const KEYS = [
  'adapter',
  'bytes',
  'dispatches',
  'executor',
  'gflops',
  'longestTaskMs',
  'msPerStep',
  'net',
  'size',
];

describe('npm run bench', () => {
  beforeAll(() => {
    execFileSync(process.execPath, ['esbuild.config.mjs', 'bench']);
  });

  it('measures each executor and ends with one line of JSON', () => {
    const args = [
      '--nets',
      '4x2',
      '--sizes',
      '16',
      '--executors',
      'reference,tfjs-cpu',
      '--seconds',
      '0.05',
      '--json',
    ];
    const output = execFileSync(process.execPath, ['dist/tools/bench.js', ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    const rows = JSON.parse(output.trim().split('\n').pop()!) as Record<string, unknown>[];
    expect(rows.map((row) => row.executor)).toEqual(['reference', 'tfjs-cpu']);
    for (const row of rows) {
      expect(Object.keys(row).sort()).toEqual(KEYS);
      expect(row).toMatchObject({ net: '4x2', size: 16, dispatches: null, longestTaskMs: null });
      for (const key of ['msPerStep', 'gflops', 'bytes']) expect(row[key], key).toBeGreaterThan(0);
    }
  });

  it('estimates what a multiprocessor holds: 128 threads of 72 registers and 20 KiB are five workgroups', () => {
    const sums = Array.from({ length: 8 }, (_, i) => `var a${i} = vec4<f32>();`).join(' ');
    const code = `var<workgroup> t: array<vec4<f32>, 1280>;\n@compute @workgroup_size(16, 8, 1) fn main() { ${sums} }`;
    const kernel: Kernel = {
      label: 'test',
      code,
      bindings: [],
      constants: new Uint32Array(4),
      workgroups: [10, 10, 1],
      work: 1,
    };
    expect(occupancyOf(kernel, 10)).toMatchObject({ threads: 128, memory: 20480, registers: 72 });
    expect(occupancyOf(kernel, 10).occupancy).toBeCloseTo((5 * 128) / 2048);
    expect(occupancyOf(kernel, 10).waves).toBe(2);
  });

  it('reads nets as the command line writes them', () => {
    expect(channelsOf('32x5')).toEqual([32, 32, 32, 32, 32]);
    expect(channelsOf('8+16')).toEqual([8, 16]);
    expect(() => channelsOf('thin')).toThrow(/32x5/);
  });

  it('counts the step of the thin net as the paper’s cost table does: 2.1 GFLOP at 128²', () => {
    const { flops } = workload('32x5', 128);
    expect(flops / 1e9).toBeGreaterThan(2);
    expect(flops / 1e9).toBeLessThan(2.4);
  });
});
