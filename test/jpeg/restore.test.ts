import { describe, expect, it } from 'vitest';
import {
  analyse,
  estimate,
  type PlanarImage,
  psnr,
  type RasterImage,
  restore,
} from '../../src/engine/index.ts';
import { strokesLeft } from '../../src/eval/harm/strokes.ts';
import { decoded, drawn, jpegOf, text } from './support.ts';

const boats = await decoded('samples/nagasaki-boats.png');

function cut({ data, width }: RasterImage, left: number, top: number, side: number): RasterImage {
  const out = new Uint8Array(4 * side * side);
  for (let y = 0; y < side; y++) {
    const from = 4 * ((top + y) * width + left);
    out.set(data.subarray(from, from + 4 * side), 4 * y * side);
  }
  return { data: out, width: side, height: side };
}

async function gain(truth: RasterImage, quality: number): Promise<number> {
  const { file, image } = await jpegOf(truth, { quality });
  const { image: result } = await restore(image, { task: 'dejpeg', quality: 'fast', file });
  return psnr(result, truth) - psnr(image, truth);
}

describe('a JPEG restored without a network', () => {
  it.each([
    [10, 0.5],
    [50, 0.2],
  ])('is nearer to the photograph, quality %d', async (quality, least) => {
    expect(await gain(cut(boats, 96, 80, 131), quality)).toBeGreaterThan(least);
  });

  it.each([10, 20, 50, 80])('is not worse where it is a drawing, quality %d', async (quality) => {
    const shapes = '<circle cx="110" cy="50" r="30" fill="#e84" stroke="#000" stroke-width="2"/>';
    expect(await gain(await drawn(150, 92, text(150, 92, 12, '#000') + shapes), quality)).toBeGreaterThan(0);
  });

  it('keeps corners that lie on the blocks’ grid', async () => {
    let squares = '';
    for (let i = 0; i < 15; i += 2)
      squares += `<rect x="${16 * (i % 3)}" y="${16 * Math.floor(i / 3)}" width="16" height="16" fill="#b9cfe1"/>`;
    const ground = '<rect width="39" height="86" fill="#535151"/>';
    expect(await gain(await drawn(39, 86, ground + squares), 20)).toBeGreaterThan(0);
  });

  it('is not worse where dots repeat themselves in step with the blocks', async () => {
    let dots = '<rect width="104" height="96" fill="#f8f8f8"/>';
    for (let i = 0; i < 156; i++)
      dots += `<rect x="${8 * (i % 13)}" y="${8 * Math.floor(i / 13)}" width="1" height="1" fill="#888"/>`;
    expect(await gain(await drawn(104, 96, dots + text(60, 20, 12, '#222')), 80)).toBeGreaterThanOrEqual(0);
  });

  it('is as it was where it is of one colour', async () => {
    expect(await gain(await drawn(19, 33, '<rect width="19" height="33" fill="#400031"/>'), 20)).toBe(0);
  });

  it.each([10, 20, 50])('is not worse where it is a drawing in red, quality %d', async (quality) => {
    expect(await gain(await drawn(102, 60, text(102, 60, 12, '#c00')), quality)).toBeGreaterThan(0);
  });

  it('tells on request what was given back, pixel by pixel', async () => {
    const { file, image } = await jpegOf(cut(boats, 96, 80, 61), { quality: 20 });
    const { share, map } = await restore(image, { task: 'dejpeg', quality: 'fast', file, map: true });
    expect(share).toBeLessThan(1);
    const whole = Math.sqrt(map!.reduce((sum, kept) => sum + kept ** 2, 0) / 61 ** 2);
    expect([map!.length, Math.max(...map!) <= 1, Math.abs(whole - share) < 0.2]).toEqual([
      61 ** 2,
      true,
      true,
    ]);
    const white = { data: new Uint8Array(4 * 16 ** 2).fill(255), width: 16, height: 16 };
    const enlarged = await restore(white, { task: 'upscale', quality: 'fast', map: true });
    expect([enlarged.share, enlarged.map]).toEqual([1, new Float32Array(32 ** 2).fill(1)]);
  });

  it('is nearer to the photograph where it lies off its file’s grid', async () => {
    const { file, image } = await jpegOf(cut(boats, 96, 80, 128), { quality: 20 });
    const [input, truth] = [cut(image, 3, 5, 112), cut(boats, 99, 85, 112)];
    const diagnosis = await analyse(input, { file });
    expect(diagnosis.jpeg?.onGrid).toBe(false);
    const { image: result, stages } = await restore(input, { task: 'dejpeg', quality: 'fast', diagnosis });
    expect(stages).toEqual(['nonlocal']);
    expect(psnr(result, truth)).toBeGreaterThan(psnr(input, truth) + 0.2);
  });

  it('keeps the contrast of strokes of one pixel', async () => {
    let lines = '';
    for (let x = 5; x < 128; x += 13) lines += `<rect x="${x}" width="1" height="96"/>`;
    for (const quality of [10, 20, 50, 80]) {
      const truth = await drawn(128, 96, lines);
      const { file, image } = await jpegOf(truth, { quality });
      const { image: result } = await restore(image, { task: 'dejpeg', quality: 'fast', file });
      expect(contrast(result) / contrast(image)).toBeGreaterThan(0.95);
    }
  });

  it('keeps the contrast of small letters', async () => {
    const truth = await drawn(150, 92, text(150, 92, 9, '#358'));
    const { file, image } = await jpegOf(truth, { quality: 20 });
    const { image: result } = await restore(image, { task: 'dejpeg', quality: 'fast', file });
    const [clean, before, after] = [truth, image, result].map(planar);
    expect(strokesLeft(clean, before, after)?.ofInput).toBeGreaterThan(0.96);
  });
});

it('has nothing to do where no compression is found, unless the network is asked for', async () => {
  const truth = await drawn(64, 48, text(64, 48, 12, '#000'));
  const options = { task: 'dejpeg', quality: 'fast' } as const;
  const { image, notes, stages } = await restore(truth, options);
  expect(image.data).toEqual(new Uint8ClampedArray(truth.data));
  expect({ notes, stages }).toEqual({ notes: [expect.stringMatching(/^No trace of JPEG/)], stages: [] });
  // Only the look that finds so takes time.
  expect((await estimate(truth, options, ['fast'])).fast).toMatchObject({ bytes: 0, stages: [] });
  const asked = await restore(truth, { ...options, prior: 'network', expert: { net: '4x2', steps: 2 } });
  expect(asked.stages).toEqual(['network']);
});

const planar = ({ data, width, height }: RasterImage): PlanarImage => ({
  planes: [0, 1, 2].map((c) =>
    Float32Array.from({ length: width * height }, (_, i) => data[4 * i + c] / 255),
  ),
  width,
  height,
});

/** Mean difference of the strokes' brightness from the paper's 4 px beside them. */
function contrast({ data, width, height }: RasterImage): number {
  let [sum, count] = [0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 5; x < 118; x += 13, count++)
      sum += data[4 * (y * width + x + 4)] - data[4 * (y * width + x)];
  return sum / count;
}
