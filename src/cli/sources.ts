import { realpath, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { InvalidOptionError } from '../engine/errors.ts';
import { FileError } from '../node/file-error.ts';
import { READABLE_ENDINGS } from '../node/formats.ts';

/** Standard input or output, by the name that is usual on command lines. */
export const STREAM = '-';

/** An image to work on. */
export interface Source {
  readonly path: string;
  /** Its path within the folder or pattern that it was found by, else its name: where its result lies in an output folder. */
  readonly name: string;
}

interface SourceOptions {
  /** Whether folders are searched in depth. */
  readonly recursive?: boolean;
  /** Files whose names end so, before the extension, are results, not inputs; nothing if empty. */
  readonly suffix: string;
  /** A folder of results, which is not searched. */
  readonly outputFolder?: string;
}

/**
 * The images that the arguments name: files, folders and, where the shell did not, glob patterns; each once, in the
 * order of the arguments, sorted within each. Throws FileError 'unreadable' for a pattern or folder without images.
 */
export async function findSources(
  inputs: readonly string[],
  options: SourceOptions,
): Promise<readonly Source[]> {
  const found = new Map<string, Source>();
  for (const input of inputs)
    for (const [key, source] of await distinct(input, options)) if (!found.has(key)) found.set(key, source);
  return [...found.values()];
}

/** What an argument names, by where it really lies: of several ways there, through links, the shortest. */
async function distinct(input: string, options: SourceOptions): Promise<readonly [string, Source][]> {
  const shortest = new Map<string, Source>();
  const all = await sourcesOf(input, options);
  const keys = await Promise.all(all.map(({ path }) => realpath(path).catch(() => path)));
  all.forEach((source, i) => {
    const known = shortest.get(keys[i]);
    if (!known || depthOf(source) < depthOf(known)) shortest.set(keys[i], source);
  });
  return all
    .map((source, i): [string, Source] => [keys[i], source])
    .filter(([key, source]) => shortest.get(key) === source);
}

const depthOf = ({ name }: Source) => name.split('/').length;

/** Whether arguments may name more than one image, whatever is found. */
export async function nameSeveral(inputs: readonly string[]): Promise<boolean> {
  if (inputs.length > 1) return true;
  const file = await stat(inputs[0]).catch(() => undefined);
  return file ? file.isDirectory() : isDynamicPattern(inputs[0]);
}

async function sourcesOf(input: string, options: SourceOptions): Promise<readonly Source[]> {
  if (input === STREAM) return [{ path: input, name: input }];
  const file = await stat(input).catch(() => undefined);
  if (file?.isDirectory()) return inFolder(input, options.recursive ? '**/*' : '*', options);
  if (file || !isDynamicPattern(input)) return [{ path: input, name: basename(input) }];
  const [folder, pattern] = splitPattern(input);
  return inFolder(folder, pattern, options);
}

/** 'scans/2024-*\/*.jpg' → ['scans', '2024-*\/*.jpg']. */
function splitPattern(input: string): [string, string] {
  const parts = input.split('/');
  const first = parts.findIndex((part) => isDynamicPattern(part));
  return [
    parts.slice(0, first).join('/') || (input.startsWith('/') ? '/' : '.'),
    parts.slice(first).join('/'),
  ];
}

async function inFolder(
  folder: string,
  pattern: string,
  { suffix, outputFolder }: SourceOptions,
): Promise<readonly Source[]> {
  const files = await glob(pattern, { cwd: folder, expandDirectories: false, caseSensitiveMatch: false });
  const results = outputFolder === undefined ? undefined : `${resolve(outputFolder)}/`;
  const isInput = (name: string) => {
    const ending = extname(name);
    const isResult = suffix !== '' && basename(name, ending).endsWith(suffix);
    const inResults =
      results !== undefined && results !== `${resolve(folder)}/` && resolve(folder, name).startsWith(results);
    return READABLE_ENDINGS.has(ending.toLowerCase()) && !isResult && !inResults;
  };
  const names = files.filter(isInput).sort(NATURAL.compare);
  if (names.length === 0)
    throw new FileError(
      'unreadable',
      pattern === '*' ? `There is no image in ${folder}.` : `No image fits ${join(folder, pattern)}.`,
    );
  return names.map((name) => ({ path: join(folder, name), name }));
}

/** 2.png before 10.png. */
const NATURAL = new Intl.Collator('en', { numeric: true });

/** The share 'i/n', i = 1 … n, of a list: every n-th from the i-th. Throws InvalidOptionError. */
export function shardOf<T>(all: readonly T[], shard: string): readonly T[] {
  const [, i, n] = /^(\d+)\/(\d+)$/.exec(shard)?.map(Number) ?? [];
  if (!(i >= 1 && i <= n))
    throw InvalidOptionError.of('--shard', 'I/N with I from 1 to N, such as 2/8', shard);
  return all.filter((_, index) => index % n === i - 1);
}
