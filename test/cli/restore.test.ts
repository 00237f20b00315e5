import { readdir, readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { readImage } from '../../src/node/image-file.ts';
import { runCli, startCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';

const folder = temporaryFolder();
const WIDTH = 22;
const HEIGHT = 18;

/** A picture with an edge and a gradient, written as PNG. */
async function picture(name: string, channels: 1 | 2 | 3 | 4, bits: 8 | 16 = 8) {
  const white = 2 ** bits - 1;
  const samples = Array.from({ length: WIDTH * HEIGHT * channels }, (_, i) => {
    const [channel, pixel] = [i % channels, Math.floor(i / channels)];
    const [x, y] = [pixel % WIDTH, Math.floor(pixel / WIDTH)];
    if (channels % 2 === 0 && channel === channels - 1) return y < 4 ? 0 : white - x; // alpha
    return Math.round(white * (0.2 + (x > 11 ? 0.5 : 0) + (0.2 * y) / HEIGHT + 0.02 * channel));
  });
  const data = bits === 16 ? Uint16Array.from(samples) : Uint8Array.from(samples);
  const space = { 8: ['b-w', 'srgb'], 16: ['grey16', 'rgb16'] }[bits][channels > 2 ? 1 : 0];
  const raw = { width: WIDTH, height: HEIGHT, channels };
  await sharp(data, { raw }).toColourspace(space).png().toFile(folder.at(name));
}

/** White inside a small box. */
async function boxMask(name: string) {
  const inside = (i: number) => {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    return x >= 8 && x < 14 && y >= 6 && y < 11;
  };
  const data = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (inside(i) ? 255 : 0));
  const raw = { width: WIDTH, height: HEIGHT, channels: 1 as const };
  await sharp(data, { raw }).toColourspace('b-w').png().toFile(folder.at(name));
  return inside;
}

beforeAll(async () => {
  await picture('rgb.png', 3);
  await picture('grey.png', 1);
  await picture('grey16.png', 1, 16);
  await picture('grey-alpha.png', 2);
  await picture('rgba.png', 4);
  await picture('rgba16.png', 4, 16);
});

describe('restore', () => {
  it('writes the result, an animation, a comparison and a report', async () => {
    const [out, gif, side, report] = ['out.png', 'run.gif', 'side.png', 'run.json'].map(folder.at);
    const noisy = folder.at('noisy.png');
    expect((await runCli(['damage', folder.at('rgb.png'), '-o', noisy, '--noise', '25'])).code).toBe(0);
    const files = ['-o', out, '--gif', gif, '--compare', side, '--report', report];
    const reference = ['--reference', folder.at('rgb.png')];
    const result = await runCli([
      'restore',
      noisy,
      '--task',
      'denoise',
      '--steps',
      '4',
      '--seed',
      '3',
      ...files,
      ...reference,
    ]);
    expect(result.stderr).toMatch(/^step 1\/4, loss .* ms\/step, at most .* left$/m);
    expect(result.code).toBe(0);
    for (const path of [out, gif, side, report]) expect(result.stdout).toContain(path);

    expect(await sharp(out).metadata()).toMatchObject({
      format: 'png',
      width: WIDTH,
      height: HEIGHT,
      channels: 3,
    });
    const animation = await sharp(gif).metadata();
    expect(animation).toMatchObject({ format: 'gif', width: WIDTH, loop: 0 });
    expect(animation.pages).toBeGreaterThanOrEqual(3);
    const comparison = await sharp(side).metadata();
    expect(comparison.width).toBeGreaterThan(3 * 160);
    const facts = JSON.parse(await readFile(report, 'utf8'));
    expect(facts).toMatchObject({
      task: 'denoise',
      width: WIDTH,
      height: HEIGHT,
      outWidth: WIDTH,
      outHeight: HEIGHT,
    });
    expect(facts).toMatchObject({ steps: 4, stoppedBy: 'steps', seed: 3 });
    expect(facts.losses.length).toBe(4);
    for (const name of ['version', 'executor', 'adapter', 'reason']) expect(facts[name]).toMatch(/./);
    for (const name of ['bestStep', 'seconds', 'msPerStep', 'psnrInput', 'psnrOutput', 'ssimOutput'])
      expect(Number.isFinite(facts[name]), name).toBe(true);
  });

  it('gives the same pixels for the same seed, others for another', async () => {
    const noisy = folder.at('grey-noisy.png');
    await runCli(['damage', folder.at('grey.png'), '-o', noisy, '--noise', '25']);
    const run = (seed: string, name: string) =>
      runCli([
        'restore',
        noisy,
        '-o',
        folder.at(name),
        '--task',
        'denoise',
        '--steps',
        '2',
        '--seed',
        seed,
        '--quiet',
      ]);
    const results = [await run('5', 'a.png'), await run('5', 'b.png'), await run('6', 'c.png')];
    for (const { code, stdout, stderr } of results)
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    const [a, b, c] = await Promise.all(['a.png', 'b.png', 'c.png'].map((name) => readFile(folder.at(name))));
    expect(a.equals(b)).toBe(true);
    expect(a.equals(c)).toBe(false);
  });

  it('prints the report alone under --json', async () => {
    const args = [
      'restore',
      folder.at('grey.png'),
      '-o',
      folder.at('json.png'),
      '--task',
      'denoise',
      '--prior',
      'tv',
      '--steps',
      '3',
      '--json',
    ];
    const { stdout, stderr } = await runCli(args);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ output: folder.at('json.png'), steps: 3 });
  });

  it('names the result after the input when no name is given', async () => {
    const args = ['restore', folder.at('grey.png'), '--task', 'denoise', '--prior', 'tv', '--steps', '2'];
    expect((await runCli(args)).code).toBe(0);
    expect(await readdir(folder.at('.'))).toContain('grey-restored.png');
  });

  it.each([
    ['grey.png', 1, 'uchar'],
    ['grey16.png', 1, 'ushort'],
    ['grey-alpha.png', 2, 'uchar'],
    ['rgba.png', 4, 'uchar'],
    ['rgba16.png', 4, 'ushort'],
  ])('inpainting %s keeps channels, depth and every known sample', async (name, channels, depth) => {
    const inside = await boxMask('box.png');
    const out = folder.at(`filled-${name}`);
    const args = [
      'restore',
      folder.at(name),
      '-o',
      out,
      '--mask',
      folder.at('box.png'),
      '--prior',
      'tv',
      '--steps',
      '20',
    ];
    expect((await runCli(args)).code).toBe(0);
    expect(await sharp(out).metadata()).toMatchObject({ channels, depth });
    const [before, after] = await Promise.all([readImage(folder.at(name)), readImage(out)]);
    before.planes.forEach((plane, p) => {
      const changed = plane.findIndex((value, i) => value !== after.planes[p][i] && (p === 3 || !inside(i)));
      expect(changed, `plane ${p}`).toBe(-1);
    });
  });

  it('finds out by itself what to do, and says what it found', async () => {
    const [jpeg, out] = [folder.at('poor.jpg'), folder.at('auto.png')];
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 12 };
    await sharp({ create: { width: 64, height: 48, channels: 3, background: 'grey', noise } })
      .jpeg({ quality: 12 })
      .toFile(jpeg);
    const report = folder.at('auto.json');
    const args = ['restore', jpeg, '-o', out, '--prior', 'tv', '--steps', '2', '--report', report];
    const { code, stderr } = await runCli(args);
    expect(code).toBe(0);
    expect(stderr).toMatch(/JPEG compression of quality about 1\d.*Task: dejpeg/);
    const facts = JSON.parse(await readFile(report, 'utf8'));
    expect(facts.task).toBe('dejpeg');
    expect(facts.findings.join(' ')).toMatch(/JPEG/);
  });

  it('enlarges by a factor that is not whole', async () => {
    const out = folder.at('large.png');
    const args = [
      'restore',
      folder.at('rgba.png'),
      '-o',
      out,
      '--scale',
      '1.5',
      '--prior',
      'tv',
      '--steps',
      '3',
    ];
    expect((await runCli(args)).code).toBe(0);
    expect(await sharp(out).metadata()).toMatchObject({ width: 33, height: 27, channels: 4 });
  });

  it('stops in time', async () => {
    const args = [
      'restore',
      folder.at('grey.png'),
      '-o',
      folder.at('timed.png'),
      '--task',
      'denoise',
      '--prior',
      'network',
      '--quality',
      'best',
      '--max-seconds',
      '0.5',
      '--json',
    ];
    const report = JSON.parse((await runCli(args)).stdout);
    expect(report.stoppedBy).toBe('time');
  });
});

