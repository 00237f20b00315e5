import { createHash, randomBytes } from 'node:crypto';
import { constants, rmSync, type Stats } from 'node:fs';
import {
  access,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
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
      const replaced = await stat(target).catch(() => undefined);
      await fill(temporary, data, replaced);
      await rename(temporary, target);
    });
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function fill(path: string, data: Uint8Array | string, like: Stats | undefined): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(data);
    if (like) await file.chmod(like.mode & 0o7777);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What is written on trial: as much as a disk gives at a time. */
const TRIAL = new Uint8Array(4096);

/**
 * Throws FileError 'unwritable' if `path` cannot be written, before work is spent on its contents: by writing beside it what
 * is removed at once, since no question finds out about /proc, a full disk or a quota. Removes what killed processes left
 * of the same file.
 */
export async function checkWritable(path: string): Promise<void> {
  try {
    const target = await linked(path);
    const existing = await stat(target).catch((error) => {
      if (error.code !== 'ENOENT') throw error;
      return undefined;
    });
    if (existing) await checkReplaceable(target, existing);
    await removeStale(target);
    await throughTemporary(target, (temporary) => fill(temporary, TRIAL, existing));
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Throws where another file cannot take the place of one, though one can be made beside it. */
async function checkReplaceable(target: string, file: Stats): Promise<void> {
  if (!file.isFile()) throw new Error('it exists and is not a file');
  await access(target, constants.W_OK).catch((error) => {
    if (error.code === 'EPERM') throw new Error('it is marked as not to be changed'); // its mode does not matter
  });
  const me = process.getuid?.();
  const folder = await stat(dirname(target));
  const others = me !== undefined && me !== 0 && file.uid !== me && folder.uid !== me;
  if (others && folder.mode & STICKY) throw new Error('it belongs to somebody else');
  if (await isMountPoint(target)) throw new Error('it is mounted by itself: mount its folder instead');
}

/** Of a folder such as /tmp: its files are replaced by their owners alone. */
const STICKY = 0o1000;

/** Whether a single file is a mount, as containers are given them. */
async function isMountPoint(path: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const name = (await realpath(path)).replace(
    /[ \t\n\\]/g,
    (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return mounts.split('\n').some((line) => line.split(' ', 5)[4] === name);
}

/**
 * Makes a folder and those that it lies in. Not by mkdir's `recursive`, which does not return where no folder can be made
 * in one that is there, such as /proc. Throws FileError 'unwritable'.
 */
export async function makeFolder(path: string): Promise<void> {
  const made = async (folder: string): Promise<void> => {
    const there = await stat(folder).catch(() => undefined);
    if (there?.isDirectory()) return;
    if (!there && dirname(folder) !== folder) await made(dirname(folder));
    await mkdir(folder).catch(async (error) => {
      if (!(await stat(folder).catch(() => undefined))?.isDirectory()) throw error; // somebody else was faster
    });
  };
  await made(path).catch((cause) => {
    throw new FileError('unwritable', `Cannot make the folder ${path}: ${reasonOf(cause)}.`, { cause });
  });
}

/** Links that are followed at most, as Linux does. */
const MOST_LINKS = 40;

/** Where a file under that name lies, links followed, also those that lead nowhere yet. */
async function linked(path: string): Promise<string> {
  for (let i = 0; i < MOST_LINKS; i++) {
    const link = await lstat(path).catch(() => undefined);
    if (!link?.isSymbolicLink()) return path;
    const to = await readlink(path);
    // Not joined: what is above a folder that is a link is above the folder that it leads to.
    path = isAbsolute(to) ? to : `${dirname(path)}${sep}${to}`;
  }
  throw new Error('its links lead in a circle');
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
