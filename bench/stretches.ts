import { type Profiler, Session } from 'node:inspector/promises';

/** Of a stretch's samples, what the function has that it is named by: the innermost of such. */
const SHARE = 0.6;

/** Microseconds between two samples of the profiler. */
const SAMPLED_EVERY = 1000;

interface Stretch {
  readonly ms: number;
  /** By the monotonic clock, µs. */
  readonly from: number;
  readonly to: number;
}

/** What was found of work's stretches between two turns of the event loop. */
interface Stretches {
  readonly longest: number;
  /** Functions with stretches over the limit: the longest of each, ms, and how many. */
  readonly named: readonly string[];
}

const now = (): number => Number(process.hrtime.bigint() / 1000n);

/** Work, watched: how long it keeps the event loop from turning, by a clock in ms, which `onTurn` is told at each turn. */
export async function stretches(
  clock: () => number,
  over: number,
  onTurn: (ms: number) => void,
  work: () => Promise<void>,
): Promise<Stretches> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLED_EVERY });
  await session.post('Profiler.start');
  const found: Stretch[] = [];
  let ended = false;
  let last = { ms: clock(), at: now() };
  const watch = () => {
    const turn = { ms: clock(), at: now() };
    found.push({ ms: turn.ms - last.ms, from: last.at, to: turn.at });
    if (ended) return;
    onTurn(turn.ms);
    last = { ms: clock(), at: now() };
    setImmediate(watch);
  };
  setImmediate(watch);
  await work();
  ended = true;
  watch();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const long = found.filter(({ ms }) => ms > over).sort((a, b) => b.ms - a.ms);
  return { longest: Math.max(...found.map(({ ms }) => ms)), named: named(long, profile) };
}

function named(long: readonly Stretch[], profile: Profiler.Profile): string[] {
  const byName = new Map<string, number[]>();
  for (const { ms, from, to } of long) {
    const name = innermost(profile, from, to);
    byName.set(name, [...(byName.get(name) ?? []), ms]);
  }
  return [...byName].map(([name, times]) => `${name} ${times[0].toFixed(0)} × ${times.length}`);
}

/** The function that has most of the samples between two times and calls none that has as many. */
function innermost(
  { nodes, samples = [], timeDeltas = [], startTime }: Profiler.Profile,
  from: number,
  to: number,
): string {
  const own = new Map<number, number>();
  let at = startTime;
  let all = 0;
  samples.forEach((id, i) => {
    at += timeDeltas[i];
    if (at <= from || at > to) return;
    own.set(id, (own.get(id) ?? 0) + 1);
    all++;
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const total = (id: number): number =>
    (byId.get(id)!.children ?? []).reduce((sum, child) => sum + total(child), own.get(id) ?? 0);
  let [node, path] = [nodes[0], ''];
  for (;;) {
    const next = node.children?.find((child) => total(child) >= SHARE * all);
    if (next === undefined || all === 0) return path || node.callFrame.functionName;
    node = byId.get(next)!;
    const name = node.callFrame.functionName || `(line ${node.callFrame.lineNumber + 1})`;
    path = [...path.split(' › ').filter(Boolean).slice(-2), name].join(' › ');
  }
}
