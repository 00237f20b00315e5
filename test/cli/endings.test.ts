import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { startCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';

const folder = temporaryFolder();
const CLI = resolve(import.meta.dirname, '../../dist/cli.js');

beforeAll(async () => {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 30 };
  const create = { width: 20, height: 20, channels: 3 as const, background: 'grey', noise };
  await sharp({ create }).png().toFile(folder.at('noise.png'));
});

const steps = (out: string, count: number) =>
  ['restore', folder.at('noise.png'), '-o', folder.at(out), '--prior', 'tv', '--steps', `${count}`].concat(
    '--task',
    'denoise',
  );

/** The exit code of a command whose streams are what is given: a file, or a pipe whose reader is gone. */
function codeOf(
  args: readonly string[],
  stdout: number | 'gone',
  stderr: 'ignore' | 'gone',
): Promise<number | null> {
  const stream = (one: number | 'gone' | 'ignore') => (one === 'gone' ? 'pipe' : one);
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', stream(stdout), stream(stderr)],
  });
  child.stdout?.destroy();
  child.stderr?.destroy();
  return new Promise((done) => child.on('close', done));
}

describe('a run', () => {
  it('whose readers went away writes its result all the same', async () => {
    expect(await codeOf(steps('alone.png', 3), 'gone', 'gone')).toBe(0);
    expect(await sharp(folder.at('alone.png')).metadata()).toMatchObject({ width: 20 });
  });

  it.skipIf(!existsSync('/dev/full'))(
    'whose report finds the disk full says so by its exit code',
    async () => {
      const full = openSync('/dev/full', 'w');
      expect(await codeOf([...steps('report.png', 3), '--json'], full, 'ignore')).toBe(4);
    },
  );

  it.skipIf(process.platform === 'win32')('that waits for what a pipe will bring ends at once', async () => {
    const pipe = folder.at('pipe.png');
    execFileSync('mkfifo', [pipe]);
    const run = startCli(['restore', pipe, '-o', folder.at('never.png')]);
    const reader = await vi.waitFor(() => openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK), 20_000);
    run.kill('SIGTERM');
    expect((await run.ended).code).toBe(130);
    closeSync(reader);
  });

  it('whose terminal is closed writes the best so far', async () => {
    const run = startCli(steps('hangup.png', 20000));
    await run.said('step ');
    run.kill('SIGHUP');
    expect((await run.ended).code).toBe(0);
    expect(await sharp(folder.at('hangup.png')).metadata()).toMatchObject({ width: 20 });
  });

  it('whose folder went away keeps its result elsewhere, and says where', async () => {
    await mkdir(folder.at('gone'));
    const run = startCli(steps('gone/result.png', 20000));
    await run.said('step ');
    await rm(folder.at('gone'), { recursive: true });
    run.kill('SIGINT');
    const { code, stderr } = await run.ended;
    expect(code).toBe(4);
    const [, kept] = /The result is in (.*\.png)\./.exec(stderr)!;
    expect(await sharp(await readFile(kept)).metadata()).toMatchObject({ width: 20 });
    await rm(resolve(kept, '..'), { recursive: true });
  });

  it.skipIf(process.platform !== 'linux').each([
    ['6000000', 0],
    // Too few for threads, and for anything.
    ['2200000', 0],
    ['1400000', 10],
  ])('works where addresses are few, or says so: ulimit -v %s', async (limit, code) => {
    const bin = resolve(import.meta.dirname, '../../bin/prior-art.js');
    const line = `ulimit -v ${limit}; exec "$0" "$@"`;
    const args = ['-c', line, process.execPath, bin, ...steps(`few-${limit}.png`, 2)];
    const child = spawn('bash', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let told = '';
    child.stderr.on('data', (text) => {
      told += text;
    });
    expect(await new Promise((done) => child.on('close', done))).toBe(code);
    if (code === 0)
      expect(await sharp(folder.at(`few-${limit}.png`)).metadata()).toMatchObject({ width: 20 });
    else expect(told).toMatch(/^error: 1\.4 GB of addresses are too few/);
  });
});
