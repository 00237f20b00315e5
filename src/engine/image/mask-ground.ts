import { countOf, marks } from './binary-plane.ts';
import { boxAround, cutPlane } from './box.ts';
import { distanceTo } from './distance.ts';
import { neighboursOf } from './marked.ts';

/** A ground: its share of the mask and of the border all round. */
const SHARE = { some: 0.5, most: 0.75, border: 0.75 } as const;
/** It is open: so much of the mask lies farther from what is on it than this share of the shorter side, and these px. */
const OPEN = { share: 0.2, far: 0.04, least: 4 } as const;
/** Strokes, unlike pixels strewn about, have at least two neighbours for this share of their pixels. */
const STROKES = { neighbours: 2, share: 0.5 } as const;
/** A frame around all of it, as of a picture that was put on a page: at most so wide, by the shorter side, and these px. */
const FRAME = { share: 0.05, least: 2 } as const;

/**
 * Whether what a mask covers looks like the ground that strokes were drawn on rather than like the strokes: 'yes',
 * 'no', or 'perhaps', also within a frame. A few known pixels strewn over an area to fill are no strokes.
 *
 * @param cover [height, width] 0 … 1.
 */
export function looksLikeGround(
  cover: Float32Array,
  width: number,
  height: number,
): 'yes' | 'no' | 'perhaps' {
  const inner = boxAround(
    marks(cover, (c) => c >= 0.5),
    width,
    height,
  );
  if (!inner) return 'no';
  const frame = Math.max(width - inner.width, height - inner.height) / 2;
  if (frame === 0 || frame > Math.max(FRAME.least, FRAME.share * Math.min(width, height)))
    return looksOpen(cover, width, height);
  return looksOpen(cutPlane(cover, width, inner), inner.width, inner.height) === 'no' ? 'no' : 'perhaps';
}

function looksOpen(cover: Float32Array, width: number, height: number): 'yes' | 'no' | 'perhaps' {
  const strokes = marks(cover, (c) => c < 0.5);
  const share = 1 - strokes.reduce((sum, set) => sum + set, 0) / strokes.length;
  if (share <= SHARE.some || share === 1 || borderShare(cover, width, height) < SHARE.border) return 'no';
  const far = Math.max(OPEN.least, OPEN.far * Math.min(width, height));
  const open = countOf(distanceTo(strokes, width, height), (d) => d > far) / cover.length;
  if (open < OPEN.share || !areStrokes(strokes, width, height)) return 'no';
  return share >= SHARE.most ? 'yes' : 'perhaps';
}

function borderShare(cover: Float32Array, width: number, height: number): number {
  let [covered, count] = [0, 0];
  for (let i = 0; i < cover.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    if (x > 0 && y > 0 && x < width - 1 && y < height - 1) continue;
    count++;
    if (cover[i] >= 0.5) covered++;
  }
  return covered / count;
}

function areStrokes(set: Uint8Array, width: number, height: number): boolean {
  let [joined, count] = [0, 0];
  for (let i = 0; i < set.length; i++) {
    if (!set[i]) continue;
    count++;
    if (neighboursOf(i, width, height).filter((j) => set[j]).length >= STROKES.neighbours) joined++;
  }
  return joined >= STROKES.share * count;
}
