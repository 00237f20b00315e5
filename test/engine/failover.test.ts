import { afterEach, describe, expect, it, vi } from 'vitest';
import { Journal } from '../../src/engine/checkpoints/journal.ts';
import { DeviceLostError, GpuUnavailableError, OutOfMemoryError } from '../../src/engine/errors.ts';
import type { Executor, ExecutorName } from '../../src/engine/executors/executor.ts';
import { Failover } from '../../src/engine/executors/failover.ts';
import { createReferenceExecutor } from '../../src/engine/executors/reference.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import type { RestoreOptions } from '../../src/engine/options.ts';
import { recipeFor } from '../../src/engine/recipes.ts';
import { Copies } from '../../src/engine/run/copies.ts';
import { optimise, type Watch } from '../../src/engine/run/optimise.ts';
import { jobOf } from '../../src/engine/tasks/index.ts';
import { cleanRaster } from './images.ts';

/** Plain loops under another name, whose steps fail from step number `until` on. */
function failing(name: ExecutorName, until: number, error: Error): Executor {
  const executor = createReferenceExecutor();
  return {
    name,
    adapter: `a ${name} that fails`,
    dispose: executor.dispose,
    compile: async (plan) => {
      const run = await executor.compile(plan);
      const steps = run.steps.bind(run);
      run.steps = async (count) => {
        const records = await steps(count);
        if (records.some(({ step }) => step >= until)) throw error;
        return records;
      };
      return run;
    },
  };
}

/** A failover over these executors, one after the other, and what it was asked for. */
async function over(choice: ExecutorName | 'auto', executors: readonly (Executor | Error)[]) {
  const asked: string[] = [];
  const left = [...executors];
  const failover = await Failover.start(choice, undefined, undefined, async (name, _, automatic) => {
    asked.push(automatic ? automatic.join() : name);
    const next = left.shift()!;
    if (next instanceof Error) throw next;
    return { executor: next, reason: '' };
  });
  return { failover, asked };
}

const options: RestoreOptions = { task: 'denoise', expert: { net: '4x2', steps: 24, runs: 1 }, seed: 5 };
const job = await jobOf('denoise', toPicture(cleanRaster(16, 16)), options);
const problem = job.problem({ x: 0, y: 0, width: 16, height: 16 });
const recipe = recipeFor('denoise', options);
const run = (failover: Failover, watch: Watch = async () => {}) => {
  const task = { problem, recipe, seed: 5, options, journal: Journal.of(), left: () => 1e12, watch };
  return optimise(failover, task);
};

const lost = new DeviceLostError('gone');

describe('another executor', () => {
  afterEach(() => vi.restoreAllMocks());

  it('goes on from the last copy, to the very same result', async () => {
    vi.spyOn(Copies.prototype, 'isDue').mockReturnValue(true);
    const whole = await run((await over('reference', [createReferenceExecutor()])).failover);
    const { failover } = await over('auto', [
      failing('webgpu', 19, new OutOfMemoryError('full')),
      createReferenceExecutor(),
    ]);
    const lengths: number[] = [];
    const outcome = await run(failover, async ({ length }) => void lengths.push(length));
    expect(outcome.history).toEqual(whole.history);
    expect(outcome.colour).toEqual(whole.colour);
    const anew = lengths.find((length, i) => length <= lengths[i - 1]);
    expect(anew ?? 24).toBeGreaterThan(16); // what was not yet decided on, a block of 16 steps at most, is done again
    expect(failover.notes).toEqual([
      'webgpu on a webgpu that fails failed (full); reference on plain loops, one thread went on.',
    ]);
  });

  it('begins anew where nothing was copied yet', async () => {
    const whole = await run((await over('reference', [createReferenceExecutor()])).failover);
    const { failover } = await over('auto', [failing('webgpu', 7, lost), createReferenceExecutor()]);
    expect((await run(failover)).history).toEqual(whole.history);
  });

  it('is the same one again at first where that was lost, then the next', async () => {
    const { failover, asked } = await over('auto', [
      failing('webgl2', 2, lost),
      failing('webgl2', 2, lost),
      failing('webgl2', 2, lost),
      createReferenceExecutor(),
    ]);
    await run(failover);
    expect(asked).toEqual(['auto', 'webgl2', 'webgl2', 'wasm']);
    expect(failover.notes.map((note) => /it was started again/.test(note))).toEqual([true, true, false]);
  });

  it('is not looked for where one was asked for by name, or it is no fault of the executor', async () => {
    const named = await over('webgpu', [failing('webgpu', 2, new GpuUnavailableError('refused'))]);
    await expect(run(named.failover)).rejects.toThrow('refused');
    const mistaken = await over('auto', [
      failing('webgpu', 2, new RangeError('ours')),
      createReferenceExecutor(),
    ]);
    await expect(run(mistaken.failover)).rejects.toThrow('ours');
  });

  it('tells the first error where none can be started any more', async () => {
    const { failover } = await over('webgpu', [
      failing('webgpu', 2, lost),
      new GpuUnavailableError('no adapter any more'),
    ]);
    await expect(run(failover)).rejects.toBe(lost);
  });
});
