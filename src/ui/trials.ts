import { startsHere } from '../browser/start-worker.ts';
import { MAX_IMAGE_SIDE } from '../wire/tiles.ts';
import type { Bridge } from './bridge.ts';
import type { Threads } from './worker/threads.ts';

/** One thing that was tried, and how it went. */
export type Trial = readonly [what: string, outcome: string];

/** Sizes of messages, MB, from what surely passes to more than a result ever takes. */
const MESSAGE_SIZES = [8, 32, 64];

/** The policy of this frame, as the browser tells it with the first thing that it refuses. */
let policy: string | undefined;
const violations = new Set<string>();
addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, originalPolicy }) => {
  policy ??= originalPolicy;
  violations.add(`${effectiveDirective} refused ${blockedURI || 'inline'}`);
});

export function policyRows(): Trial[] {
  const refused: Trial = ['CSP', violations.size > 0 ? [...violations].join('; ') : 'no violation seen'];
  return policy === undefined ? [refused] : [refused, ['CSP found', policy]];
}

/** Which kinds of code this frame lets run. What it refuses also brings its policy to light. */
export async function tryCode(): Promise<Trial[]> {
  const said = (works: boolean) => (works ? 'yes' : 'no');
  const evaluates = () => {
    try {
      return new Function('return true')() === true;
    } catch {
      return false;
    }
  };
  return [
    ['Worker of a blob', said(await startsHere('blob'))],
    ['Module of a blob', said(await startsHere('blob', { type: 'module' }))],
    ['Worker of data:', said(await startsHere('data'))],
    ['Code from text', said(evaluates())],
  ];
}

/** Sends ever larger messages and hands over the largest image Figma takes; `show` gets what is known so far. */
export async function tryMessages(
  bridge: Bridge,
  { studio }: Threads,
  show: (trials: readonly Trial[]) => void,
): Promise<void> {
  const trials: Trial[] = [];
  const add = async (what: string, act: () => Promise<string>) => {
    show([...trials, [what, 'on its way']]);
    const from = performance.now();
    const outcome = await act().catch((error: Error) => error.message);
    trials.push([what, outcome || `${((performance.now() - from) / 1000).toFixed(1)} s`]);
    show([...trials]);
  };
  for (const size of MESSAGE_SIZES)
    await add(`Message of ${size} MB`, async () => {
      const bytes = new Uint8Array(size * 2 ** 20);
      const answer = await bridge.ask({ type: 'weigh', bytes });
      const whole = answer.type === 'weighed' && answer.length === size * 2 ** 20;
      return whole ? '' : 'did not arrive whole';
    });
  const png = await studio.call('specimen', { side: MAX_IMAGE_SIDE });
  await add(`Image of ${MAX_IMAGE_SIDE}², ${Math.round(png.length / 2 ** 20)} MB`, async () => {
    const answer = await bridge.ask({ type: 'hand', png });
    return answer.type === 'failed' ? answer.problem.words : '';
  });
}
