import { describe, expect, it } from 'vitest';
import { analyse, psnr } from '../../src/engine/index.ts';
import { uniform } from '../../src/engine/random.ts';
import { drawCorpus, type KindName } from '../../src/eval/corpus/corpus.ts';
import { BLACK, type Colour, WHITE } from '../../src/eval/corpus/dice.ts';
import { paint, type Run, render, type Samples } from '../../src/eval/corpus/draw.ts';
import { type TextStyle, textPath } from '../../src/eval/corpus/fonts.ts';
import { damaged } from '../../src/eval/harm/damages.ts';
import { found } from '../../src/eval/harm/measure.ts';
import { type FileImage, restore } from '../../src/node/index.ts';

/** Files that were once judged wrongly, drawn again. */

const sans = (size: number): TextStyle => ({ face: 'sans', size, hinted: true });
const line = (text: string, x: number, y: number, size: number, colour: Colour = BLACK): Run => ({
  d: textPath(text, x, y, sans(size)).d,
  colour,
});

/** A sheet of numbers in a grid, 9 px letters: it was called impulse noise, and digits were eaten. */
function sheet(): Promise<FileImage> {
  const rules = [0, 32, 64, 96, 128].map((x) => `<rect x="${x}" width="1" height="96" fill="#c8c8c8"/>`);
  for (let y = 0; y < 96; y += 12) rules.push(`<rect y="${y}" width="160" height="1" fill="#c8c8c8"/>`);
  const runs = Array.from({ length: 40 }, (_, k) => {
    const [column, row] = [k % 5, Math.floor(k / 5)];
    return line(String((column * 37 + row * 113) % 997), column * 32 + 3, row * 12 + 10, 9);
  });
  return render({ width: 160, height: 96, background: WHITE, shapes: rules.join(''), runs });
}

/** A dialog in 11 px letters of three colours: it was called impulse noise. */
function dialog(): Promise<FileImage> {
  const runs = [
    line('Settings  Account', 8, 15, 11, WHITE),
    line('Quarterly revenue 2024', 8, 41, 11),
    line('Delete workspace', 8, 59, 11, [200, 30, 40]),
    line('Learn more about plans', 8, 77, 11, [0, 90, 220]),
    line('Save', 20, 102, 11, WHITE),
  ];
  const shapes =
    '<rect width="176" height="23" fill="#203f8f"/><rect x="8" y="89" width="65" height="19" fill="#20a048"/>';
  return render({ width: 176, height: 112, background: [250, 250, 253], shapes, runs });
}

/** Dots on a turned screen, as comics are coloured: they lie otherwise in each block, and were called noise in places. */
async function comic(angle: number): Promise<FileImage> {
  const dots = `<pattern id="p" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(${angle})"><circle cx="2" cy="2" r="1.3" fill="#0a10c0"/></pattern>`;
  const shapes = `<defs>${dots}</defs><rect width="150" height="200" fill="url(#p)"/><path d="M120 30q40 20 60 90l-50-20z" fill="#fd5" stroke="#111"/>`;
  return render({ width: 262, height: 200, background: [120, 140, 215], shapes });
}

const star = (side: number, corners: number) =>
  `M${Array.from({ length: 2 * corners }, (_, i) => {
    const [r, a] = [side * (i % 2 ? 0.39 : 0.47), (Math.PI * i) / corners];
    return `${(side / 2 + r * Math.sin(a)).toFixed(2)} ${(side / 2 - r * Math.cos(a)).toFixed(2)}`;
  }).join('L')}Z`;

/** Strokes of many greys in two directions. */
function hatching(): Promise<FileImage> {
  const at = (i: number, k: number) => uniform(77, 8 * i + k);
  const strokes = Array.from({ length: 1500 }, (_, i) => {
    const [x, y] = [at(i, 0) * 220 - 20, at(i, 1) * 220 - 20];
    const angle = (i % 2 ? 0.8 : 2.3) + 0.1 * (at(i, 2) - 0.5);
    const [dx, dy] = [Math.cos(angle), Math.sin(angle)].map((part) => part * (20 + 40 * at(i, 3)));
    const grey = Math.round(255 * (at(i, 6) < 0.5 ? 0.15 + 0.1 * at(i, 4) : 0.75 + 0.25 * at(i, 4)));
    const width = 0.3 + 0.3 * at(i, 5);
    return `<path d="M${x} ${y}l${dx} ${dy}" stroke="rgb(${grey},${grey},${grey})" stroke-width="${width}"/>`;
  });
  return render({ width: 180, height: 180, background: [240, 240, 240], shapes: strokes.join('') });
}

