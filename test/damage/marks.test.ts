import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { analyse, type PlanarImage } from '../../src/engine/index.ts';
import { decodeImage } from '../../src/node/image-file.ts';

const picture = await decodeImage(await readFile('samples/nagasaki-boats.png'));
const { width: WIDTH, height: HEIGHT } = picture;

const SCRATCHES = /Scratches or dust/;
const findings = (image: PlanarImage) => analyse(image).findings.join(' ');

/** The photograph, with lines over it where `value` is one. */
function drawn(value: (x: number, y: number, shade: number) => number | undefined): PlanarImage {
  const planes = picture.planes
    .slice(0, 3)
    .map((plane) => plane.map((shade, i) => value(i % WIDTH, Math.floor(i / WIDTH), shade) ?? shade));
  return { planes, width: WIDTH, height: HEIGHT };
}

/** Paint where two leaning lines of 3 px are, from one edge to the other. */
const leaning = (paint: (shade: number, y: number) => number) =>
  drawn((x, y, shade) => (Math.abs(((x - y / 4 + WIDTH) % 120) - 60) <= 1.5 ? paint(shade, y) : undefined));

describe('scratches', () => {
  it('of bare paper across a photograph are said, and change nothing else', () => {
    const { task, clean, findings } = analyse(leaning(() => 0.95));
    expect(findings.join(' ')).toMatch(SCRATCHES);
    expect({ task, clean }).toEqual({ task: 'none', clean: true });
  });

  it('are said of a scratched photograph and not of the undamaged one', async () => {
    const scratched = await decodeImage(await readFile('samples/nagasaki-boats-scratched.png'));
    expect(findings(scratched)).toMatch(SCRATCHES);
    expect(findings(picture)).not.toMatch(SCRATCHES);
  });

  it('are not said where a mask marks them', () => {
    const mask = { width: WIDTH, height: HEIGHT, data: new Uint8Array(WIDTH * HEIGHT).fill(255) };
    mask.data.fill(0, 0, 100);
    const { findings } = analyse(
      leaning(() => 0.95),
      { mask },
    );
    expect(findings.join(' ')).not.toMatch(SCRATCHES);
  });
});

describe('no scratches are', () => {
  it.each([
    ['lines that take their light from the picture', leaning((shade) => 0.4 + 0.6 * shade)],
    ['a line that fades', leaning((shade, y) => Math.min(1, shade + 0.2 + (0.3 * y) / HEIGHT))],
    ['stripes', drawn((x) => (x % 9 < 3 ? 0.95 : undefined))],
    ['an edge', drawn((x, y) => (x > 60 + y / 4 ? 0.95 : undefined))],
    ['short strokes', drawn((x, y) => (x % 50 === 20 && y % 40 < 18 ? 0.95 : undefined))],
  ])('%s', (_, image) => {
    expect(findings(image)).not.toMatch(SCRATCHES);
  });

  it('lines on a plain ground', () => {
    const plane = Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i % WIDTH === 90 ? 0.95 : 0.3));
    expect(findings({ planes: [plane, plane, plane], width: WIDTH, height: HEIGHT })).not.toMatch(SCRATCHES);
  });
});
