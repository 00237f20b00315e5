import { existsSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';

/** One finished measurement: a line of the log, so that a run which was cut off goes on where it stopped. */
export interface Row {
  readonly kind: string;
  readonly image: string;
  readonly seed: number;
  /** 'fast', 'balanced', 'best', or a peer's name. */
  readonly method: string;
  /** The flags that it depends on: a row that was measured with others is another. */
  readonly flags: string;
  readonly psnr: number;
  readonly ssim: number;
  readonly texture?: number;
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
  readonly steps?: number;
  readonly bestStep?: number;
  readonly stoppedBy?: string;
  readonly executor?: string;
  readonly best?: { readonly psnr: number; readonly step: number };
}

type Key = Pick<Row, 'kind' | 'image' | 'seed' | 'method' | 'flags'>;
const rowKey = ({ kind, image, seed, method, flags }: Key) =>
  JSON.stringify([kind, image, seed, method, flags]);

interface Measuring {
  readonly crop?: string;
  readonly executor: string;
  readonly bestStep?: boolean;
}

/** The flags that a row depends on, of other methods and of our own. */
export function flagsOf({ crop, executor, bestStep }: Measuring): {
  readonly others: string;
  readonly own: string;
} {
  const others = crop === undefined ? '' : `--crop ${crop} `;
  return { others, own: `${others}--executor ${executor}${bestStep ? ' --best-step' : ''}` };
}

/** The log of an evaluation on disk, and what it holds already: one row for each key `K`. */
export class Log<K, R extends K> {
  private constructor(
    private readonly path: string,
    private readonly keyOf: (row: K) => string,
    readonly rows: R[],
    /** What ends a line that was cut off, before the next one. */
    private separator: '' | '\n',
  ) {}

  static async open<K, R extends K>(path: string, keyOf: (row: K) => string): Promise<Log<K, R>> {
    const text = existsSync(path) ? await readFile(path, 'utf8') : '';
    // A line cut off by a crash is measured again.
    const rows = text.split('\n').flatMap((line): R[] => {
      try {
        return line === '' ? [] : [JSON.parse(line) as R];
      } catch {
        return [];
      }
    });
    return new Log(path, keyOf, rows, text === '' || text.endsWith('\n') ? '' : '\n');
  }

  has(key: K): boolean {
    return this.rows.some((row) => this.keyOf(row) === this.keyOf(key));
  }

  async add(row: R): Promise<void> {
    this.rows.push(row);
    await appendFile(this.path, `${this.separator}${JSON.stringify(row)}\n`);
    this.separator = '';
  }
}

/** The log of `npm run eval`. */
export type RowLog = Log<Key, Row>;
export const openRowLog = (path: string): Promise<RowLog> => Log.open(path, rowKey);