/** A gear of 40 px on nothing, and a badge of 48 px with strokes: they were called smeared noise of σ 88. */
const gear = () =>
  render({
    width: 40,
    height: 40,
    shapes: `<path d="${star(40, 14)}" fill="#cc2244"/><rect x="4" y="19" width="32" height="2" fill="#f3b3c0"/><circle cx="20" cy="20" r="8" fill="#fff"/>`,
  });
const badge = () =>
  render({
    width: 48,
    height: 48,
    shapes: `<circle cx="24" cy="24" r="24" fill="#fff"/><path d="M12 34${[0, 1, 2, 3, 4, 5].map(() => 'l2-18l3 18').join('')}z" fill="#222"/><path d="M9 24a15 15 0 0 1 30 0M10 39.5h28" fill="none" stroke="#222"/>`,
  });

/** A menu with a soft shadow, rendered without loss: it was called JPEG of quality 31. */
function menu(scale: number): Promise<FileImage> {
  const s = (value: number) => value * scale;
  const shapes =
    '<filter id="s"><feGaussianBlur stdDeviation="6"/></filter>' +
    `<rect x="${s(38)}" y="${s(24)}" width="${s(203)}" height="${s(160)}" rx="6" opacity=".5" filter="url(#s)"/>` +
    `<rect x="${s(38)}" y="${s(20)}" width="${s(203)}" height="${s(160)}" rx="6" fill="#212121"/>` +
    `<rect x="${s(38)}" y="${s(25)}" width="${s(203)}" height="${s(28)}" fill="#1890ff"/>`;
  const words = ['Flatten', 'Run last plugin', 'Manage…', 'Restore'];
  const runs = words.map((text, i) => line(text, s(47), s(43 + 36 * i), s(14), WHITE));
  return render({ width: s(320), height: s(200), background: [229, 229, 229], shapes, runs });
}

/** A scene of flat colours, smooth sky and grass, as someone without a camera draws it. */
const landscape = (light = 1) =>
  paint(192, 144, (x, y) => {
    const [u, v] = [x / 192, y / 144];
    const hill = v > 0.5 + 0.06 * Math.sin(5 * u) ? 1 : 0;
    const house = u > 0.55 && u < 0.75 && v > 0.52 && v < 0.76 ? 1 : 0;
    const grass = v > 0.8 ? 0.06 * Math.sin(37 * x + 3 * Math.sin(11 * y)) : 0;
    const sky = [0.35 + 0.4 * v, 0.55 + 0.3 * v, 0.85 + 0.05 * v];
    const land = house ? [0.75, 0.62, 0.5] : [0.3 + grass, 0.45 + grass, 0.22 + grass];
    return (hill || house ? land : sky).map((value) => light * value);
  });

/** A picture of the corpus. */
async function drawn(seed: number, kind: KindName, index: number): Promise<FileImage> {
  let last: FileImage | undefined;
  for await (const { image } of drawCorpus({ seed, kinds: [kind], count: index + 1 })) last = image;
  return last!;
}

type Put = (x: number, y: number, samples: Samples) => void;

/** Shapes over each other on a raster three times as fine as the picture. */
function collage(draw: (put: Put, width: number, height: number) => void): FileImage {
  const [width, height] = [180, 160];
  const fine = [0, 1, 2].map(() => new Float32Array(9 * width * height).fill(0.05));
  draw(
    (x, y, samples) => {
      const [column, row] = [Math.floor(x), Math.floor(y)];
      if (column < 0 || row < 0 || column >= 3 * width || row >= 3 * height) return;
      samples.forEach((value, c) => {
        fine[c][row * 3 * width + column] = value;
      });
    },
    3 * width,
    3 * height,
  );
  const mean = (plane: Float32Array, x: number, y: number) => {
    let sum = 0;
    for (let k = 0; k < 9; k++) sum += plane[(3 * y + Math.floor(k / 3)) * 3 * width + 3 * x + (k % 3)];
    return sum / 9;
  };
  return paint(width, height, (x, y) => fine.map((plane) => mean(plane, x, y)));
}

