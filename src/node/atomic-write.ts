import { createHash, randomBytes } from 'node:crypto';
import { constants, rmSync } from 'node:fs';
import { access, lstat, open, readdir, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FileError, reasonOf } from './file-error.ts';

const unfinished = new Set<string>();

/** A temporary file of a process that is gone is left alone this long, ms: the process may run on another machine. */
const STALE_MS = 60_000;

/** Removes the temporary files of writes still under way: for a process about to quit in the middle of them. */
export function discardUnfinished(): void {
  for (const path of unfinished) rmSync(path, { force: true });
}

/**
 * Writes a file whole or not at all: into a temporary file of the same folder, flushed, then renamed over `path`.
 * A reader sees the old file or the new one, never a part. A file that is replaced keeps its mode, a link stays a link.
 * Throws FileError 'unwritable'.
 */
export async function writeWhole(path: string, data: Uint8Array | string): Promise<void> {
  try {
    const target = await linked(path);
    await throughTemporary(target, async (temporary) => {
      const file = await open(temporary, 'wx');
      try {
        await file.writeFile(data);
        const replaced = await stat(target).catch(() => undefined);
        if (replaced) await file.chmod(replaced.mode & 0o7777);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, target);
    });
  } catch (error) {
    throw unwritable(path, error);
  }
}

/**
 * Throws FileError 'unwritable' if `path` can be seen not to be writable, before work is spent on its contents. Removes
 * what killed processes left of the same file.
 */
export async function checkWritable(path: string): Promise<void> {
  try {
    const target = await linked(path);
    const existing = await stat(target).catch((error) => {
      if (error.code !== 'ENOENT') throw error;
    });
    if (existing && !existing.isFile()) throw new Error('it exists and is not a file');
    await access(dirname(target), constants.W_OK);
    await removeStale(target);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Where a file under that name lies, links followed, also one that leads nowhere yet. */
async function linked(path: string): Promise<string> {
  const link = await lstat(path).catch(() => undefined);
  if (!link?.isSymbolicLink()) return path;
  return realpath(path).catch(async () => resolve(dirname(path), await readlink(path)));
}

/** The temporary name is short whatever the file's, tells whose it is, and is gone afterwards. */
async function throughTemporary(target: string, work: (temporary: string) => Promise<void>): Promise<void> {
  const name = `${temporaryPrefix(target)}${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  const temporary = join(dirname(target), name);
  unfinished.add(temporary);
  try {
    await work(temporary);
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
    unfinished.delete(temporary);
  }
}

function temporaryPrefix(target: string): string {
  return `.prior-art-${createHash('sha256').update(basename(target)).digest('hex').slice(0, 8)}-`;
}

async function removeStale(target: string): Promise<void> {
  const [folder, prefix] = [dirname(target), temporaryPrefix(target)];
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || isRunning(Number.parseInt(name.slice(prefix.length), 10))) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > STALE_MS) await rm(path, { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function unwritable(path: string, cause: unknown): FileError {
  return new FileError('unwritable', `Cannot write ${path}: ${reasonOf(cause)}.`, { cause });
}
