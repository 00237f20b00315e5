import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Diagnosis, type PlanarImage, QUALITIES } from '../../src/engine/index.ts';
import { type CorpusPicture, drawCorpus } from '../../src/eval/corpus/corpus.ts';
import { restore, writeImage } from '../../src/node/index.ts';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';

/** A seed that no threshold was chosen on. */
const SEED = 11;
/** `HARM=1 npx vitest run test/eval` has half as many more, and the one picture that is large. */
const [EACH_KIND, MOST_PIXELS] = process.env.HARM ? [3, Number.POSITIVE_INFINITY] : [2, 600_000];
/** Eighty diagnoses on a busy machine, ms. */
const PATIENCE = 300_000;
/** Through the command line, which starts a process for each. */
const AS_FILES = ['text-01', 'table-00', 'icon-01', 'pixel-art-01', 'gradient-01', 'photograph-00'];

const { at } = temporaryFolder();
const corpus: CorpusPicture[] = [];
const diagnoses = new Map<string, Diagnosis>();

beforeAll(async () => {
  for await (const picture of drawCorpus({ seed: SEED, count: EACH_KIND }))
    if (picture.image.width * picture.image.height <= MOST_PIXELS) corpus.push(picture);
}, PATIENCE);

const same = (a: PlanarImage, b: PlanarImage) =>
  a.width === b.width &&
  a.height === b.height &&
  a.planes.length === b.planes.length &&
  a.planes.every((plane, c) => plane.every((value, i) => value === b.planes[c][i]));

describe('an undamaged picture', { timeout: PATIENCE }, () => {
  it.each(QUALITIES)(
    'is found clean, whatever it shows, and comes back sample by sample at %s',
    async (quality) => {
      const harmed: string[] = [];
      for (const { name, image } of corpus) {
        // What was found once is passed on: the diagnosis knows nothing of qualities.
        const known = diagnoses.get(name);
        const result = await restore(image, {
          task: 'auto',
          quality,
          ...(known ? { diagnosis: known } : {}),
        });
        if (result.diagnosis) diagnoses.set(name, result.diagnosis);
        if (result.task !== 'none' || !same(image, result.image))
          harmed.push(`${name}: ${result.diagnosis?.findings.join(' ')}`);
      }
      expect(harmed).toEqual([]);
    },
  );

  it('comes back byte by byte from the command line, which says so', async () => {
    for (const name of AS_FILES) {
      const picture = corpus.find((candidate) => candidate.name === name)!;
      const [from, to] = [at(`${name}.png`), at(`${name}-restored.png`)];
      await writeImage(from, picture.image, picture.image.format);
      const { code, stdout, stderr } = await runCli(['restore', from, '-o', to]);
      expect(code, name).toBe(0);
      expect(stdout + stderr, name).toMatch(/nothing to restore/i);
      expect((await readFile(to)).equals(await readFile(from)), name).toBe(true);
    }
  });
});
