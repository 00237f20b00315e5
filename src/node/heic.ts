import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * libheif's own program, by its name since 1.18 and before. It turns pictures as their files say, keeps all of their bits, and copies
 * their profiles. macOS' sips is not asked: whether it has turned a picture, its results do not tell.
 */
const PROGRAMS = ['heif-dec', 'heif-convert'];
/** What takes longer will not end, ms. */
const LONGEST = 60_000;

export const HOW_TO_READ_HEIC =
  'install libheif’s heif-dec (Debian, Ubuntu: apt-get install libheif-examples; macOS: brew install libheif)';

const run = promisify(execFile);

/** The program on the PATH that reads HEIC, whose patents keep its codec out of sharp; undefined = there is none. */
export async function heicReader(): Promise<string | undefined> {
  for (const name of PROGRAMS) if (await starts(name)) return name;
  return undefined;
}

const starts = (name: string): Promise<boolean> =>
  run(name, ['--help'], { timeout: LONGEST }).then(
    () => true,
    ({ code }: { code?: unknown }) => typeof code === 'number', // it did not like the option
  );

/**
 * A picture of a HEIC file as a PNG, upright.
 *
 * @param page which of the file's pictures, from 0.
 * @returns undefined where no program reads them; rejects with what the program says of a file that it cannot read.
 */
export async function heicAsPng(bytes: Uint8Array, page: number): Promise<Buffer | undefined> {
  const program = await heicReader();
  if (!program) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'prior-art-heic-'));
  try {
    await writeFile(join(folder, 'in.heic'), bytes);
    await run(program, ['in.heic', 'out.png'], { cwd: folder, timeout: LONGEST });
    // Of several pictures each has its number behind the name.
    const made = (await readdir(folder)).filter((name) => name.endsWith('.png'));
    const wanted = made.length === 1 ? made[0] : `out-${page + 1}.png`;
    return await readFile(join(folder, wanted));
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split('\n')[0];
    throw new Error(`${program} cannot read it${said ? ` (${said})` : ''}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
