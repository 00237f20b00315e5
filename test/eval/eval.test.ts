import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findImages, KINDS, makeCase } from '../../src/eval/cases.ts';
import { flagsOf, openRowLog, type Row } from '../../src/eval/log.ts';
import { nothingDone } from '../../src/eval/peers.ts';
import { report, writeSection } from '../../src/eval/report.ts';
import { scoresOf } from '../../src/eval/scores.ts';
import { readImage, writeImage } from '../../src/node/image-file.ts';
import { temporaryFolder } from '../support/folder.ts';
import { scene } from '../support/pictures.ts';

const { at } = temporaryFolder();
let folders = 0;

/** A new folder for one test. */
async function newFolder(): Promise<string> {
  const folder = at(String(folders++));
  await mkdir(folder);
  return folder;
}

const kind = (name: string) => KINDS.find((k) => k.name === name)!;
const rgb = { bits: 8, grey: false, alpha: false } as const;
const row: Row = {
  kind: 'noise',
  image: 'a.png',
  seed: 0,
  method: 'fast',
  flags: flagsOf({ executor: 'auto' }).own,
  psnr: 30,
  ssim: 0.9,
  seconds: 2,
  width: 8,
  height: 8,
};

async function folderWithScene(): Promise<string> {
  const folder = await newFolder();
  await writeImage(join(folder, 'scene.png'), scene(60, 50), rgb);
  const hole = Float32Array.from({ length: 3000 }, (_, i) => (i % 60 < 10 ? 0 : 1));
  const mask = { planes: [hole], width: 60, height: 50 };
  await writeImage(join(folder, 'scene_mask.png'), mask, { ...rgb, grey: true });
  return folder;
}

describe('cases', () => {
  it('take images but not masks, crop them, and damage them as their seed says', async () => {
    const folder = await folderWithScene();
    expect(await findImages(folder)).toEqual(['scene.png']);
    const first = await makeCase(folder, 'scene.png', kind('noise'), 1, [20, 10, 32]);
    const again = await makeCase(folder, 'scene.png', kind('noise'), 1, [20, 10, 32]);
    const other = await makeCase(folder, 'scene.png', kind('noise'), 2, [20, 10, 32]);
    expect([first?.clean.width, first?.clean.height]).toEqual([32, 32]);
    const whole = await readImage(join(folder, 'scene.png'));
    expect(first?.clean.planes[0][0]).toBe(whole.planes[0][10 * 60 + 20]);
    expect(first?.damaged.planes).toEqual(again?.damaged.planes);
    expect(first?.damaged.planes).not.toEqual(other?.damaged.planes);
  });

  it('take the mask beside an image, and measure inside it', async () => {
    const folder = await folderWithScene();
    const test = (await makeCase(folder, 'scene.png', kind('mask'), 0, undefined))!;
    expect(test.damaged.planes[0][5]).toBe(0);
    const planes = test.clean.planes.map((plane) => plane.map((x, i) => (i % 60 < 10 ? x + 0.1 : x)));
    expect(scoresOf(test, { ...test.clean, planes }).psnr).toBeCloseTo(20, 1);
  });

  it('enlarge to the original size for every factor', async () => {
    const folder = await folderWithScene();
    for (const name of ['x4', 'x1.5', 'x2.5']) {
      const test = (await makeCase(folder, 'scene.png', kind(name), 0, undefined))!;
      const [bicubic, lanczos] = nothingDone(test).map(({ image }) => scoresOf(test, image).psnr);
      expect(bicubic).toBeGreaterThan(20);
      expect(lanczos).toBeGreaterThan(20);
    }
  });

  it('refuse a folder that is not there or empty', async () => {
    await expect(findImages('/nowhere')).rejects.toThrow(/existing folder/);
    await expect(findImages(await newFolder())).rejects.toThrow(/with images/);
  });
});

describe('the log', () => {
  it('goes on after a line that was cut off', async () => {
    const path = join(await newFolder(), 'log.jsonl');
    const log = await openRowLog(path);
    await log.add(row);
    await writeFile(path, `${JSON.stringify(row)}\n{"kind":"noi`);
    const reopened = await openRowLog(path);
    expect(reopened.has({ ...row })).toBe(true);
    expect(reopened.has({ ...row, seed: 1 })).toBe(false);
    for (const other of [{ crop: '0,0,64' }, { bestStep: true }, { executor: 'wasm' }])
      expect(reopened.has({ ...row, flags: flagsOf({ executor: 'auto', ...other }).own })).toBe(false);
    await reopened.add({ ...row, seed: 2 });
    expect((await openRowLog(path)).rows.map(({ seed }) => seed)).toEqual([0, 2]);
  });
});

describe('the report', () => {
  it('has means, the distance to the best step, and every image', () => {
    const rows = [row, { ...row, image: 'b.png', psnr: 32, best: { psnr: 32.4, step: 9 } }];
    const text = report(rows, 'npm run eval', '2 cores');
    expect(text).toContain('| fast | 31.00 | 0.900 | 0.40 (worst 0.40) |');
    expect(text).toContain('| b.png #0 | 32.00 |');
  });

  it('replaces its own section and leaves the rest of the file', async () => {
    const path = join(await newFolder(), 'results.md');
    await writeFile(path, '# Mine\n\nwords\n');
    await writeSection(path, 'a', 'one');
    await writeSection(path, 'b', 'two');
    await writeSection(path, 'a', 'three');
    const text = await readFile(path, 'utf8');
    expect(text).toBe(
      '# Mine\n\nwords\n\n<!-- eval a -->\nthree\n<!-- /eval a -->\n\n<!-- eval b -->\ntwo\n<!-- /eval b -->\n',
    );
  });
});

describe('holes', () => {
  it('are cut where the picture is as rough as around, and a blur shows in them', async () => {
    const folder = await newFolder();
    const [width, height] = [96, 80];
    const plane = Float32Array.from({ length: width * height }, (_, i) => ((7 * i * i + 3 * i) % 101) / 101);
    await writeImage(join(folder, 'sand.png'), { planes: [plane], width, height }, { ...rgb, grey: true });
    const test = (await makeCase(folder, 'sand.png', kind('hole'), 3, undefined))!;
    const hole = (i: number) => test.mask!.data[i] === 0;
    expect(scoresOf(test, test.clean).texture).toBeCloseTo(1, 0);
    const blurred = test.clean.planes.map((p) => p.map((value, i) => (hole(i) ? 0.5 : value)));
    expect(scoresOf(test, { ...test.clean, planes: blurred }).texture).toBeLessThan(0.1);
  });
});
