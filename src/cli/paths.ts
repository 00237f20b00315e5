import { lstat, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidOptionError } from '../engine/errors.ts';
import { FileError } from '../node/file-error.ts';

/** Throws InvalidOptionError if writing `path` would replace one of the files that are read, links followed. */
export async function refuseOverwriting(
  path: string,
  name: string,
  inputs: readonly string[],
): Promise<void> {
  const target = await canonical(path);
  for (const input of inputs)
    if ((await canonical(input)) === target)
      throw new InvalidOptionError(`${name} ${path} would replace the input ${input}. Choose another name.`);
}

/** Throws FileError 'unwritable' if there is something under that name already, unless it may be replaced. */
export async function refuseReplacing(path: string, force: boolean | undefined): Promise<void> {
  if (!force && (await isThere(path)))
    throw new FileError('unwritable', `${path} exists already. --force replaces it.`);
}

export const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** A path by which the same file is told, links followed. */
export function canonical(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}
