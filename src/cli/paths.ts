import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidOptionError } from '../engine/errors.ts';

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

function canonical(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}
