import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { KINDS } from '../../src/eval/cases.ts';
import { programPeers } from '../../src/eval/peers.ts';
import { decodeImage } from '../../src/node/decode.ts';
import { encodeImage } from '../../src/node/encode.ts';
import { noisy, scene } from '../support/pictures.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prior-art-test-'));
  // Takes what it is given for its answer, and keeps what it was told.
  const program = join(folder, 'bm3d');
  await writeFile(program, `#!/bin/sh\ncp "$1" "$3" && echo "$2" > '${join(folder, 'told')}'\n`);
  await chmod(program, 0o755);
});

afterAll(() => rm(folder, { recursive: true }));

it.skipIf(process.platform === 'win32')(
  'compares with programs on the PATH, told the true level',
  async () => {
    vi.stubEnv('PATH', `${folder}${delimiter}/usr/bin${delimiter}/bin`);
    const silent = vi.spyOn(console, 'error').mockImplementation(() => {});
    const clean = scene(32, 24);
    const format = { bits: 8, grey: false, alpha: false } as const;
    const kind = KINDS.find(({ name }) => name === 'noise')!;
    const peers = await programPeers({
      ...{ kind, image: 'scene', seed: 0, clean },
      damaged: await decodeImage(await encodeImage('noisy.png', noisy(clean, 25), format)),
    });
    expect(peers.map(({ peer }) => peer)).toEqual(['bm3d']);
    expect(silent).toHaveBeenCalledWith(expect.stringContaining('nl-bayes'));
    expect(peers[0].image).toMatchObject({ width: 32, height: 24 });
    expect(Number(await readFile(join(folder, 'told'), 'utf8'))).toBeCloseTo(25, -1);
    silent.mockRestore();
    vi.unstubAllEnvs();
  },
);
