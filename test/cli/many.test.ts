import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { findSources, shardOf } from '../../src/cli/sources.ts';
import { planWork } from '../../src/cli/targets.ts';
import { encodeImage } from '../../src/node/encode.ts';
import { runCli, startCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';
import { noisy, scene } from '../support/pictures.ts';

const folder = temporaryFolder();
const TV = ['--task', 'denoise', '--prior', 'tv', '--steps', '2', '--executor', 'wasm'];
const RGB = { bits: 8, grey: false, alpha: false } as const;

/** Twenty files, all but one of them small pictures, one in a folder further in; and one that is none. */
beforeAll(async () => {
  await mkdir(folder.at('in/deep'), { recursive: true });
  const png = await encodeImage('x.png', noisy(scene(24, 20), 20), RGB);
  for (let i = 1; i <= 18; i++) await writeFile(folder.at(`in/${i}.png`), png);
  await writeFile(folder.at('in/deep/19.JPG'), await sharp(png).jpeg().toBuffer());
  await writeFile(folder.at('in/corrupt.jpg'), 'no picture');
  await writeFile(folder.at('in/notes.txt'), 'no picture either');
});

describe('several inputs', () => {
  it('a folder with a corrupt file: all others are restored, a table and the exit code tell', async () => {
    const run = await runCli(['restore', folder.at('in'), '--recursive', '-o', folder.at('out'), ...TV]);
    expect(run.code).toBe(12);
    expect(run.stdout.split('\n').filter((line) => /\bdenoise\b/.test(line))).toHaveLength(19);
    expect(run.stdout).toMatch(/corrupt\.jpg +failed +Cannot read .*JPEG, PNG, WebP/);
    expect(run.stdout).toMatch(/19 restored, 1 failed; /);
    const written = await readdir(folder.at('out'), { recursive: true });
    expect(written).toHaveLength(20); // and the folder further in
    expect(written).toContain('deep/19.JPG');
    expect((await sharp(folder.at('out/deep/19.JPG')).metadata()).format).toBe('jpeg');
  });

  it('a pattern that the shell left alone, what is there left out, and one line of JSON for each of the rest', async () => {
    await mkdir(folder.at('some'));
    await copyFile(folder.at('in/1.png'), folder.at('some/1.png'));
    const args = [folder.at('in/[12].png'), '-o', folder.at('some'), '--skip-existing', '--json', ...TV];
    const { stdout, stderr, code } = await runCli(['restore', ...args]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const reports = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(reports).toMatchObject([{ input: folder.at('in/2.png'), output: folder.at('some/2.png') }]);
  });

  it('are found by the shortest way, where a link leads back to where it lies', async () => {
    await mkdir(folder.at('linked'));
    await symlink('.', folder.at('linked/a'));
    await copyFile(folder.at('in/1.png'), folder.at('linked/new\nline.png'));
    const found = await findSources([folder.at('linked')], { suffix: '', recursive: true });
    expect(found.map(({ name }) => name)).toEqual(['new\nline.png']);
  });

  it('are refused before any is begun where two would have one name, or one would replace another', async () => {
    await mkdir(folder.at('twins'));
    for (const name of ['a.bmp', 'a.gif', 'b.png', 'b-restored.png'])
      await copyFile(folder.at('in/1.png'), folder.at(`twins/${name}`));
    const plan = async (...names: string[]) =>
      planWork(
        await findSources(
          names.map((name) => folder.at(`twins/${name}`)),
          { suffix: '' },
        ),
        {},
        false,
      );
    await expect(plan('a.bmp', 'a.gif')).rejects.toThrow(
      /a\.bmp and .*a\.gif would both become .*a-restored\.png/,
    );
    await expect(plan('b.png', 'b-restored.png')).rejects.toThrow(
      /would replace the input .*b-restored\.png/,
    );
    expect((await plan('a.bmp', 'b.png')).map(({ target }) => target.format)).toEqual(['png', 'png']);
  });

  it('interrupted, the one at hand is written, the others are not begun, and the exit code says so', async () => {
    const names = ['5.png', '6.png'].map((name) => folder.at(`in/${name}`));
    const args = ['--task', 'denoise', '--prior', 'tv', '--steps', '20000', '-o', folder.at('cut')];
    const run = startCli(['restore', ...names, ...args]);
    await run.said('step ');
    run.kill('SIGINT');
    const { code, stdout } = await run.ended;
    expect(stdout).toMatch(/6\.png +not begun/);
    expect(await readdir(folder.at('cut'))).toEqual(['5.png']);
    expect(code).toBe(130);
  });

  it('are shared out so that each is in one share', () => {
    const all = Array.from({ length: 11 }, (_, i) => i);
    const shares = [1, 2, 3].map((i) => shardOf(all, `${i}/3`));
    expect(shares.flat().sort((a, b) => a - b)).toEqual(all);
    expect(Math.max(...shares.map(({ length }) => length))).toBe(4);
    for (const wrong of ['0/3', '4/3', '1', 'a/b']) expect(() => shardOf(all, wrong)).toThrow('--shard');
  });
});

it('an existing file is not replaced', async () => {
  await writeFile(folder.at('once.png'), 'a result of another day');
  const run = await runCli(['restore', folder.at('in/3.png'), '-o', folder.at('once.png'), ...TV]);
  expect(run.stderr).toMatch(/once\.png exists already\. --force/);
  expect(run.code).toBe(4);
  const args = ['restore', folder.at('in/3.png'), '-o', folder.at('once.png'), '--skip-existing', ...TV];
  expect(await runCli(args)).toMatchObject({ code: 0, stdout: expect.stringMatching(/there already/) });
  expect(await readFile(folder.at('once.png'), 'utf8')).toBe('a result of another day');
});

describe('pipes', () => {
  it('take an image from standard input, and give nothing but pixels to standard output', async () => {
    const input = await readFile(folder.at('in/4.png'));
    const run = await runCli(['restore', '-', '--format', 'webp', ...TV], {}, input);
    expect(run.code).toBe(0);
    expect(run.stderr).toContain('standard output: 24 × 20');
    expect(await sharp(run.bytes).metadata()).toMatchObject({ format: 'webp', width: 24 });
    const jpeg = await sharp(input).jpeg().toBuffer();
    const own = await runCli(['restore', '-', ...TV], {}, jpeg);
    expect((await sharp(own.bytes).metadata()).format).toBe('jpeg');
  });
});
