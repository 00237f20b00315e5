import type { FileImage } from '../../../node/image-file.ts';
import type { Colour, Dice } from '../dice.ts';
import { enlarge, paint } from '../draw.ts';

const unit = (colour: Colour) => colour.map((value) => value / 255);

/** A creature: symmetric, outlined, with eyes of one pixel; 0 = nothing, 1 = outline, 2, 3 = body, 4 = eye. */
function creature(dice: Dice, side: number): Uint8Array {
  const cells = new Uint8Array(side * side);
  const half = Math.ceil(side / 2);
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= side || y >= side ? 0 : cells[y * side + x]);
  for (let y = 1; y < side - 1; y++)
    for (let x = 1; x < half; x++) {
      const middle = 1 - Math.hypot(x - half + 0.5, y - side / 2) / half;
      if (!dice.chance(0.25 + middle)) continue;
      const body = dice.chance(0.75) ? 2 : 3;
      cells[y * side + x] = body;
      cells[y * side + side - 1 - x] = body;
    }
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const near = [at(x - 1, y), at(x + 1, y), at(x, y - 1), at(x, y + 1)];
      if (cells[y * side + x] === 0 && near.some((cell) => cell > 1)) cells[y * side + x] = 1;
    }
  const [eye, row] = [
    dice.int(1, Math.max(1, half - 3)),
    dice.int(Math.floor(side / 4), Math.floor(side / 2)),
  ];
  cells[row * side + half - 1 - eye] = 4;
  cells[row * side + side - half + eye] = 4;
  return cells;
}

/** One creature on nothing, or a level of a game with many; ×1 to ×8. */
export function pixelArt(dice: Dice, index: number): FileImage {
  const factor = (index % 8) + 1;
  const sprite = dice.pick([8, 12, 16, 24]);
  const count = index % 2 ? dice.int(2, 5) : 1;
  const side = sprite * count;
  const colours = dice.times(
    4,
    (i) => [dice.colour(0.1), dice.colour(0.6), dice.colour(0.4), dice.grey(0.95)][i],
  );
  const [sky, earth] = [dice.colour(0.75), dice.colour(0.3)];
  const creatures = dice.times(count * count, () =>
    count === 1 || dice.chance(0.7) ? creature(dice, sprite) : undefined,
  );
  const speckled = dice.times(side * side, () => dice.chance(0.06));
  const image = paint(side, side, (x, y) => {
    const tile = Math.floor(y / sprite) * count + Math.floor(x / sprite);
    const cell = creatures[tile]?.[(y % sprite) * sprite + (x % sprite)] ?? 0;
    if (count === 1) return cell ? [...unit(colours[cell - 1]), 1] : [0, 0, 0, 0];
    if (cell) return unit(colours[cell - 1]);
    return unit(speckled[y * side + x] ? earth : y > side * 0.6 && x % 4 ? earth : sky);
  });
  return enlarge(image, side * factor > 640 ? 2 : Math.max(factor, Math.ceil(16 / side)));
}

/** A smooth picture to be dithered: a ball, a ground and a sky, 0 … 1. */
function scene(
  dice: Dice,
  width: number,
  height: number,
): (x: number, y: number) => [number, number, number] {
  const [cx, cy, r] = [
    dice.between(0.3, 0.7) * width,
    dice.between(0.3, 0.6) * height,
    0.3 * Math.min(width, height),
  ];
  const horizon = dice.between(0.55, 0.75) * height;
  const tints = dice.times(3, () => unit(dice.colour(0.55)));
  return (x, y) => {
    const d = Math.hypot(x - cx, y - cy) / r;
    const [tint, light] =
      d < 1
        ? [tints[0], 1.4 - (1.1 * Math.hypot(x - cx + r * 0.4, y - cy + r * 0.4)) / r]
        : y > horizon
          ? [tints[1], 0.5 + (y - horizon) / height]
          : [tints[2], 0.7 + (0.7 * y) / height];
    return [tint[0] * light, tint[1] * light, tint[2] * light];
  };
}

/** Bayer's matrix of 2^order a side, thresholds in (0, 1). */
function bayer(x: number, y: number, order: number): number {
  let value = 0;
  for (let bit = 0; bit < order; bit++) {
    const [a, b] = [(x >> bit) & 1, (y >> bit) & 1];
    value |= (((a ^ b) << 1) | b) << (2 * (order - 1 - bit));
  }
  return (value + 0.5) / 4 ** order;
}

/** Floyd and Steinberg's weights, to the right, and below from left to right. */
const SPREAD = [
  [1, 0, 7],
  [-1, 1, 3],
  [0, 1, 5],
  [1, 1, 1],
] as const;

/** Each channel reduced to `levels` by error diffusion; values 0 … 1 in, levels 0 … 1 out. */
function diffuse(plane: Float32Array, width: number, height: number, levels: number): Float32Array {
  const left = plane.slice();
  return plane.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const value = Math.min(1, Math.max(0, Math.round(left[i] * (levels - 1)) / (levels - 1)));
    for (const [dx, dy, weight] of SPREAD)
      if (x + dx >= 0 && x + dx < width && y + dy < height)
        left[i + dy * width + dx] += ((left[i] - value) * weight) / 16;
    return value;
  });
}

