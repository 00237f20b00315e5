/** What a piece of work left: facts that JSON can hold, and samples. */
export interface Entry {
  readonly facts: unknown;
  readonly planes: Readonly<Record<string, Float32Array>>;
}

/**
 * What a restoration has behind it, by name: its finished pieces, and where the one at hand was when it was last copied.
 * A restoration that begins with another one's journal leaves out what is found there. Samples are kept as they are, not
 * copied: whoever keeps them replaces what it kept before it changes them.
 */
export class Journal {
  private constructor(
    private readonly all: Map<string, Entry>,
    private readonly prefix: string,
  ) {}

  static of(entries: Iterable<readonly [string, Entry]> = []): Journal {
    return new Journal(new Map(entries), '');
  }

  /** The same journal, for a piece of work that keeps a journal of its own. */
  within(name: string): Journal {
    return new Journal(this.all, `${this.prefix}${name}/`);
  }

  find(name: string): Entry | undefined {
    return this.all.get(this.prefix + name);
  }

  keep(name: string, entry: Entry): void {
    this.all.set(this.prefix + name, entry);
  }

  /** Forgets that, and whatever was kept within it. */
  drop(name: string): void {
    const dropped = this.prefix + name;
    for (const key of this.all.keys())
      if (key === dropped || key.startsWith(`${dropped}/`)) this.all.delete(key);
  }

  /** Everything, under full names. */
  get entries(): ReadonlyMap<string, Entry> {
    return this.all;
  }
}
