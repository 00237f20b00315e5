/** How far beyond its time work may end that comes in pieces, ms: a piece is not begun that would end later. */
const OVERRUN = 500;

/** Whether there is time for another piece of work, by how long those before it took. */
export class Pace {
  #longest = 0;
  #refused = false;
  #reserved = 0;

  /**
   * @param left milliseconds that are left, −∞ once the user has had enough.
   * @param clock milliseconds of work.
   */
  constructor(
    private readonly left: () => number,
    private readonly clock = () => performance.now(),
  ) {}

  /** Whether a piece may begin; `after`: milliseconds of what has to be done after all pieces. */
  allows(after = 0): boolean {
    if (this.#longest + after + this.#reserved <= this.left() + OVERRUN) return true;
    this.refuse();
    return false;
  }

  /** Something is not done that would have been. */
  refuse(): void {
    this.#refused = true;
  }

  /** Keeps milliseconds free for what is to be done after all pieces, every time. */
  reserve(ms: number): void {
    this.#reserved = ms;
  }

  /** Does a piece, and remembers how long it took. */
  async time<T>(piece: () => Promise<T>): Promise<T> {
    const start = this.clock();
    const result = await piece();
    this.#longest = Math.max(this.#longest, this.clock() - start);
    return result;
  }

  /** Some piece was not done. */
  get refused(): boolean {
    return this.#refused;
  }
}

/** All the time in the world. */
export const unhurried = (): Pace => new Pace(() => Number.POSITIVE_INFINITY);