/** Drawn in few tones on purpose: ordered at 1 bit to 27 colours, or by error diffusion at 1 bit. */
export function dithered(dice: Dice, index: number): FileImage {
  const [width, height] = [dice.int(48, 240), dice.int(48, 240)];
  const at = scene(dice, width, height);
  const luma = (x: number, y: number) => at(x, y).reduce((a, b) => a + b) / 3;
  const factor = dice.pick([1, 1, 2, 3]);
  if (index % 3 === 0) {
    const grey = paint(width, height, (x, y) => [luma(x, y)], 16);
    return enlarge(
      { ...grey, planes: [diffuse(grey.planes[0], width, height, 2)], format: { ...grey.format, bits: 8 } },
      factor,
    );
  }
  const order = dice.int(1, 3);
  const levels = index % 3 === 1 ? 1 : dice.int(1, 2);
  const quantised = (value: number, x: number, y: number) =>
    Math.floor(value * levels + bayer(x, y, order)) / levels;
  const [dark, light] = [unit(dice.colour(0.15)), unit(dice.colour(0.85))];
  const image = paint(width, height, (x, y) => {
    if (index % 3 === 2) return at(x, y).map((value) => quantised(value, x, y));
    const ink = quantised(luma(x, y), x, y);
    return dark.map((value, c) => value + Math.min(1, ink) * (light[c] - value));
  });
  return enlarge(image, factor);
}

/** Squares of 1 to 16 px in two colours, in rows or shifted. */
export function checkerboard(dice: Dice, index: number): FileImage {
  const [width, height] = [dice.int(16, 300), dice.int(16, 300)];
  const [a, b] = dice.chance(0.5) ? [[0], [1]] : [unit(dice.colour(0.3)), unit(dice.colour(0.8))];
  const side = [1, 2, 3, 4, 8, 16][index % 6];
  const shifted = dice.chance(0.3) ? 1 : 0;
  return paint(width, height, (x, y) => {
    const row = Math.floor(y / side);
    return (Math.floor((x + shifted * row) / side) + row) % 2 ? a : b;
  });
}

/** Modules of 1 to 6 px, with the three finders of a QR code, of a Data Matrix' frame, or the bars of a barcode. */
export function modules(dice: Dice, index: number): FileImage {
  const n = dice.pick([21, 25, 29, 33]);
  const bits = dice.times(n * n, () => dice.chance(0.5));
  const ring = (x: number, y: number) => Math.max(Math.abs(x - 3), Math.abs(y - 3));
  const dark = (x: number, y: number) => {
    if (index % 3 === 2) return bits[x];
    if (index % 3 === 1)
      return x === 0 || y === n - 1 || ((x === n - 1 || y === 0) && (x + y) % 2 === 1) || bits[y * n + x];
    const corner = [ring(x, y), ring(n - 1 - x, y), ring(x, n - 1 - y)].find((distance) => distance <= 4);
    return corner === undefined ? bits[y * n + x] : corner !== 2 && corner !== 4;
  };
  const quiet = dice.int(0, 3);
  const [ink, paper] = dice.chance(0.7) ? [[0], [1]] : [unit(dice.colour(0.2)), unit(dice.colour(0.9))];
  const inside = (v: number) => v >= quiet && v < quiet + n;
  const image = paint(n + 2 * quiet, n + 2 * quiet, (x, y) =>
    inside(x) && inside(y) && dark(x - quiet, y - quiet) ? ink : paper,
  );
  return enlarge(image, (index % 6) + 1);
}

/** Stripes from fine to coarse, straight or as a zone plate. */
export function stripes(dice: Dice, index: number): FileImage {
  const [width, height] = [dice.int(40, 360), dice.int(40, 360)];
  const [a, b] = dice.chance(0.5) ? [[0], [1]] : [unit(dice.colour(0.25)), unit(dice.colour(0.8))];
  const mix = (t: number) => a.map((value, c) => value + t * (b[c] - value));
  const [period, angle] = [dice.between(2, 12), index % 4 === 0 ? 0 : dice.between(0, Math.PI)];
  if (index % 4 === 3)
    return paint(width, height, (x, y) =>
      mix(0.5 + 0.5 * Math.cos(((x - width / 2) ** 2 + (y - height / 2) ** 2) / (period * 40))),
    );
  const hard = dice.chance(0.5);
  return paint(width, height, (x, y) => {
    const wave = Math.cos((2 * Math.PI * (x * Math.cos(angle) + y * Math.sin(angle))) / period);
    return mix(hard ? Number(wave > 0) : 0.5 + 0.5 * wave);
  });
}

/** Dots of a screen, larger where it is darker. */
export function halftone(dice: Dice, index: number): FileImage {
  const [width, height] = [dice.int(80, 320), dice.int(80, 320)];
  const at = scene(dice, width, height);
  const period = dice.between(3.5, 12);
  const dot = (x: number, y: number, angle: number, ink: number) => {
    const [u, v] = [x * Math.cos(angle) + y * Math.sin(angle), y * Math.cos(angle) - x * Math.sin(angle)];
    const screen = 0.5 + 0.25 * (Math.cos((2 * Math.PI * u) / period) + Math.cos((2 * Math.PI * v) / period));
    return Math.min(1, Math.max(0, 0.5 + (screen - ink) * period * 0.6));
  };
  const angles = [0.26, 1.31, 0];
  return paint(width, height, (x, y) => {
    const colour = at(x, y);
    return index % 2
      ? colour.map((value, c) => dot(x, y, angles[c], 1 - value))
      : [dot(x, y, 0.79, 1 - colour[1])];
  });
}
