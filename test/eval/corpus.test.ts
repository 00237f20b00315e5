import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CorpusPicture, drawCorpus, KIND_NAMES } from '../../src/eval/corpus/corpus.ts';
import { textPath, textWidth } from '../../src/eval/corpus/fonts.ts';

async function draw(seed: number): Promise<CorpusPicture[]> {
  const pictures: CorpusPicture[] = [];
  for await (const picture of drawCorpus({ seed, count: 1 })) pictures.push(picture);
  return pictures;
}

/** What tells two pictures apart. */
function digest({ name, image: { planes, width, height } }: CorpusPicture): string {
  const hash = createHash('sha256');
  for (const plane of planes) hash.update(plane);
  return `${name} ${width}×${height} ${hash.digest('hex')}`;
}

describe('the corpus', () => {
  let first: CorpusPicture[];
  beforeAll(async () => {
    first = await draw(3);
  });

  it('is the same for the same seed and another for another, of every kind', async () => {
    expect(first.map(({ kind }) => kind)).toEqual(KIND_NAMES);
    const [once, again, other] = [first, await draw(3), await draw(4)].map((all) => all.map(digest));
    expect(again).toEqual(once);
    expect(other.filter((picture) => once.includes(picture))).toEqual([]);
  });

  it('holds what a file of its format can hold', () => {
    for (const { image } of first) {
      const white = image.format.bits === 16 ? 65535 : 255;
      for (const plane of image.planes)
        expect(
          plane.every((x) => x >= 0 && x <= 1 && Math.abs(x * white - Math.round(x * white)) < 0.01),
        ).toBe(true);
    }
  });

  it('refuses a kind it does not have', async () => {
    await expect(drawCorpus({ kinds: ['nothing' as 'text'] }).next()).rejects.toThrow(/kinds/);
  });
});

describe('letters', () => {
  it('of every script have outlines, joined and in their own direction', () => {
    for (const [text, face] of [
      ['Zürich 40%', 'sans'],
      ['λογαριασμός', 'serif'],
      ['жизнь', 'mono'],
      ['מרחבא', 'hebrew'],
      ['日本語', 'japanese'],
    ] as const)
      expect(textWidth(text, { face, size: 16 })).toBeGreaterThan(30);
    // Joined letters are narrower than the same letters apart.
    const arabic = { face: 'arabic', size: 16 } as const;
    const apart = [...'بيت'].reduce((sum, letter) => sum + textWidth(letter, arabic), 0);
    expect(textWidth('بيت', arabic)).toBeLessThan(0.9 * apart);
  });

  it('stand on whole pixels when hinted', () => {
    const style = { face: 'sans', size: 11, hinted: true } as const;
    expect(Number.isInteger(textWidth('invoice', style))).toBe(true);
    expect(textPath('x', 0, 10, style).d).toMatch(/[ ,]4[ ,A-Z]/);
  });
});