/** Blades of grass, from a dark green to a bright one: they were called smeared noise of σ 24. */
const lawn = () =>
  collage((put, width, height) => {
    for (let blade = 0; blade < 9000; blade++) {
      const [x, y, shade, lean] = [0, 1, 2, 3].map((k) => uniform(5, 4 * blade + k));
      const samples = [0.5, 1, 0.2].map((share) => 0.05 + share * (0.2 + 0.7 * shade));
      for (let k = 0; k < 12; k++)
        for (const beside of [0, 1])
          put(Math.floor(width * x + k * (lean - 0.5)) + beside, height * y - k, samples);
    }
  });

/** Sweets of all colours, 2 to 4 px wide: they were called smeared noise of σ 47. */
const sweets = () =>
  collage((put, width, height) => {
    for (let sweet = 0; sweet < 12000; sweet++) {
      const [x, y, size, ...samples] = [0, 1, 2, 3, 4, 5].map((k) => uniform(6, 6 * sweet + k));
      const radius = 3.5 + 2.5 * size;
      for (let dy = -8; dy <= 8; dy++)
        for (let dx = -8; dx <= 8; dx++)
          if (dx * dx + dy * dy <= radius ** 2) put(width * x + dx, height * y + dy, samples);
    }
  });

describe('an undamaged drawing', () => {
  it.each([
    ['a sheet of small numbers', sheet],
    ['a dialog in small letters', dialog],
    ['a gear on nothing', gear],
    ['a badge with strokes', badge],
    ['a menu with a shadow', () => menu(1)],
    ['a large menu with a shadow', () => menu(2.5)],
    // Lines as fine as pixels, that beat with them: they were called noise of σ 43, 56 and 88.
    ['an engraving', () => drawn(21, 'engraving', 6)],
    ['an engraved globe', () => drawn(61, 'engraving', 0)],
    ['engraved waves', () => drawn(62, 'engraving', 0)],
    // Dots of ordered dither: they were called impulses.
    ['a dithered ball', () => drawn(61, 'dithered', 8)],
    // Pen strokes at random: they were called noise of σ 24.
    ['hatching across', hatching],
    ['a lawn', async () => lawn()],
    ['sweets', async () => sweets()],
  ])('is left alone: %s', async (_, draw) => {
    const image = await draw();
    const diagnosis = analyse(image);
    expect(diagnosis.findings).toEqual(['No noise and no JPEG compression were found.']);
    const result = await restore(image, { task: 'auto', quality: 'fast', diagnosis });
    expect(result.task).toBe('none');
    expect(result.image.planes).toEqual(image.planes);
  });
});

describe('texture without noise', () => {
  it('is hardly changed where denoising is asked for all the same', async () => {
    const image = lawn();
    const result = await restore(image, { task: 'denoise', quality: 'fast' });
    expect(psnr(image, result.image)).toBeGreaterThan(42);
  });
});

describe('what stays as it is, and is said', () => {
  it('is halftone, wherever dots make tones, and not a checkerboard or a screen of dots in one tone', async () => {
    const drawn = drawCorpus({ seed: 12, kinds: ['halftone', 'checkerboard', 'modules', 'table'], count: 3 });
    for await (const { kind, name, image } of drawn) {
      const diagnosis = analyse(image);
      expect(diagnosis.clean).toBe(true);
      expect(found(diagnosis), name).toEqual(kind === 'halftone' ? ['halftone'] : []);
    }
    for (const angle of [10, 38]) expect(analyse(await comic(angle)).clean).toBe(true);
  });

  it('is what a GIF of few colours left of gradients, and not what was drawn in few', async () => {
    const smooth = paint(160, 120, (x, y) =>
      [0, 2, 4].map((c) => 0.5 + 0.45 * Math.sin(x / 25 + c) * Math.cos(y / 20)),
    );
    const gif = async (image: FileImage) => {
      const made = await damaged(image, 'gif-16-flat', 0);
      return analyse(made, { file: made.file! });
    };
    expect((await gif(smooth)).findings.join(' ')).toMatch(/flat bands of 16 colours/);
    expect((await gif(smooth)).task).toBe('none');
    for (const drawing of [await sheet(), await dialog(), await menu(1)])
      expect(found(await gif(drawing))).toEqual([]);
  });
});

