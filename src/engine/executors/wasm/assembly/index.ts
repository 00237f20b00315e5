// The program of one training step, run by one thread or by many. A program is a list of stages, a stage a number of
// tasks that may run in any order: threads draw tasks from a shared counter and meet at a barrier after each stage.
// Every result is computed wholly within one task, so it does not depend on the number of threads.
import { execute } from './execute'; // made of the names of all kernels by scripts/build-wasm.mjs
import { dots4, dots5, dots6, tile4, tile5, tile6 } from './multiply';

// Exported only so that the optimiser does not inline them: a tile inlined into its callers' loops loses registers to
// them, and half of its speed.
export { dots4, dots5, dots6, tile4, tile5, tile6 };

/** Words shared by the threads and the host; mirrored in layout.ts. */
@unmanaged
class Control {
  /** Steps asked for and steps done, since the start. */
  target: i32;
  done: i32;
  /** Counts barriers. */
  generation: i32;
  arrived: i32;
  nextTask: i32;
  threads: i32;
  stages: i32;
  /** Stage[stages]. */
  program: usize;
}

@unmanaged
class Stage {
  op: i32;
  tasks: i32;
  args: usize;
  /** Bytes from one task's args to the next; 0 = all tasks share them. */
  stride: i32;
  /** 1 = its tasks and the next stage's may run side by side. */
  joined: i32;
}

/** Looks at a barrier before a thread sleeps, some 20 µs: about what waking it costs, so that small images gain too. */
const SPIN: i32 = 20000;

// @ts-ignore: decorator
@inline
function stageAt(control: Control, index: i32): Stage {
  return changetype<Stage>(control.program + <usize>index * offsetof<Stage>());
}

/** One task of a stage on the calling thread. */
export function runOne(controlAt: usize, index: i32, task: i32, scratch: usize): void {
  runTask(changetype<Control>(controlAt), index, task, scratch);
}

/** A worker's life: it returns never, its host terminates the thread. */
export function work(controlAt: usize, scratch: usize): void {
  const control = changetype<Control>(controlAt);
  const target = controlAt + offsetof<Control>('target');
  const done = controlAt + offsetof<Control>('done');
  while (true) {
    const steps = atomic.load<i32>(done);
    while (atomic.load<i32>(target) == steps) atomic.wait<i32>(target, steps, -1);
    for (let i = 0; i < control.stages; i++) {
      const first = i;
      let tasks = stageAt(control, i).tasks;
      while (stageAt(control, i).joined) tasks += stageAt(control, ++i).tasks;
      while (true) {
        const task = atomic.add<i32>(controlAt + offsetof<Control>('nextTask'), 1);
        if (task >= tasks) break;
        runTask(control, first, task, scratch);
      }
      barrier(control, controlAt, i == control.stages - 1);
    }
  }
}

/** Task `task` of the stages from `index` on, counted through. */
function runTask(control: Control, index: i32, task: i32, scratch: usize): void {
  let stage = stageAt(control, index);
  while (task >= stage.tasks) {
    task -= stage.tasks;
    stage = stageAt(control, ++index);
  }
  execute(stage.op, stage.args + task * stage.stride, task, scratch);
}

function barrier(control: Control, controlAt: usize, ends: bool): void {
  const generation = controlAt + offsetof<Control>('generation');
  const before = atomic.load<i32>(generation);
  const arrived = atomic.add<i32>(controlAt + offsetof<Control>('arrived'), 1) + 1;
  if (arrived == control.threads) {
    atomic.store<i32>(controlAt + offsetof<Control>('arrived'), 0);
    atomic.store<i32>(controlAt + offsetof<Control>('nextTask'), 0);
    if (ends) atomic.add<i32>(controlAt + offsetof<Control>('done'), 1);
    atomic.add<i32>(generation, 1);
    atomic.notify(generation, -1);
    if (ends) atomic.notify(controlAt + offsetof<Control>('done'), -1);
    return;
  }
  // Not `if (load != before) return` inside the loop: V8 11.3's baseline compiler lets that form fall through.
  let waiting = true;
  for (let i = 0; waiting && i < SPIN; i++) waiting = atomic.load<i32>(generation) == before;
  while (waiting) {
    atomic.wait<i32>(generation, before, -1);
    waiting = atomic.load<i32>(generation) == before;
  }
}
