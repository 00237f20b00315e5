import { DeviceLostError } from '../../errors.ts';
import { Waiting } from '../answer.ts';
import { GL, type Gl, type GlObject } from './gl.ts';

interface Fence {
  readonly sync: GlObject | null;
  pass(): Promise<void>;
  fail(error: DeviceLostError): void;
}

/** Longest pause between two questions, ms. */
const LONGEST_PAUSE = 8;

/**
 * Tells when the GPU has come as far as it was asked to go. One timer watches the oldest fence, so what was asked for
 * earlier is known, and its results taken, before anything asked for later is reported. A timer, because
 * requestAnimationFrame stops in a hidden frame.
 */
export class Fences {
  private readonly waiting: Fence[] = [];
  private watching = false;

  constructor(
    private readonly gl: Gl,
    /** The error to fail with when the context is lost, else null. */
    private readonly loss: () => DeviceLostError | null,
    /** How long the oldest fence may take, ms; what waits longer is given up. */
    private readonly patience: number,
  ) {}

  /** Calls `take` when the GPU has done all that was asked for so far, resolves when that has. */
  passed(take: () => Promise<void>): Promise<void> {
    const { gl } = this;
    const sync = gl.fenceSync(GL.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    return new Promise((resolve, reject) => {
      this.waiting.push({ sync, pass: () => take().then(resolve, reject), fail: reject });
      if (!this.watching) this.watch();
    });
  }

  /** Gives up all that is waited for. */
  fail(error: DeviceLostError): void {
    for (const { sync, fail } of this.waiting.splice(0)) {
      this.gl.deleteSync(sync);
      fail(error);
    }
  }

  private async watch(): Promise<void> {
    this.watching = true;
    let waiting = new Waiting(this.patience, 'computing');
    for (let wait = 0; this.waiting.length > 0; wait = Math.min(wait + 1, LONGEST_PAUSE)) {
      await pause(wait);
      const loss = this.loss() ?? waiting.over();
      if (loss) this.fail(loss);
      while (this.waiting.length > 0 && this.isSignalled(this.waiting[0])) {
        this.gl.deleteSync(this.waiting[0].sync);
        await this.waiting.shift()!.pass();
        waiting = new Waiting(this.patience, 'computing');
        wait = 0;
      }
    }
    this.watching = false;
  }

  private isSignalled({ sync }: Fence): boolean {
    return !sync || this.gl.getSyncParameter(sync, GL.SYNC_STATUS) === GL.SIGNALED;
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export const lostError = () =>
  new DeviceLostError('The GPU was lost: its driver restarted, or another program used it up. Try again.');
