import type { PlanarImage } from '../../src/engine/options.ts';

const [width, height] = [72, 56];
const PAPER = [0.98, 0.97, 0.95];
const INK = [0.45, 0.2, 0.5];

/** Ink where it says so, antialiased, on paper, 72 × 56 px. */
export function drawing(isInk: (x: number, y: number) => boolean): PlanarImage {
  const fine = 4;
  const cover = Float32Array.from({ length: width * height }, (_, i) => {
    let count = 0;
    for (let s = 0; s < fine * fine; s++)
      if (
        isInk(
          (i % width) + ((s % fine) + 0.5) / fine,
          Math.floor(i / width) + (Math.floor(s / fine) + 0.5) / fine,
        )
      )
        count++;
    return count / fine ** 2;
  });
  const planes = PAPER.map((paper, c) => cover.map((share) => paper + share * (INK[c] - paper)));
  return { planes, width, height };
}
