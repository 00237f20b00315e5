import { existsSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';

/** One finished measurement: a line of the log, so that a run which was cut off goes on where it stopped. */
export interface Row {
  readonly kind: string;
  readonly image: string;
  readonly seed: number;
  /** 'fast', 'balanced', 'best', or a peer's name. */
  readonly method: string;
  readonly psnr: number;
  readonly ssim: number;
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
  readonly steps?: number;
  readonly bestStep?: number;
  readonly stoppedBy?: string;
  readonly executor?: string;
  readonly best?: { readonly psnr: number; readonly step: number };
}

type Key = Pick<Row, 'kind' | 'image' | 'seed' | 'method'>;
const keyOf = ({ kind, image, seed, method }: Key) => JSON.stringify([kind, image, seed, method]);

/** The log of an evaluation on disk, and what it holds already. */
export class Log {
  private constructor(
    private readonly path: string,
    readonly rows: Row[],
    /** What ends a line that was cut off, before the next one. */
    private separator: '' | '\n',
  ) {}

  static async open(path: string): Promise<Log> {
    const text = existsSync(path) ? await readFile(path, 'utf8') : '';
    // A line cut off by a crash is measured again.
    const rows = text.split('\n').flatMap((line): Row[] => {
      try {
        return line === '' ? [] : [JSON.parse(line) as Row];
      } catch {
        return [];
      }
    });
    return new Log(path, rows, text === '' || text.endsWith('\n') ? '' : '\n');
  }

  has(key: Key): boolean {
    return this.rows.some((row) => keyOf(row) === keyOf(key));
  }

  async add(row: Row): Promise<void> {
    this.rows.push(row);
    await appendFile(this.path, `${this.separator}${JSON.stringify(row)}\n`);
    this.separator = '';
  }
}
