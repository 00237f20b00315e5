import { DeviceLostError } from '../errors.ts';

/** How long a GPU may leave a question unanswered, ms: systems reset one that hangs after 2 to 10 s, where they notice. */
export const PATIENCE = 30_000;
/** A CPU that plays GPU may take minutes over one pipeline or step, and is reset by nobody. */
export const SOFTWARE_PATIENCE = 900_000;

/** What a pause between two looks counts for at most, ms: a computer that slept meanwhile kept no answer back. */
const MOST_A_LOOK = 1000;

/** Looks at the clock while an answer is waited for. */
export class Waiting {
  private waited = 0;
  private last = performance.now();

  constructor(
    private readonly patience: number,
    private readonly what: string,
  ) {}

  /** The error to give up with once patience is at its end. */
  over(): DeviceLostError | null {
    const now = performance.now();
    this.waited += Math.min(now - this.last, MOST_A_LOOK);
    this.last = now;
    if (this.waited < this.patience) return null;
    return new DeviceLostError(
      `The GPU has not answered for ${Math.ceil(this.patience / 1000)} s (${this.what}). Start the restoration again.`,
    );
  }
}

/** What `answer` resolves with; rejects with DeviceLostError where that takes longer than `patience`, ms. */
export function answered<T>(answer: Promise<T>, patience: number, what: string): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const waiting = new Waiting(patience, what);
    const every = Math.min(MOST_A_LOOK / 2, patience);
    const look = () => {
      const over = waiting.over();
      if (over) reject(over);
      else timer = setTimeout(look, every);
    };
    let timer = setTimeout(look, every);
    answer.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
