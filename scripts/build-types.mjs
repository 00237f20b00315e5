// Writes the library's type declarations to dist/types: those that its entry points lead to, and none of files that are gone.
import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const types = join(root, 'dist/types');
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
await rm(types, { recursive: true, force: true });
execFileSync(process.execPath, [join(typescript, 'bin/tsc'), '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});

const reached = new Set();
async function follow(file) {
  if (reached.has(file)) return;
  reached.add(file);
  const text = await readFile(file, 'utf8');
  for (const [, path] of text.matchAll(/(?:from |import |import\()["'](\.[^"']+)["']/g))
    await follow(resolve(dirname(file), path.replace(/\.(ts|js)$/, '.d.ts')));
}

const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
for (const entry of Object.values(exports)) if (entry.types) await follow(join(root, entry.types));
for (const name of await readdir(types, { recursive: true })) {
  const file = join(types, name);
  if (name.endsWith('.d.ts') && !reached.has(file)) await rm(file);
}