describe('a picture that nothing is wrong with', () => {
  it('is copied as it is where an output is asked for, and nothing is written else', async () => {
    const [input, out] = [folder.at('rgb.png'), folder.at('untouched.png')];
    const { code, stderr, stdout } = await runCli(['restore', input, '-o', out]);
    expect(code).toBe(0);
    expect(stderr + stdout).toMatch(/nothing to restore/);
    expect((await readFile(out)).equals(await readFile(input))).toBe(true);
    const before = await readdir(folder.at('.'));
    expect((await runCli(['restore', input])).code).toBe(0);
    expect(await readdir(folder.at('.'))).toEqual(before);
  });

  it('is the file it was, too, where a task that was asked for finds nothing', async () => {
    const [input, out] = [folder.at('fine.jpg'), folder.at('fine-out.jpg')];
    await writeFile(input, await sharp(folder.at('rgb.png')).jpeg({ quality: 97 }).toBuffer());
    const { stderr, stdout } = await runCli(['restore', input, '--task', 'dejpeg', '-o', out]);
    expect(stderr + stdout).toMatch(/as it was/);
    expect((await readFile(out)).equals(await readFile(input))).toBe(true);
  });

  it('is written whole where its file ends too soon', async () => {
    const [input, out] = [folder.at('ends-too-soon.png'), folder.at('whole.png')];
    const bytes = await readFile(folder.at('rgb.png'));
    await writeFile(input, bytes.subarray(0, Math.round(0.8 * bytes.length)));
    const { stderr, stdout } = await runCli(['restore', input, '-o', out]);
    expect(stderr + stdout).toMatch(/cut short.*nothing to restore/s);
    expect((await readImage(out)).notes).toEqual([]);
  });

  it('keeps its samples in another format, and is not enlarged', async () => {
    const out = folder.at('untouched.tif');
    expect((await runCli(['restore', folder.at('grey16.png'), '-o', out])).code).toBe(0);
    const [before, after] = await Promise.all([readImage(folder.at('grey16.png')), readImage(out)]);
    expect(after.planes).toEqual(before.planes);
  });
});

