import type { Picture } from '../image/picture.ts';

/** A picture with `margin` px of itself mirrored on every side, at most all of it; alpha is left out. */
export function mirrored({ width, height, channels, colour }: Picture, margin: number): Picture {
  const [w, h] = [width + 2 * margin, height + 2 * margin];
  const source = (at: number, side: number) => {
    const back = Math.abs(at - margin + 0.5) - 0.5;
    return Math.max(0, Math.min(side - 1, back < side ? back : 2 * side - 1 - back));
  };
  const columns = Int32Array.from({ length: w }, (_, x) => source(x, width));
  const wide = new Float32Array(channels * w * h);
  for (let row = 0, to = 0; row < channels * h; row++) {
    const from = (Math.floor(row / h) * height + source(row % h, height)) * width;
    for (let x = 0; x < w; x++) wide[to++] = colour[from + columns[x]];
  }
  return { width: w, height: h, channels, colour: wide, alpha: null };
}
