import { readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { encodeImage } from '../../src/node/encode.ts';
import { readImage } from '../../src/node/image-file.ts';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';
import { noisy, scene } from '../support/pictures.ts';

const folder = temporaryFolder();
const QUICK = ['--task', 'denoise', '--prior', 'tv', '--steps', '2', '--executor', 'wasm'];
const picture = scene(40, 32);

it('an opaque RGBA picture is written as JPEG', async () => {
  const opaque = { ...picture, planes: [...picture.planes, new Float32Array(40 * 32).fill(1)] };
  const format = { bits: 8, grey: false, alpha: true } as const;
  await writeFile(folder.at('opaque.png'), await encodeImage('x.png', opaque, format));
  const { code } = await runCli([
    'restore',
    folder.at('opaque.png'),
    '-o',
    folder.at('opaque.jpg'),
    ...QUICK,
  ]);
  expect(code).toBe(0);
  expect((await sharp(folder.at('opaque.jpg')).metadata()).format).toBe('jpeg');
});

it('a cut JPEG is restored where it is there, and the report says so', async () => {
  const whole = await sharp(
    await encodeImage('x.png', noisy(picture, 15), { bits: 8, grey: false, alpha: false }),
  )
    .jpeg({ quality: 92 })
    .toBuffer();
  await writeFile(folder.at('cut.jpg'), whole.subarray(0, 0.75 * whole.length));
  const [out, json] = [folder.at(`${'n'.repeat(251)}.png`), folder.at('report.json')];
  const run = await runCli(['restore', folder.at('cut.jpg'), '-o', out, '--report', json, ...QUICK]);
  expect(run.code).toBe(0);
  expect(run.stderr).toMatch(/cut short: \d+ % of the picture is missing/);
  expect(JSON.parse(await readFile(json, 'utf8')).notes[0]).toMatch(/cut short/);
  const [before, after] = [await readImage(folder.at('cut.jpg')), await readImage(out)];
  expect(after.planes.length).toBe(3);
  after.planes.forEach((plane, c) => {
    const changed = plane.filter((value, i) => Math.abs(value - before.planes[c][i]) > 0.002);
    const missing = plane.filter((_, i) => before.planes[3][i] === 0);
    expect(missing.length).toBeGreaterThan(40);
    expect(changed.length).toBeGreaterThan(0);
    expect([...missing].every((value) => Math.abs(value - 128 / 255) < 0.002)).toBe(true);
  });
});

it('of identical pictures the PSNR is infinite, in JSON null', async () => {
  await writeFile(
    folder.at('flat.png'),
    await encodeImage(
      'x.png',
      { ...picture, planes: [new Float32Array(40 * 32).fill(0.4)] },
      { bits: 8, grey: true, alpha: false },
    ),
  );
  const run = await runCli([
    'restore',
    folder.at('flat.png'),
    '-o',
    folder.at('same.png'),
    '--reference',
    folder.at('flat.png'),
    '--report',
    folder.at('flat.json'),
  ]);
  expect(run.stdout).toContain('PSNR ∞ → ∞ dB');
  const report = JSON.parse(await readFile(folder.at('flat.json'), 'utf8'));
  expect(report).toMatchObject({ psnrInput: null, psnrOutput: null });
});

it('--strip leaves the metadata out', async () => {
  const input = folder.at('signed.png');
  const exif = { IFD0: { Artist: 'A. Nother' } };
  await sharp(await encodeImage('x.png', picture, { bits: 8, grey: false, alpha: false }))
    .withExif(exif)
    .withDensity(300)
    .toFile(input);
  const { code } = await runCli(['restore', input, '-o', folder.at('bare.png'), '--strip', ...QUICK]);
  expect(code).toBe(0);
  expect((await sharp(input).metadata()).exif).toBeDefined();
  const bare = await sharp(folder.at('bare.png')).metadata();
  expect([bare.exif, bare.density]).toEqual([undefined, undefined]);
});

it('of a JPEG that a task leaves as it was, the data of the picture stay, and its turn, but no places', async () => {
  const [input, out] = [folder.at('placed.jpg'), folder.at('private.jpg')];
  const xmp =
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="12,34.5N"/></rdf:RDF></x:xmpmeta>';
  const placed = await sharp(await encodeImage('x.png', picture, { bits: 8, grey: false, alpha: false }))
    .withMetadata({ orientation: 6 })
    .withExifMerge({ IFD0: { Artist: 'A. Nother' }, IFD3: { GPSLatitude: '48/1 30/1 0/1' } })
    .withXmp(xmp)
    .jpeg({ quality: 97 })
    .toBuffer();
  // As of two pictures, the other a thumbnail perhaps; and bytes that fill may come before any marker.
  await writeFile(
    input,
    Buffer.concat([placed.subarray(0, 2), Buffer.of(0xff, 0xff), placed.subarray(2), placed]),
  );
  const run = await runCli(['restore', input, '-o', out, '--task', 'dejpeg']);
  expect(run.stdout + run.stderr).toMatch(/as it was/);
  const written = await readFile(out);
  expect(written.toString('latin1')).not.toMatch(/GPS/);
  const [before, after] = [await readImage(input), await readImage(out)];
  expect(after).toMatchObject({ width: 32, height: 40, orientation: 6, planes: before.planes });
  expect(after.metadata.exif?.IFD0).toEqual({ Artist: 'A. Nother' });
  expect(written.length).toBeLessThan(placed.length);
  expect(written.subarray(-200).equals(placed.subarray(-200))).toBe(true);
});