describe('an interrupted run', () => {
  const endless = (name: string) => [
    'restore',
    folder.at('rgb.png'),
    '-o',
    folder.at(name),
    '--task',
    'denoise',
    '--steps',
    '20000',
  ];

  it('stopped once writes the best so far and ends well', async () => {
    const run = startCli([...endless('stopped.png'), '--report', folder.at('stopped.json')]);
    await run.said('step ');
    run.kill('SIGINT');
    const { code, stderr } = await run.ended;
    expect(stderr).toContain('best so far');
    expect(code).toBe(0);
    expect(await sharp(folder.at('stopped.png')).metadata()).toMatchObject({ width: WIDTH, height: HEIGHT });
    expect(JSON.parse(await readFile(folder.at('stopped.json'), 'utf8')).stoppedBy).toBe('user');
  });

  it('stopped twice quits with 130 at once, in the middle of writing too, and leaves no part of a file', async () => {
    const [large, out] = ['large-noise.png', 'quit.png'].map(folder.at);
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 };
    await sharp({ create: { width: 400, height: 400, channels: 3, background: 'grey', noise } }).toFile(
      large,
    );
    const extras = ['--gif', folder.at('quit.gif'), '--compare', folder.at('quit-side.png')];
    const run = startCli(['restore', large, '-o', out, '--prior', 'tv', '--steps', '20000', ...extras]);
    await run.said('step ');
    run.kill('SIGINT');
    await run.said('Stopping');
    run.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
    const files = await readdir(folder.at('.'));
    expect(files.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(files).not.toContain('quit-side.png');
    if (files.includes('quit.png')) expect((await readImage(out)).width).toBe(400);
  });

  it('killed leaves an older result as it was', async () => {
    await picture('kept.png', 1);
    const before = await readFile(folder.at('kept.png'));
    const run = startCli([...endless('kept.png'), '--force']);
    await run.said('step ');
    run.kill('SIGKILL');
    expect((await run.ended).signal).toBe('SIGKILL');
    expect((await readFile(folder.at('kept.png'))).equals(before)).toBe(true);
  });
});
