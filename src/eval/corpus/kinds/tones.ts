import type { FileImage } from '../../../node/image-file.ts';
import type { Dice } from '../dice.ts';
import { paint, type Samples } from '../draw.ts';

const tint = (dice: Dice, lightness: number) => dice.colour(lightness).map((value) => value / 255);

/** Linear, radial, banded, with alpha; grey or colour, 8 or 16 bit. */
export function gradient(dice: Dice, index: number): FileImage {
  const [width, height] = [dice.int(16, 400), dice.int(16, 300)];
  const grey = dice.chance(0.3);
  const [a, b] = [0.2, 0.85].map((lightness) => (grey ? [lightness] : tint(dice, lightness)));
  const [angle, bands] = [dice.between(0, 2 * Math.PI), dice.int(4, 40)];
  const [cx, cy] = [dice.between(0.2, 0.8) * width, dice.between(0.2, 0.8) * height];
  const along = (x: number, y: number) => {
    if (index % 4 === 1) return Math.min(1, Math.hypot(x - cx, y - cy) / (0.7 * Math.max(width, height)));
    const t = ((x / width - 0.5) * Math.cos(angle) + (y / height - 0.5) * Math.sin(angle)) / 1.42 + 0.5;
    return index % 4 === 2 ? Math.floor(t * bands) / bands : t;
  };
  const transparent = index % 4 === 3;
  const bits = dice.chance(0.3) ? 16 : 8;
  return paint(
    width,
    height,
    (x, y): Samples => {
      const t = along(x, y);
      const colour = a.map((value, c) => value + t * (b[c] - value));
      if (!transparent) return colour;
      return [...(grey ? [colour[0], colour[0], colour[0]] : colour), 1 - t];
    },
    bits,
  );
}

/** One colour, or a few flat fields. */
export function flat(dice: Dice, index: number): FileImage {
  const [width, height] = [dice.pick([16, 17, 40, 200, 333]), dice.pick([16, 19, 64, 128, 257])];
  const fields = dice.times(index % 3 === 0 ? 1 : 5, () => tint(dice, dice.next()));
  const [w, h] = [dice.int(5, width), dice.int(5, height)];
  return paint(width, height, (x, y) => fields[(Math.floor(x / w) + 2 * Math.floor(y / h)) % fields.length]);
}

/** Stars, snow or sparks: single bright pixels and small blooms that belong to the picture. */
export function sky(dice: Dice, index: number): FileImage {
  const [width, height] = [dice.int(64, 420), dice.int(64, 420)];
  const [top, bottom] = index % 2 ? [tint(dice, 0.05), tint(dice, 0.18)] : [tint(dice, 0.3), tint(dice, 0.6)];
  const light = new Float32Array(width * height);
  const density = dice.pick([0.001, 0.004, 0.012]);
  for (let k = 0; k < density * width * height; k++) {
    const [cx, cy] = [dice.between(0, width), dice.between(0, height)];
    const [strength, radius] = [dice.between(0.25, 1), dice.pick([0, 0, 0.6, 0.8, 1.4])];
    if (radius === 0) light[Math.floor(cy) * width + Math.floor(cx)] = strength;
    else
      for (let y = Math.max(0, Math.floor(cy - 5)); y < Math.min(height, cy + 5); y++)
        for (let x = Math.max(0, Math.floor(cx - 5)); x < Math.min(width, cx + 5); x++)
          light[y * width + x] += strength * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * radius ** 2));
  }
  return paint(width, height, (x, y) => {
    const [t, glow] = [y / height, light[y * width + x]];
    return top.map((value, c) => {
      const ground = value + t * (bottom[c] - value);
      return ground + Math.min(1, glow) * (1 - ground);
    });
  });
}
