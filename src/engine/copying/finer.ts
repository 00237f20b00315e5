import { placesOf } from '../image/binary-plane.ts';
import type { Pieces } from '../time-slicing.ts';
import { Labelling, type Labels, neighbourOf, type Scene } from './labelling.ts';
import type { Level } from './level.ts';
import { SLOTS } from './max-flow.ts';

/** How far along seams finer levels look, px. */
const BAND = 3;

/** The labels of a level at half the resolution, and along their seams those that fit better. */
export function* finer(scene: Scene, coarse: Labels, stride: number, stopped: () => boolean): Pieces<Labels> {
  const { hole } = scene.level;
  const labels = twice(scene.level, coarse, stride);
  const labelling = new Labelling(scene, labels);
  const moving = new Uint8Array(hole.length);
  for (let i = 0; i < labels.length; i++) {
    if (!hole[i]) continue;
    if (!labelling.isValid(i, labels[i])) [labels[i], moving[i]] = [0, 1];
  }
  yield;
  yield* markSeams(scene.level, labels, moving);
  const band = placesOf(moving);
  yield* labelling.sweep(band, inUse(labels, band), stopped);
  return labels;
}

/** The labels that pixels have, in order. */
export const inUse = (labels: Labels, pixels: readonly number[]): number[] =>
  [...new Set(pixels.map((i) => labels[i]))].sort((a, b) => a - b);

/** Each pixel's label at half the resolution, `stride` px wide. */
export function twice({ width, hole }: Level, coarse: Labels, stride: number): Labels {
  const labels = new Uint8Array(hole.length);
  for (let i = 0; i < labels.length; i++)
    if (hole[i]) labels[i] = coarse[(Math.floor(i / width) >> 1) * stride + ((i % width) >> 1)];
  return labels;
}

/** Marks the hole's pixels within BAND of where labels meet each other or what is known. */
export function* markSeams({ width, height, hole }: Level, labels: Labels, marks: Uint8Array): Pieces<void> {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (!hole[i]) continue;
      let meets = false;
      for (let k = 0; k < SLOTS && !meets; k++) {
        const j = neighbourOf(i, x, y, k, width, height);
        meets = j >= 0 && (!hole[j] || labels[j] !== labels[i]);
      }
      if (!meets) continue;
      for (let v = Math.max(0, y - BAND); v <= Math.min(height - 1, y + BAND); v++)
        for (let u = Math.max(0, x - BAND); u <= Math.min(width - 1, x + BAND); u++)
          marks[v * width + u] |= hole[v * width + u];
    }
    if (y % 64 === 0) yield;
  }
}
