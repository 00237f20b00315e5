import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/engine/network/graph.ts';
import { skip } from '../../src/engine/network/skip.ts';
import { usesOf } from '../../src/engine/plan/calls.ts';
import { compile } from '../../src/engine/plan/compile.ts';
import { describePlan } from '../../src/engine/plan/describe.ts';
import { type Plan, planBytes } from '../../src/engine/plan/plan.ts';
import { objective } from '../executors/step-cases.ts';

function planOf(size: number, width = 32): Plan {
  const g = new Graph();
  const z = g.noise(g.input('z', [32, size, size]), 0.03);
  const image = skip(g, z, { channels: Array(5).fill(width), skips: Array(5).fill(4), imageChannels: 3 });
  return compile(g, objective(image));
}

describe('the plan', () => {
  const plan = planOf(64);

  it('never lets two buffers that are alive at once share a slot', () => {
    for (const a of plan.buffers)
      for (const b of plan.buffers) {
        if (a.id >= b.id || a.slot !== b.slot) continue;
        expect(a.last < b.first || b.last < a.first, `${a.name} and ${b.name} in slot ${a.slot}`).toBe(true);
      }
  });

  it('gives every buffer a slot it fits in', () => {
    for (const { slot, floats } of plan.buffers) expect(plan.slots[slot]).toBeGreaterThanOrEqual(floats);
  });

  it('writes every temporary buffer before it is read', () => {
    const written = new Set(plan.buffers.filter((b) => b.lifetime === 'persistent').map((b) => b.id));
    for (const call of plan.calls) {
      const { reads, writes } = usesOf(call);
      for (const id of reads)
        expect(written.has(id), `${call.kind} reads ${plan.buffers[id].name}`).toBe(true);
      for (const id of writes) written.add(id);
    }
  });

  it('needs under 400 MB for 32×5 at 512², and grows with the pixels', () => {
    expect(planBytes(planOf(512))).toBeLessThan(400e6);
    expect(planBytes(planOf(128)) / planBytes(planOf(64))).toBeLessThan(4);
  });

  it('prints one line a call and the totals', () => {
    const lines = describePlan(plan).split('\n');
    expect(lines).toHaveLength(plan.calls.length + 2);
    expect(lines[3]).toMatch(/conv .*MFLOP .*kB .*scale0\.deep\.conv/);
    expect(lines.at(-1)).toContain('MiB');
  });

  it('counts the multiply-adds the paper network needs: 295.6 k a pixel forward, thrice that with backward', () => {
    const wide = planOf(256, 128);
    const convs = wide.calls.filter((c) => c.kind === 'conv');
    const macs = convs.reduce(
      (sum, c) => sum + wide.parameters[c.weight].size * c.out.height * c.out.width,
      0,
    );
    expect(macs / 256 ** 2 / 1000).toBeCloseTo(295.6, 0);
  });
});
