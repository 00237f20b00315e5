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
  ) {}

  static async open(path: string): Promise<Log> {
    const lines = existsSync(path) ? (await readFile(path, 'utf8')).split('\n') : [];
    // A line cut off by a crash is measured again.
    const rows = lines.flatMap((line): Row[] => {
      try {
        return line === '' ? [] : [JSON.parse(line) as Row];
      } catch {
        return [];
      }
    });
    return new Log(path, rows);
  }

  has(key: Key): boolean {
    return this.rows.some((row) => keyOf(row) === keyOf(key));
  }

  async add(row: Row): Promise<void> {
    this.rows.push(row);
    await appendFile(this.path, `${JSON.stringify(row)}\n`);
  }
}
