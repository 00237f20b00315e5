/** What runs inside the browser for turns.test.ts: an executor on the page's own thread, watched at its context. */
import { createWebgl2Executor } from '../../../src/engine/executors/webgl2/executor.ts';
import { prepare, STEP_CASES } from '../step-cases.ts';

/** Calls that take their time, and those that wait until the GPU process has come to all of them. */
const LONG = ['linkProgram', 'texStorage2D', 'texStorage3D'] as const;
const QUESTIONS = ['getError', 'getProgramParameter', 'checkFramebufferStatus'] as const;
/** Calls of which a task should hold one, when one is all there is time for. */
const PIECES = ['linkProgram', 'texSubImage2D', 'texSubImage3D', 'getBufferSubData'] as const;

type Call = (this: unknown, ...values: unknown[]) => unknown;

/** Counts tasks of the page by a message that is sent again in each. */
class Tasks {
  count = 0;
  private readonly channel = new MessageChannel();

  constructor() {
    const { port1, port2 } = this.channel;
    port1.onmessage = () => {
      this.count++;
      port2.postMessage(null);
    };
    port2.postMessage(null);
  }

  end(): void {
    this.channel.port1.close();
  }
}

/** Notes what happens at a context from now on. */
function watch(gl: WebGL2RenderingContext, tasks: Tasks) {
  const seen = { early: [] as string[], asked: 0, pieces: 0, crowded: [] as string[] };
  const methods = gl as unknown as Record<string, Call>;
  const before = (name: string, note: (values: unknown[]) => void) => {
    const call = methods[name].bind(gl);
    methods[name] = (...values) => {
      note(values);
      return call(...values);
    };
  };
  let [sent, known, last] = [0, 0, -1];
  const fences = new Map<unknown, number>();
  for (const name of LONG) before(name, () => sent++);
  for (const name of QUESTIONS)
    before(name, ([, question]) => {
      if (question === COMPLETION_STATUS) return; // this one never waits
      seen.asked++;
      if (known < sent) seen.early.push(name);
    });
  for (const name of PIECES)
    before(name, () => {
      seen.pieces++;
      if (tasks.count === last) seen.crowded.push(name);
      last = tasks.count;
    });
  const [set, ask] = [gl.fenceSync.bind(gl), gl.getSyncParameter.bind(gl)];
  gl.fenceSync = (condition, flags) => {
    const fence = set(condition, flags);
    fences.set(fence, sent);
    return fence;
  };
  gl.getSyncParameter = (fence, name) => {
    const state = ask(fence, name);
    if (state === gl.SIGNALED) known = Math.max(known, fences.get(fence)!);
    return state;
  };
  return seen;
}

const COMPLETION_STATUS = 0x91b1;

/** From now on any work seems to take 10 ms. Call the result to end it. */
function slowClock(): () => void {
  const now = performance.now;
  let time = now.call(performance);
  performance.now = () => {
    time += 10;
    return time;
  };
  return () => {
    performance.now = now;
  };
}

/** A whole run: start, steps, a checkpoint, a look at the result, the end. */
async function wholeRun(name: string) {
  const { plan, inputs } = prepare(STEP_CASES.find((stepCase) => stepCase.name === name)!);
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2')!;
  const tasks = new Tasks();
  const seen = watch(gl, tasks);
  const asEver = slowClock();
  try {
    const executor = await createWebgl2Executor({ webgl2: () => gl });
    const run = await executor.compile(plan);
    for (const [input, data] of inputs) run.write(input, data);
    await run.steps(2);
    run.checkpoint();
    await run.read('ema');
    run.dispose();
    executor.dispose();
    return seen;
  } finally {
    asEver();
    tasks.end();
  }
}

Object.assign(globalThis, { wholeRun });
