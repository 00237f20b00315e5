import type { PlanarImage } from '../options.ts';
import { quantile, spreadOf } from '../quantile.ts';
import { marks, rarerOf } from './binary-plane.ts';
import { distanceTo } from './distance.ts';

/**
 * What covers a picture ends in a step all along: all but a tenth of the jumps from one side to the other are as large as `least`, and
 * `share` of them are more than `faint` above `times` what changes beside them. What the picture is like there `varies`, unlike a drawing's paper, and
 * at most `frame` of the frame is covered, and `side` of each of its sides, unlike by a sky. Chosen on 5 stains, 5 strokes and 100
 * cuts at a tone.
 */
const STEP = {
  least: 0.12,
  faint: 0.05,
  times: 1.5,
  share: 0.5,
  varies: 0.02,
  frame: 0.4,
  side: 0.75,
} as const;

/** It may be marked so far around, px, and so much of its rim may be a mixture on either side. */
const INSETS = [0, 1, 2] as const;
const SOFTNESS = [0, 2] as const;

/** Whether what a drawing of two colours marks is opaque and lies on the picture, which shows around it; `isLight`: 0 or 1. */
export function isLaidOn(picture: PlanarImage, isLight: Uint8Array): boolean {
  const { width, height } = picture;
  const rare = rarerOf(isLight);
  if (isAlongFrame(isLight, rare, width)) return false;
  const outside = isLight.map((set) => (set === rare ? 0 : 1));
  const depth = distanceTo(outside, width, height);
  return INSETS.some((inset) => {
    const set = marks(depth, (d) => d > inset);
    return SOFTNESS.some((soft) => endsInStep(picture, set, soft));
  });
}

function endsInStep({ planes, width, height }: PlanarImage, set: Uint8Array, soft: number): boolean {
  const colours = planes.slice(0, planes.length < 3 ? 1 : 3);
  const apart = (i: number, j: number) => Math.max(...colours.map((plane) => Math.abs(plane[i] - plane[j])));
  const [jumps, outside]: [number[], number[]] = [[], []];
  const far = 1 + 2 * soft;
  let sharp = 0;
  const look = (i: number, by: number, from: number, size: number) => {
    if (from < far || from + 1 + far >= size) return;
    const [one, other] = [i - soft * by, i + (1 + soft) * by];
    const jump = apart(one, other);
    jumps.push(jump);
    outside.push(set[i] ? i + by : i);
    const beside = Math.max(apart(i - far * by, one), apart(other, i + (1 + far) * by));
    if (jump > STEP.faint + STEP.times * beside) sharp++;
  };
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (set[i] !== set[i + 1]) look(i, 1, x, width);
      if (set[i] !== set[i + width]) look(i, width, y, height);
    }
  if (jumps.length === 0 || sharp < STEP.share * jumps.length) return false;
  if (quantile(Float32Array.from(jumps), 0.1) < STEP.least) return false;
  return colours.some((plane) => spreadOf(Float32Array.from(outside, (i) => plane[i])) >= STEP.varies);
}

function isAlongFrame(isLight: Uint8Array, rare: number, width: number): boolean {
  const height = isLight.length / width;
  const sides = [0, 0, 0, 0]; // pixels of the rarer colour: left, right, above, below
  for (let i = 0; i < isLight.length; i++) {
    if (isLight[i] !== rare) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [x === 0, x === width - 1, y === 0, y === height - 1].forEach((is, side) => {
      if (is) sides[side]++;
    });
  }
  const all = sides.reduce((sum, count) => sum + count, 0);
  const isWhole = sides.some((count, side) => count > STEP.side * (side < 2 ? height : width));
  return isWhole || all > STEP.frame * 2 * (width + height);
}
