import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** What a built file imports, statically or not, followed through its own chunks. */
async function importsOf(file: string, seen = new Set<string>()): Promise<Set<string>> {
  const found = new Set<string>();
  if (seen.has(file)) return found;
  seen.add(file);
  const text = await readFile(file, 'utf8');
  for (const [, name] of text.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)) {
    if (!name.startsWith('.')) found.add(name);
    else for (const inner of await importsOf(resolve(dirname(file), name), seen)) found.add(inner);
  }
  return found;
}

it('the built engine imports no package and nothing of Node', async () => {
  const names: string[] = [];
  for (const file of ['engine', 'webgpu']) names.push(...(await importsOf(resolve(root, `dist/${file}.js`))));
  expect(names).toEqual([]); // not even what is optional: bundlers would look for it
  const node = [...(await importsOf(resolve(root, 'dist/node.js')))];
  expect(node).toContain('sharp'); // the walk does see imports
});

it('the library can be imported by its name and restores', async () => {
  const name = 'prior-art'; // not a literal: its types exist only once they are built
  const library: typeof import('../../src/node/index.ts') = await import(name);
  const { restore, readImage, version } = library;
  const manifest = JSON.parse(await readFile(resolve(root, 'package.json'), 'utf8'));
  expect(version).toBe(manifest.version);
  const planes = [new Float32Array(256).map((_, i) => (i % 16) / 16)];
  const image = { planes, width: 16, height: 16 };
  const result = await restore(image, { task: 'denoise', prior: 'tv', expert: { steps: 3 } });
  expect([result.steps, result.image.planes.length, result.image.width]).toEqual([3, 1, 16]);
  const wrong = restore(image, { task: 'magic' as 'auto' });
  await expect(wrong).rejects.toMatchObject({ name: 'InvalidOptionError' }); // whatever the bundler calls the class
  await expect(readImage('no such file')).rejects.toThrow('no such file');
});

it('every file that package.json names is there after a build', async () => {
  const manifest = JSON.parse(await readFile(resolve(root, 'package.json'), 'utf8'));
  const built = [manifest.bin['prior-art'], manifest.exports['.'].node, manifest.exports['.'].default];
  built.push(
    manifest.exports['./engine'].default,
    manifest.exports['./webgpu'].default,
    manifest.exports['./tfjs'].default,
  );
  for (const path of built) expect(existsSync(resolve(root, path)), path).toBe(true);
});
