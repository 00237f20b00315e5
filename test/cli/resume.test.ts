import { readdir, readFile, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { expect, it, vi } from 'vitest';
import { runCli, startCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';

const folder = temporaryFolder();

const command = (out: string) =>
  ['restore', folder.at('noise.png'), '-o', folder.at(out), '--task', 'denoise', '--prior', 'tv'].concat([
    '--steps',
    '8000',
    '--executor',
    'wasm',
    '--checkpoint-every',
    '0.2',
  ]);

/** Name and size of the checkpoint in the folder. */
async function checkpoint(): Promise<{ name: string; bytes: number } | undefined> {
  const name = (await readdir(folder.at('.'))).find((file) => file.startsWith('.prior-art-checkpoint-'));
  return name ? { name, bytes: (await stat(folder.at(name))).size } : undefined;
}

it('a run that is killed, ended and hung up on goes on to the same pixels, and then leaves nothing behind', async () => {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 30 };
  const create = { width: 48, height: 48, channels: 3 as const, background: 'grey', noise };
  await sharp({ create }).png().toFile(folder.at('noise.png'));
  const killed = startCli(command('result.png'));
  // Until something of the run is in it.
  await vi.waitFor(async () => expect((await checkpoint())?.bytes).toBeGreaterThan(20_000), 60_000);
  killed.kill('SIGKILL');
  expect((await killed.ended).signal).toBe('SIGKILL');

  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
    const { name } = (await checkpoint())!;
    const before = await stat(folder.at(name));
    const ended = startCli([...command('result.png'), '--resume']);
    // Until it has written one of its own, which takes longer than the time after which a stop writes one.
    await vi.waitFor(async () => expect((await stat(folder.at(name))).ino).not.toBe(before.ino), 60_000);
    ended.kill(signal);
    const { code, stdout } = await ended.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('--resume goes on');
    expect(await sharp(folder.at('result.png')).metadata()).toMatchObject({ width: 48 });
  }

  const other = await runCli([...command('result.png'), '--resume', '--seed', '1', '--steps', '2000']);
  expect([other.code, other.stderr]).toEqual([13, expect.stringContaining('other options')]);

  const resumed = await runCli([...command('result.png'), '--resume']);
  expect(resumed.stdout).toContain('8000 steps');
  expect(await checkpoint()).toBeUndefined();
  await runCli(command('whole.png'));
  expect((await readFile(folder.at('result.png'))).equals(await readFile(folder.at('whole.png')))).toBe(true);
});

it('standard output has no checkpoint to go on from', async () => {
  const { code, stderr } = await runCli(['restore', folder.at('noise.png'), '-o', '-', '--resume']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('standard output has none')]);
});