/** The same on old paper: brown, from one grey. */
function scan(): FileImage {
  const { planes, ...rest } = landscape();
  const tone = (gain: number, lift: number) =>
    planes[0].map((red, i) => gain * (0.3 * red + 0.59 * planes[1][i] + 0.11 * planes[2][i]) + lift);
  return { ...rest, planes: [tone(0.9, 0.1), tone(0.82, 0.07), tone(0.66, 0.04)] };
}

describe('damage that was overlooked', () => {
  it('is found: soft grain of σ 9 on a scan', async () => {
    for (const seed of [1, 2, 3]) {
      const { task, noise } = analyse(await damaged(scan(), 'grain-9', seed));
      expect(task).toBe('denoise');
      expect(Math.abs(noise.sigma - 9)).toBeLessThan(3);
    }
  });

  it('is found: soft grain that shows in the sky, above a lawn whose texture hides it', async () => {
    const [above, below] = [landscape(), lawn()];
    const { width, height } = above;
    const planes = above.planes.map((plane, c) =>
      plane.map((value, i) => {
        const y = Math.floor(i / width);
        return y < 0.6 * height
          ? value
          : below.planes[c][(y % below.height) * below.width + (i % below.width)];
      }),
    );
    const { task, noise } = analyse(await damaged({ ...above, planes }, 'grain-9', 1));
    expect(task).toBe('denoise');
    expect(Math.abs(noise.sigma - 9)).toBeLessThan(3);
  });

  it('is found: blotches of colour at night, under JPEG of quality 90', async () => {
    const pictures = [landscape(0.3)];
    for await (const { image } of drawCorpus({ seed: 12, kinds: ['photograph'], count: 4 }))
      if (!image.format.grey)
        pictures.push({ ...image, planes: image.planes.map((plane) => plane.map((x) => 0.3 * x)) });
    expect(pictures.length).toBeGreaterThan(1);
    for (const picture of pictures) {
      const image = await damaged(picture, 'chroma-14', 3);
      expect(found(analyse(image, { file: image.file! }))).toContain('noise');
    }
  });

  it('is found: the dither of a GIF, which a PNG of the same pixels is taken to mean', async () => {
    const picture = paint(200, 200, (x, y) =>
      [0, 2, 4].map((c) => 0.5 + 0.45 * Math.sin(x / 25 + c) * Math.cos(y / 20)),
    );
    const image = await damaged(picture, 'gif-16', 3);
    expect(found(analyse(image, { file: image.file! }))).toEqual(['dither']);
    expect(analyse(image).clean).toBe(true);
  });

  it('is said: the dither of a GIF full of detail', async () => {
    const photographs = drawCorpus({ seed: 203, kinds: ['photograph'], count: 2 });
    for await (const { image } of photographs)
      for (const damage of ['gif-16', 'gif-16-flat'] as const) {
        const made = await damaged(image, damage, 0);
        const { task, findings } = analyse(made, { file: made.file! });
        // Where it can be freed of it, it is; else it is only said.
        expect(/Dither/.test(findings.join(' '))).toBe(damage === 'gif-16');
        if (damage === 'gif-16-flat') expect(task).toBe('none');
      }
  });

  it.each([
    ['tinted paper', [242, 239, 233], [60, 60, 60]],
    ['cream, cut off in some colours only', [255, 251, 232], [20, 90, 40]],
    ['a dark theme', [13, 17, 23], [201, 209, 217]],
  ] as const)('is found: noise on a page full of text, on %s', async (_, background, colour) => {
    const runs = Array.from({ length: 9 }, (_, k) =>
      line(`Total ${k}37.${k} due, pay`, 3, 13 * k + 12, 11, colour),
    );
    const page = await render({ width: 160, height: 120, background, shapes: '', runs });
    expect(analyse(page).clean).toBe(true);
    for (const level of ['noise-10', 'noise-25'] as const) {
      const { task, noise } = analyse(await damaged(page, level, 1));
      expect(task).toBe('denoise');
      expect(Math.abs(noise.sigma / Number(level.slice(6)) - 1)).toBeLessThan(0.25);
    }
  });
});
