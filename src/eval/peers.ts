import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Task } from '../engine/choices.ts';
import { toPicture, toPlanes } from '../engine/image/picture.ts';
import { resize } from '../engine/image/resize.ts';
import { psnr } from '../engine/metrics.ts';
import type { PlanarImage } from '../engine/options.ts';
import { readImage, writeImage } from '../node/image-file.ts';
import { writeMask } from '../node/mask-file.ts';
import type { Case } from './cases.ts';

/** What another method made of a case. */
interface PeerResult {
  readonly peer: string;
  readonly image: PlanarImage;
  readonly seconds: number;
}

/** Debian's python3 first: its packages are the ones apt-get installs. */
const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/** The damaged image itself, or its classical enlargements. */
export function nothingDone({ kind, clean, damaged }: Case): PeerResult[] {
  if (kind.damage.downscale === undefined) return [{ peer: 'input', image: damaged, seconds: 0 }];
  return (['bicubic', 'lanczos3'] as const).map((filter) => {
    const start = performance.now();
    const image = toPlanes(resize(toPicture(damaged), clean.width, clean.height, filter));
    return { peer: filter, image, seconds: (performance.now() - start) / 1000 };
  });
}

/**
 * OpenCV's and scikit-image's restorers, as far as they are installed. Without Python or its packages: none, with
 * the reason on stderr.
 */
export async function classicalPeers(script: string, { kind, damaged, mask }: Case): Promise<PeerResult[]> {
  if (kind.task === 'upscale') return [];
  const folder = await mkdtemp(join(tmpdir(), 'prior-art-'));
  try {
    await writeImage(join(folder, 'damaged.png'), damaged, damaged.format);
    if (mask) {
      const plane = Float32Array.from(mask.data, (known) => (known > 127 ? 1 : 0));
      const grey = { bits: 8, grey: true, alpha: false } as const;
      await writeImage(join(folder, 'mask.png'), { ...mask, planes: [plane] }, grey);
    }
    const lines = await python([script, kind.task, folder]);
    const results = lines.map(async (line): Promise<PeerResult> => {
      const { peer, seconds } = JSON.parse(line) as { peer: string; seconds: number };
      return { peer, seconds, image: await readImage(join(folder, `${peer}.png`)) };
    });
    return await Promise.all(results);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Program {
  /** As it is called on the PATH. */
  readonly name: string;
  readonly peer: string;
  readonly args: (damaged: string, told: string, result: string) => string[];
}

/** Programs of their own, by what they are for. */
const PROGRAMS: Readonly<Partial<Record<Task, readonly Program[]>>> = {
  // Lebrun, IPOL 2012; Lebrun, Buades and Morel, IPOL 2013.
  denoise: [
    { name: 'bm3d', peer: 'bm3d', args: (noisy, sigma, result) => [noisy, sigma, result] },
    { name: 'nl-bayes', peer: 'nl-bayes', args: (noisy, sigma, result) => [sigma, noisy, result] },
  ],
  // "Inpaint [Patch-Based]" of its plug-in, at the default settings.
  inpaint: [
    {
      name: 'gmic',
      peer: "G'MIC",
      args: (damaged, hole, result) => [
        ...['-v', '0', damaged, hole],
        ...['-inpaint_matchpatch[0]', '[1]', '-rm[1]', '-o', result],
      ],
    },
  ],
};

/**
 * Other programs' results, of those on the PATH. Denoisers are told what nobody knows of a real picture: the true level
 * of its noise.
 */
export async function programPeers({ kind, clean, damaged, mask }: Case): Promise<PeerResult[]> {
  const programs = PROGRAMS[kind.task] ?? [];
  if (programs.length === 0) return [];
  const folder = await mkdtemp(join(tmpdir(), 'prior-art-'));
  try {
    const input = join(folder, 'damaged.png');
    await writeImage(input, damaged, damaged.format);
    const hole = join(folder, 'hole.png');
    if (mask) await writeMask(hole, mask);
    const told = mask ? hole : (255 * 10 ** (-psnr(damaged, clean) / 20)).toFixed(2);
    const results: PeerResult[] = [];
    for (const { name, peer, args } of programs) {
      const path = join(folder, `${name}-result.png`);
      const start = performance.now();
      const done = await succeeds(name, args(input, told, path));
      if (done)
        results.push({ peer, seconds: (performance.now() - start) / 1000, image: await readImage(path) });
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether a program is there and does what it was asked to. */
function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', (error) => {
      console.error(`No comparison with ${program}: ${error.message}`);
      resolve(false);
    });
    child.on('close', (code) => resolve(code === 0));
  });
}

/** Milliseconds of one training step of a PyTorch baseline script (`--time SIDE`), at the net it is known for. */
export async function torchStep(script: string, side: number, net: string): Promise<number | undefined> {
  const [line] = await python([script, '--time', String(side), '--net', net]);
  return line === undefined ? undefined : (JSON.parse(line) as { ms_per_step: number }).ms_per_step;
}

/** The lines a Python program prints; what it complains of goes to stderr. */
function python(args: readonly string[]): Promise<string[]> {
  return new Promise((resolve) => {
    const child = spawn(PYTHON, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
    });
    child.on('error', (error) => {
      console.error(`No Python, so no comparison with its packages: ${error.message}`);
      resolve([]);
    });
    child.on('close', () => resolve(text.split('\n').filter((line) => line.startsWith('{'))));
  });
}
