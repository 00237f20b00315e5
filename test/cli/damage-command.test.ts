import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { readImage } from '../../src/node/image-file.ts';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';

const folder = temporaryFolder();
const [input, first, second, mask] = ['in.jpg', 'a.png', 'b.png', 'm.png'];

beforeAll(async () => {
  const noise = { type: 'gaussian' as const, mean: 120, sigma: 20 };
  await sharp({ create: { width: 40, height: 30, channels: 3, background: 'grey', noise } })
    .withMetadata({ orientation: 6, density: 300 })
    .jpeg()
    .toFile(folder.at(input));
});

it('does the same twice, upright, with every kind of damage at once', async () => {
  const kinds = [
    '--noise',
    '10',
    '--shot',
    '80',
    '--jpeg',
    '60',
    '--scratches',
    '2',
    '--text',
    'x',
    '--missing',
    '.1',
  ];
  for (const name of [first, second]) {
    const args = [
      'damage',
      folder.at(input),
      '-o',
      folder.at(name),
      ...kinds,
      '--seed',
      '4',
      '--downscale',
      '1.5',
    ];
    const { code, stdout } = await runCli([...args, '--mask-out', folder.at(mask), '--force']);
    expect(code).toBe(0);
    expect(stdout).toContain('20 × 26');
  }
  const files = await Promise.all([first, second].map((name) => readFile(folder.at(name))));
  expect(files[0].equals(files[1])).toBe(true);
  expect((await sharp(files[0]).metadata()).density).toBe(300);
});

it('writes a mask that is white just where the pixels are gone', async () => {
  const source = [
    'damage',
    folder.at(input),
    '-o',
    folder.at(first),
    '--missing',
    '.4',
    '--mask-out',
    folder.at(mask),
    '--force',
  ];
  expect((await runCli(source)).code).toBe(0);
  const [before, after, holes] = await Promise.all(
    [input, first, mask].map((name) => readImage(folder.at(name))),
  );
  expect(holes.format).toMatchObject({ bits: 8, grey: true, alpha: false });
  holes.planes[0].forEach((hole, i) => {
    for (const [p, plane] of after.planes.entries())
      expect(plane[i]).toBe(hole === 1 ? 0 : before.planes[p][i]);
  });
});
