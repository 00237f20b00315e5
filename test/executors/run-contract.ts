import type { Executor, Run } from '../../src/engine/executors/executor.ts';
import type { Plan } from '../../src/engine/plan/plan.ts';
import { prepare, STEP_CASES } from './step-cases.ts';

/**
 * What every run promises whoever computes it. Plain throws, so that the cases run in a browser's page as well.
 */
interface ContractCase {
  readonly name: string;
  check(executor: Executor): Promise<void>;
}

const DECODER = STEP_CASES.find(({ name }) => name.startsWith('deep decoder'))!;

/** A run with its inputs written. */
async function started(executor: Executor): Promise<{ run: Run; plan: Plan }> {
  const { plan, inputs } = prepare(DECODER);
  const run = await executor.compile(plan);
  for (const [name, data] of inputs) run.write(name, data);
  return { run, plan };
}

function same(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [actual, expected].map((value) =>
    JSON.stringify(value instanceof Float32Array ? [...value] : value),
  );
  if (a !== b) throw new Error(`${what}: ${a.slice(0, 300)} instead of ${b.slice(0, 300)}`);
}

/** How a call ends: the name of what it throws or rejects with, or 'fine'. */
async function ending(call: () => unknown): Promise<string> {
  try {
    await call();
    return 'fine';
  } catch (error) {
    return (error as Error).name;
  }
}

/** The same, for what must not wait to be refused. */
function refusal(call: () => void): string {
  try {
    call();
    return 'fine';
  } catch (error) {
    return (error as Error).name;
  }
}

const KEPT = ['theta', 'moment1', 'moment2', 'ema', 'varianceMean', 'best', 'state'];

export const RUN_CONTRACT: readonly ContractCase[] = [
  {
    name: 'does all in the order it is asked for, waited for or not',
    async check(executor) {
      const patient = (await started(executor)).run;
      const expected = await patient.steps(2);
      patient.control(0.5, 2);
      expected.push(...(await patient.steps(1)));
      patient.checkpoint();
      expected.push(...(await patient.steps(2)));
      patient.rollback();
      const theta = await patient.read('theta');
      patient.dispose();

      const hasty = (await started(executor)).run;
      const records = [hasty.steps(2)];
      hasty.control(0.5, 2);
      records.push(hasty.steps(1));
      hasty.checkpoint();
      records.push(hasty.steps(2));
      hasty.rollback();
      const read = hasty.read('theta');
      same((await Promise.all(records)).flat(), expected, 'records');
      same(await read, theta, 'theta');
      hasty.dispose();
    },
  },
  {
    name: 'refuses other sizes, names and counts with the same errors, and lives on',
    async check(executor) {
      const { run, plan } = await started(executor);
      const { floats } = plan.buffers[plan.named.get('target')!];
      for (const size of [0, 3, floats - 1, floats + 1])
        same(
          refusal(() => run.write('target', new Float32Array(size))),
          'RangeError',
          `writing ${size} floats`,
        );
      same(
        refusal(() => run.write('nothing', new Float32Array(1))),
        'Error',
        'writing nothing',
      );
      same(await ending(() => run.read('nothing')), 'Error', 'reading nothing');
      for (const count of [0, -1, 1.5, 1025, Number.NaN])
        same(await run.steps(count).catch(({ name }) => name), 'RangeError', `${count} steps`);
      same((await run.steps(1)).length, 1, 'steps after refusals');
      run.dispose();
    },
  },
  {
    name: 'goes back to the checkpoint before the last, and goes on counting',
    async check(executor) {
      const { run } = await started(executor);
      same(
        refusal(() => run.rollback()),
        'DivergedError',
        'rollback to nothing',
      );
      run.checkpoint();
      run.rollback();
      await run.steps(2);
      run.checkpoint();
      const [theta, ema] = [await run.read('theta'), await run.read('ema')];
      run.control(0.5, 2);
      await run.steps(3);
      run.checkpoint();
      same(JSON.stringify([...(await run.read('theta'))]) === JSON.stringify([...theta]), false, 'unchanged');
      run.rollback();
      same(await run.read('theta'), theta, 'theta');
      same(await run.read('ema'), ema, 'ema');
      same((await run.read('state')).slice(0, 3), Float32Array.of(5, 0.5, 2), 'state');
      same((await run.steps(1))[0].step, 5, 'step');
      run.rollback();
      same(await run.read('theta'), theta, 'theta, a second time');
      run.dispose();
    },
  },
  {
    name: 'goes on from what another run was, at any step',
    async check(executor) {
      const first = (await started(executor)).run;
      await first.steps(3);
      const kept = [];
      for (const name of KEPT) kept.push([name, await first.read(name)] as const);
      const expected = await first.steps(4);
      const best = await first.read('best');
      first.dispose();
      const second = (await started(executor)).run;
      for (const [name, data] of kept) second.write(name, data);
      same(await second.steps(4), expected, 'records');
      same(await second.read('best'), best, 'best');
      second.dispose();
    },
  },
  {
    name: 'ends at once when disposed, whatever is in flight, and stays ended',
    async check(executor) {
      const { run, plan } = await started(executor);
      const waiting = [run.steps(1000), run.steps(2), run.read('theta')];
      const ends = waiting.map((one) => ending(() => one));
      await new Promise((resolve) => setTimeout(resolve, 20));
      run.dispose();
      run.dispose();
      same(await Promise.all(ends), ['AbortError', 'AbortError', 'AbortError'], 'in flight');
      const theta = new Float32Array(plan.buffers[plan.named.get('theta')!].floats);
      same(
        refusal(() => run.write('theta', theta)),
        'AbortError',
        'write',
      );
      same(
        refusal(() => run.checkpoint()),
        'AbortError',
        'checkpoint',
      );
      same(await ending(() => run.steps(1)), 'AbortError', 'steps');
      same(await ending(() => run.read('theta')), 'AbortError', 'read');
    },
  },
];
