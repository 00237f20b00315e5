import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { encodeImage } from '../../src/node/encode.ts';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';
import { noisy, scene } from '../support/pictures.ts';

const folder = temporaryFolder();
const grey = { bits: 8, grey: true, alpha: false } as const;
const flat = { planes: [new Float32Array(24 * 24).fill(0.5)], width: 24, height: 24 };

beforeAll(async () => {
  const { planes } = noisy(scene(144, 112), 20);
  const image = { planes: [planes[0]], width: 144, height: 112 };
  await writeFile(folder.at('noisy.png'), await encodeImage('x.png', image, grey));
  await writeFile(folder.at('flat.png'), await encodeImage('x.png', flat, grey));
  await writeFile(folder.at('none.png'), 'no picture');
});

it('analyse tells what is wrong with each, the bad one too', async () => {
  const { stdout, code } = await runCli(['analyse', folder.at('*.png'), '--no-times', '--json']);
  const [clean, damaged, bad] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(clean).toMatchObject({ task: 'none', width: 24, container: 'png', bits: 8 });
  expect(bad.error).toMatchObject({ code: 'unreadable', exitCode: 3 });
  expect(damaged).toMatchObject({ task: 'denoise', findings: [expect.stringMatching(/^Noise, σ about/)] });
  expect(damaged.noise).toBeGreaterThan(14);
  expect(code).toBe(12);
});

it('doctor tells what the network would run on', async () => {
  const { stdout, code } = await runCli(['doctor', '--no-times']);
  expect(stdout).toMatch(/^the network runs on +(wasm|webgpu)/m);
  expect(stdout).toMatch(/^reads +JPEG, PNG.* HEIC/m);
  expect(code).toBe(0);
});

it('bash completes commands, options and their words', async () => {
  const { stdout: script } = await runCli(['completion', 'bash']);
  const complete = async (...words: string[]) => {
    const typed = `COMP_WORDS=(prior-art ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}`;
    const { stdout } = await promisify(execFile)('bash', [
      '-c',
      `${script}\n${typed}; _prior_art; echo "\${COMPREPLY[@]}"`,
    ]);
    return stdout.trim().split(' ');
  };
  expect(await complete('do')).toEqual(['doctor']);
  expect(await complete('restore', '--task', 'de')).toEqual(['denoise', 'dejpeg']);
  expect(await complete('damage', '--sc')).toEqual(['--scratches']);
});
