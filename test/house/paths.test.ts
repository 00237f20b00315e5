import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const filesOf = (...patterns: string[]) => globSync(patterns, { cwd: root, ignore: ['**/node_modules/**'] });

/** What is named in text as a file of this checkout: `restore.ts`, `src/engine/restore.ts` or `plan/calls.ts`. */
const named = (text: string) =>
  [...text.matchAll(/(?<![\w/.…*<>-])((?:[\w-]+\/)*[\w-]+\.ts)\b/g)].map(([, path]) => path!);

it('documents and comments name files that exist', async () => {
  const known = filesOf(
    '{src,test,bench,scripts,figma-double,playground,examples,site,samples}/**',
    '*.{mjs,ts}',
  ).map((file) => `/${file}`);
  const exists = (path: string) => known.some((file) => file.endsWith(`/${path}`));
  const lost: string[] = [];
  for (const file of filesOf('*.md', 'docs/*.md', 'src/**/*.ts')) {
    if (file === 'CHANGELOG.md') continue;
    const text = await readFile(resolve(root, file), 'utf8');
    const comments = file.endsWith('.ts')
      ? (text.match(/\/\*\*?[\s\S]*?\*\/|\/\/ .*$/gm) ?? []).join('\n')
      : text;
    lost.push(
      ...named(comments)
        .filter((path) => !exists(path))
        .map((path) => `${file}: ${path}`),
    );
  }
  expect(lost).toEqual([]);
});
