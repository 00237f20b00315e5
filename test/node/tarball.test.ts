import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const folder = temporaryFolder();
const TSC = resolve(root, 'node_modules/typescript/bin/tsc');
let tarball: Buffer<ArrayBuffer>;

/** What `npm pack` makes, unpacked where a program of its own would have it. */
beforeAll(async () => {
  await run(process.execPath, ['scripts/build-types.mjs'], { cwd: root });
  const { stdout } = await run(
    'npm',
    ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder.at('.')],
    {
      cwd: root,
    },
  );
  const file = folder.at(stdout.trim());
  tarball = (await readFile(file)) as Buffer<ArrayBuffer>;
  await mkdir(folder.at('node_modules/prior-art'), { recursive: true });
  await run('tar', ['xzf', file, '-C', folder.at('node_modules/prior-art'), '--strip-components=1']);
  await symlink(resolve(root, 'node_modules/@types'), folder.at('node_modules/@types'));
  await writeFile(folder.at('package.json'), '{"type": "module"}');
});

it('publint and are-the-types-wrong, of a package for ES modules alone, find nothing', async () => {
  const bytes = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength);
  expect((await publint({ pack: { tarball: bytes }, strict: true })).messages).toEqual([]);
  const types = await checkPackage(createPackageFromTarballData(new Uint8Array(bytes)));
  if (!types.types) throw new Error('The package has no types.');
  const old = ['node10', 'node16-cjs']; // as its profile esm-only
  const problems = types.problems.filter(
    (one) => !('resolutionKind' in one && old.includes(one.resolutionKind)),
  );
  expect(problems).toEqual([]);
});

it('holds what a user needs and no more', async () => {
  const files = await readdir(folder.at('node_modules/prior-art'), { recursive: true });
  const surplus = /^(samples|src|test|bench)|^dist\/(tools|ui\.html|code\.js)/;
  expect(files.filter((name) => surplus.test(name))).toEqual([]);
  expect(tarball.byteLength).toBeLessThan(520_000);
});

it('its types serve strict programs that check libraries too: those of the README, in Node and on a page', async () => {
  const readme = await readFile(resolve(root, 'README.md'), 'utf8');
  const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  expect(examples.length).toBeGreaterThan(0);
  await Promise.all(examples.map((code, i) => writeFile(folder.at(`readme-${i}.ts`), code)));
  await writeFile(
    folder.at('page.ts'),
    `import { restore } from 'prior-art/engine';
     const { image } = await restore(new ImageData(8, 8), { task: 'denoise' });
     export const back: ImageData = new ImageData(image.data, image.width, image.height);`,
  );
  const compile = (lib: string, types: string, files: readonly string[]) =>
    run(
      process.execPath,
      [TSC, '--ignoreConfig', '--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext']
        .concat(['--lib', lib, '--types', types])
        .concat(files),
      { cwd: folder.at('.') },
    ).catch(({ stdout }) => expect(stdout).toBe(''));
  const files = (inNode: boolean) =>
    examples.flatMap((code, i) => (code.includes("from 'prior-art';") === inNode ? `readme-${i}.ts` : []));
  await compile('es2023', 'node', files(true));
  await compile('es2023,dom', '', [...files(false), 'page.ts']);
});
