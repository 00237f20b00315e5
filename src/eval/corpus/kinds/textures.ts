import type { FileImage } from '../../../node/image-file.ts';
import { type Colour, css, type Dice } from '../dice.ts';
import { type Drawing, paint, render, type Samples } from '../draw.ts';

type Stroke = (dice: Dice, x: number, y: number, colours: readonly Colour[]) => string;

const path = (d: string, colour: Colour, width: number, more = '') =>
  `<path d="${d}" stroke="${css(colour)}" stroke-width="${width.toFixed(2)}" fill="none" ${more}/>`;

/** A blade that bends as it rises. */
const blade: Stroke = (dice, x, y, colours) => {
  const [height, lean] = [dice.between(14, 34), dice.between(-12, 12)];
  return path(
    `M${x} ${y}q${lean / 4} ${-height / 2} ${lean} ${-height}`,
    dice.pick(colours),
    dice.between(1, 2.6),
    'stroke-linecap="round"',
  );
};

/** A hair, combed along slow waves. */
const hair: Stroke = (dice, x, y, colours) => {
  const angle = 0.6 + Math.sin(x / 60) + 0.7 * Math.cos(y / 45) + dice.between(-0.2, 0.2);
  const length = dice.between(10, 22);
  return path(
    `M${x} ${y}l${length * Math.cos(angle)} ${length * Math.sin(angle)}`,
    dice.pick(colours),
    dice.between(0.6, 1.6),
  );
};

/** A dab of a broad brush, with the streaks that its bristles leave. */
const dab: Stroke = (dice, x, y, colours) => {
  const [angle, length, colour] = [dice.between(0, Math.PI), dice.between(14, 40), dice.pick(colours)];
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
  return dice
    .times(6, (i) => {
      const shade = colour.map((value) =>
        Math.round(Math.min(255, Math.max(0, value + dice.between(-18, 18)))),
      );
      const [a, b] = [x - 1.6 * i * dy, y + 1.6 * i * dx];
      return path(`M${a} ${b}l${length * dx} ${length * dy}`, [shade[0], shade[1], shade[2]], 2.2);
    })
    .join('');
};

/** A leaf with its rib. */
const leaf: Stroke = (dice, x, y, colours) => {
  const [length, turn] = [dice.between(10, 24), dice.int(0, 359)];
  const outline = `M0 0Q${length / 2} ${-length / 3} ${length} 0Q${length / 2} ${length / 3} 0 0z`;
  const rib = path(`M0 0H${length}`, dice.colour(0.25, 30), 0.7);
  return `<g transform="translate(${x} ${y})rotate(${turn})"><path d="${outline}" fill="${css(dice.pick(colours))}"/>${rib}</g>`;
};

/** A pencil's line, one of many in two directions. */
const line: Stroke = (dice, x, y, colours) => {
  const [length, side] = [dice.between(12, 40), dice.chance(0.5) ? 1 : -1];
  return path(`M${x} ${y}l${length} ${side * length}`, dice.pick(colours), dice.between(0.8, 1.4));
};

/** Strokes: who draws them, and how many there are for each 100 pixels. */
const STROKES = [
  { stroke: blade, density: 5 },
  { stroke: hair, density: 9 },
  { stroke: dab, density: 1.2 },
  { stroke: leaf, density: 1.5 },
  { stroke: line, density: 1 },
] as const;

function covered(dice: Dice, { stroke, density }: (typeof STROKES)[number]): Drawing {
  const [width, height] = [dice.int(96, 240), dice.int(96, 240)];
  const [lightness, chroma] = [dice.between(0.3, 0.6), dice.int(10, 50)];
  const hue = dice.colour(lightness, chroma);
  const colours = dice.times(9, (i): Colour => {
    const shade = hue.map((value) => Math.round(Math.min(255, Math.max(0, value * (0.5 + 0.12 * i)))));
    return [shade[0], shade[1], shade[2]];
  });
  const shapes = dice.times(Math.round((density * width * height) / 100), () =>
    stroke(dice, dice.int(-10, width + 10), dice.int(-10, height + 20), colours),
  );
  return { width, height, background: colours[0], shapes: shapes.join('') };
}

/** Threads over and under each other, each with a shade of its own, round as threads are. */
function weave(dice: Dice): FileImage {
  const [width, height] = [dice.int(96, 240), dice.int(96, 240)];
  const [period, over] = [dice.int(4, 9), dice.int(1, 3)];
  const [warp, weft] = [dice.colour(dice.between(0.3, 0.7)), dice.colour(dice.between(0.3, 0.7))];
  const shades = dice.times(256, () => dice.between(0.85, 1.1));
  return paint(width, height, (x, y): Samples => {
    const [column, row] = [Math.floor(x / period), Math.floor(y / period)];
    const isWarp = (column + over * row) % (over + 1) === 0;
    const across = isWarp ? x % period : y % period;
    const along = isWarp ? y % period : x % period;
    const round = (p: number) => Math.sin((Math.PI * (p + 0.5)) / period);
    const light =
      (0.45 + 0.4 * round(across) + 0.15 * round(along)) * shades[(isWarp ? column : 128 + row) & 255];
    return (isWarp ? warp : weft).map((value) => (value / 255) * light);
  });
}

/** Smooth lumps over several octaves, 0 … 1: `stretch` times as long along x. */
function lumps(dice: Dice, finest: number, stretch: number): (x: number, y: number) => number {
  const lattice = dice.times(4096, () => dice.next());
  const at = (x: number, y: number) => lattice[((y & 63) << 6) | (x & 63)];
  const ease = (t: number) => t * t * (3 - 2 * t);
  const octave = (x: number, y: number) => {
    const [i, j] = [Math.floor(x), Math.floor(y)];
    const [u, v] = [ease(x - i), ease(y - j)];
    const top = at(i, j) + u * (at(i + 1, j) - at(i, j));
    return top + v * (at(i, j + 1) + u * (at(i + 1, j + 1) - at(i, j + 1)) - top);
  };
  return (x, y) =>
    [0, 1, 2].reduce((sum, k) => {
      const size = finest * 2 ** k;
      return sum + (octave(x / size / stretch + 17 * k, y / size) * 2 ** k) / 7;
    }, 0);
}

/** Wood, marble or clouds. */
function veined(dice: Dice, index: number): FileImage {
  const [width, height] = [dice.int(96, 240), dice.int(96, 240)];
  const stretch = [8, 1, 2][index % 3];
  const [lump, [dark, light]] = [lumps(dice, 8, stretch), [dice.colour(0.3), dice.colour(0.8, 25)]];
  const rings = [14, 5, 0][index % 3];
  return paint(width, height, (x, y): Samples => {
    const value = lump(x, y);
    const t = rings ? 0.5 + 0.5 * Math.sin(2 * Math.PI * (rings * value + y / 90)) : value;
    return dark.map((low, c) => (low + t * (light[c] - low)) / 255);
  });
}

/** Grass, fur, brush strokes, foliage and hatching; weaves; wood, marble and clouds. */
export async function texture(dice: Dice, index: number): Promise<FileImage> {
  const kinds = STROKES.length + 3;
  const kind = index % kinds;
  if (kind < STROKES.length) return render(covered(dice, STROKES[kind]));
  return kind === STROKES.length ? weave(dice) : veined(dice, Math.floor(index / kinds) + kind);
}
