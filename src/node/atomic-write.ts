import { randomBytes } from 'node:crypto';
import { constants, rmSync } from 'node:fs';
import { access, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FileError, reasonOf } from './file-error.ts';

const unfinished = new Set<string>();

/** Removes the temporary files of writes still under way: for a process about to quit in the middle of them. */
export function discardUnfinished(): void {
  for (const path of unfinished) rmSync(path, { force: true });
}

/**
 * Writes a file whole or not at all: into a temporary file of the same folder, flushed, then renamed over `path`.
 * A reader sees the old file or the new one, never a part. Throws FileError 'unwritable'.
 */
export async function writeWhole(path: string, data: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`);
  unfinished.add(temporary);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw unwritable(path, reasonOf(error), error);
  } finally {
    unfinished.delete(temporary);
  }
}

/** Throws FileError 'unwritable' if `path` can be seen not to be writable, before work is spent on its contents. */
export async function checkWritable(path: string): Promise<void> {
  const folder = dirname(resolve(path));
  try {
    if (!(await stat(folder)).isDirectory()) throw new Error('a part of the path is not a folder');
    await access(folder, constants.W_OK);
  } catch (error) {
    throw unwritable(path, `folder ${folder}: ${reasonOf(error)}`, error);
  }
  const existing = await stat(path).catch(() => undefined);
  if (existing && !existing.isFile()) throw unwritable(path, 'it exists and is not a file');
}

function unwritable(path: string, reason: string, cause?: unknown): FileError {
  return new FileError('unwritable', `Cannot write ${path}: ${reason}.`, { cause });
}
