import { describe, expect, it } from 'vitest';
import { cutPicture } from '../../src/engine/image/box.ts';
import { type Picture, toPicture } from '../../src/engine/image/picture.ts';
import { estimateFromRepetitions } from '../../src/engine/jpeg/estimate.ts';
import { readHeader } from '../../src/engine/jpeg/file.ts';
import { FileTiles } from '../../src/engine/jpeg/file-tiles.ts';
import { toPlanes } from '../../src/engine/jpeg/ycbcr.ts';
import { decoded, drawn, jpegOf } from './support.ts';

const boats = await decoded('samples/nagasaki-boats.png');

/** How much of the squared error of both colour differences is left by the first answer. */
async function chromaLeft(truth: Picture, quality: number, chromaSubsampling = '4:2:0'): Promise<number> {
  const { width, height, colour } = truth;
  const planes = [0, 1, 2].map((c) => colour.slice(c * width * height, (c + 1) * width * height));
  const { file, image } = await jpegOf({ planes, width, height }, { quality, chromaSubsampling });
  const given = toPicture(image);
  const { components } = readHeader(file)!;
  const progress = async () => undefined;
  const answer = await estimateFromRepetitions(given, new FileTiles(given, components), {
    quality: 'fast',
    progress,
  });
  const [ours, theirs, real] = [answer, given.colour, colour].map((of) => toPlanes(of, 3).slice(1));
  const error = (of: readonly Float32Array[]) =>
    of.reduce(
      (sum, plane, c) => sum + plane.reduce((part, value, i) => part + (value - real[c][i]) ** 2, 0),
      0,
    );
  return error(ours) / error(theirs);
}

describe('chroma by what luma shows', () => {
  it.each([
    [10, '4:2:0', 0.75],
    [10, '4:4:4', 0.75],
    [50, '4:2:0', 0.9],
  ])('is nearer to a photograph, quality %d, %s', async (quality, sampling, most) => {
    const part = cutPicture(toPicture(boats), { x: 96, y: 80, width: 131, height: 117 });
    expect(await chromaLeft(part, quality, sampling)).toBeLessThan(most);
  });

  it('has the edges that luma has', async () => {
    let shapes = '';
    for (let i = 0; i < 12; i++)
      shapes += `<circle cx="${20 + 31 * (i % 4)}" cy="${18 + 31 * Math.floor(i / 4)}" r="${6 + i}" fill="#247"/>`;
    const picture = toPicture(await drawn(133, 101, shapes, '#fc8'));
    expect(await chromaLeft(picture, 10)).toBeLessThan(0.5);
  });

  it('is not worse where colours have the same luma', async () => {
    const colours = ['#d05050', '#508c50', '#6b6bd0', '#8f7a30', '#8f61a8'];
    let shapes = '';
    for (let i = 0; i < 20; i++)
      shapes += `<rect x="${28 * (i % 5)}" y="${26 * Math.floor(i / 5)}" width="28" height="26" fill="${colours[(2 * i + Math.floor(i / 5)) % 5]}"/>`;
    const picture = toPicture(await drawn(133, 101, shapes));
    for (const quality of [10, 50]) expect(await chromaLeft(picture, quality)).toBeLessThan(1);
  });
});
