/** How far beyond its time work may end that comes in pieces, ms: a piece is not begun that would end later. */
const OVERRUN = 500;

/** Whether the time is over for work that can be cut between any two of its pieces. */
export type IsOver = () => boolean;

export const never: IsOver = () => false;

/** Whether there is time for another piece of work, by how long those before it took. */
export class Pace {
  #longest = 0;
  #refused = false;
  #reserved = 0;

  /**
   * @param left milliseconds that are left once `share` of the work is to be looked at again; −∞ once the user has had enough.
   * @param clock milliseconds of work.
   */
  constructor(
    private readonly left: (share: number) => number,
    private readonly clock = () => performance.now(),
  ) {}

  /** Whether a piece may begin; `share`: of all the work that will have been touched with it, all by default. */
  allows(share = 1): boolean {
    if (this.#longest + this.#reserved <= this.left(share) + OVERRUN) return true;
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
