import { existsSync } from 'node:fs';
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

it('what is written for developers names code and folders that exist', async () => {
  const sources = await Promise.all(
    filesOf('{src,test,bench,scripts,figma-double}/**/*.{ts,mjs}', 'package.json').map((file) =>
      readFile(resolve(root, file), 'utf8'),
    ),
  );
  const words = new Set(sources.join('\n').match(/\w+/g));
  const lost: string[] = [];
  for (const file of ['docs/architecture.md', 'docs/reliability.md', 'CONTRIBUTING.md']) {
    const text = (await readFile(resolve(root, file), 'utf8')).replace(/```[\s\S]*?```/g, '');
    for (const [, code] of text.matchAll(/`([^`\n]+)`/g)) {
      const [, name] = /^(?:\w+\.)*([A-Za-z]\w*)(?:\([^)]*\))?$/.exec(code!) ?? [];
      const [folder] = /^(?:src|test|docs)\/[\w/-]+$/.exec(code!) ?? [];
      if (name && !/\.(md|css|json|[cm]?[jt]s)$/.test(code!) && !words.has(name))
        lost.push(`${file}: ${code}`);
      if (folder && !existsSync(resolve(root, folder))) lost.push(`${file}: ${code}`);
    }
  }
  expect(lost).toEqual([]);
});
