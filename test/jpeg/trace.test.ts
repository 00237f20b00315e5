import { describe, expect, it } from 'vitest';
import * as closer from '../../src/engine/diagnosis/closer-look.ts';
import { traceOf } from '../../src/engine/diagnosis/jpeg.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import type { RasterImage } from '../../src/engine/index.ts';
import { tableOfQuality } from '../../src/engine/jpeg/tables.ts';
import { mayBeCompressed } from '../../src/engine/jpeg/trace.ts';
import { streamKey, uniform } from '../../src/engine/random.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { decoded, drawn, jpegOf, text } from './support.ts';

const found = (image: RasterImage) => atOnce(traceOf(toPicture(image), image, undefined, closer));
const boats = await decoded('samples/nagasaki-boats.png');

describe('the compression of a decoded JPEG', () => {
  it.each([
    [10, '4:2:0', 2],
    [20, '4:4:4', 1],
    [50, '4:2:0', 2],
    [80, '4:2:0', 2],
  ])('of quality %d, %s, is found with all its tables', async (quality, chromaSubsampling, by) => {
    const { image } = await jpegOf(boats, { quality, chromaSubsampling });
    const trace = found(image);
    expect(trace!.quality).toBe(quality);
    const chroma = { table: tableOfQuality(quality, 'chroma'), across: by, down: by };
    expect(trace!.components.slice(1)).toEqual([chroma, chroma]);
  });

  it.each([20, 50, 80])('of black text on white, quality %d, is found', async (quality) => {
    const { image } = await jpegOf(await drawn(256, 192, text(256, 192, 14, '#000')), { quality });
    expect(found(image)?.quality).toBe(quality);
  });

  it('is found off its grid once the picture is cropped', async () => {
    const { image } = await jpegOf(boats, { quality: 30 });
    const { width, height, data } = image;
    const cropped = { data: data.slice(4 * 3 * width), width, height: height - 3 };
    const { quality, onGrid, offset } = found(cropped)!;
    expect([quality, onGrid, offset!.x % 8, offset!.y % 8]).toEqual([30, false, 0, 5]);
  });

  it('is found where blocks of chroma begin, in colours that are next to none, too', async () => {
    const pale = boats.data.map((value, i) =>
      i % 4 === 3 ? value : Math.round(value + (i % 4 === 0 ? 3 : -1) * Math.sin((i % 997) / 99)),
    );
    const { image } = await jpegOf({ ...boats, data: pale }, { quality: 40 });
    const { width, height, data } = image;
    const { components, offset } = found({ data: data.slice(4 * 3 * width), width, height: height - 3 })!;
    expect([offset, components[1].across, components[1].down]).toEqual([{ x: 0, y: 13 }, 2, 2]);
  });
});

/** Cells of `scale` px in some of the colours, at random, or repeated every 16 cells. */
function cells(scale: number, palette: readonly number[], repeats: boolean): RasterImage {
  const [width, height] = [256, 192];
  const key = streamKey(scale, palette.length);
  const data = new Uint8Array(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [Math.floor((i % width) / scale), Math.floor(i / width / scale)];
    const cell = repeats ? (y % 16) * 16 + (x % 16) : y * width + x;
    data.fill(palette[Math.floor(palette.length * uniform(key, cell))], 4 * i, 4 * i + 3);
  }
  return { data, width, height };
}

describe('no compression is found in', () => {
  it.each([10, 14, 24])('text of %d px, in any colours', async (size) => {
    for (const [ink, paper] of [
      ['#000', '#fff'],
      ['#eee', '#222'],
      ['#06c', '#f4f4f0'],
    ])
      expect(found(await drawn(256, 192, text(256, 192, size, ink), paper))).toBeUndefined();
  });

  it('pixel art, checkerboards and dots whose cells lie on the grid', () => {
    for (const scale of [1, 2, 3, 4, 8, 16])
      for (const palette of [
        [60, 195],
        [0, 255],
        [60, 105, 150, 195],
        [20, 90, 200, 130, 77, 240, 33, 160],
      ])
        for (const repeats of [true, false])
          expect(found(cells(scale, palette, repeats)), `${scale} ${palette} ${repeats}`).toBeUndefined();
  });

  it('gradients, and panels on a lattice of 8 px', async () => {
    const slope = (k: number) =>
      Uint8Array.from({ length: 4 * 256 * 192 }, (_, i) => (i % 4 === 3 ? 255 : k * ((i >> 2) % 256)));
    for (const k of [0.1, 0.3, 1]) expect(found({ data: slope(k), width: 256, height: 192 })).toBeUndefined();
    let panels = '';
    for (let i = 0; i < 60; i++) {
      const [x, y] = [8 * ((i * 7) % 30), 8 * ((i * 5) % 22)];
      const ink = `hsl(${i * 47},60%,${30 + (i % 5) * 12}%)`;
      panels += `<rect x="${x}" y="${y}" width="${8 * (2 + (i % 6))}" height="16" rx="${i % 4}" fill="${ink}" stroke="#888"/><circle cx="${x + 8}" cy="${y + 8}" r="5" fill="#fff" opacity=".8"/>`;
    }
    expect(found(await drawn(256, 192, panels))).toBeUndefined();
  });

  it('a photograph', () => {
    expect(found(boats)).toBeUndefined();
  });
});

it('a small picture is suspected of compression that it has too few blocks to show, and none that is as it was drawn', async () => {
  const card =
    '<radialGradient id="g"><stop stop-color="#fc3"/><stop offset="1" stop-color="#c36"/></radialGradient><rect x="6" y="5" width="18" height="16" rx="4" fill="url(#g)"/>';
  const clean = await drawn(32, 30, card, '#eef0f4');
  const suspected = (image: RasterImage) => atOnce(mayBeCompressed(toPicture(image)));
  for (const quality of [20, 50, 80]) {
    const { image } = await jpegOf(clean, { quality });
    expect([found(image), suspected(image)], `${quality}`).toEqual([undefined, true]);
  }
  const crop = (size: number): RasterImage => ({
    data: Uint8Array.from({ length: 4 * size * size }, (_, i) => {
      const [x, y] = [(i >> 2) % size, Math.floor((i >> 2) / size)];
      return boats.data[4 * (y * boats.width + x) + (i & 3)];
    }),
    width: size,
    height: size,
  });
  for (const image of [clean, crop(30), crop(44), crop(72)]) expect(suspected(image)).toBe(false);
});
