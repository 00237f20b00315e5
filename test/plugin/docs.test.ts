import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** The source of a folder's tests. */
async function testsOf(folder: string): Promise<string> {
  const files = (await readdir(resolve(root, folder))).filter((name) => name.endsWith('.test.ts'));
  return (await Promise.all(files.map((name) => readFile(resolve(root, folder, name), 'utf8')))).join('\n');
}

it('every test that docs/figma.md names exists', async () => {
  const page = await readFile(resolve(root, 'docs/figma.md'), 'utf8');
  const source = (await Promise.all(['test/figma', 'test/ui'].map(testsOf))).join('\n');
  const section = page.slice(page.indexOf('## Selections'), page.indexOf('## Not verified'));
  const rows = section.split('\n').filter((line) => line.startsWith('|') && line.includes('`'));
  const titles = rows.flatMap((row) =>
    [
      ...row
        .split('|')
        .at(-2)!
        .matchAll(/`([^`]+)`/g),
    ].map(([, title]) => title!),
  );
  expect(titles.length).toBeGreaterThan(40);
  expect(titles.filter((title) => !source.includes(title))).toEqual([]);
});
