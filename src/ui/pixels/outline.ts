import type { FillArea } from './mask.ts';

/** Above this many corners the outline is left out: it would cost more to draw than it tells. */
const MAX_CORNERS = 30_000;

/** Directions of travel along pixel edges, the area on the right hand: east, south, west, north. */
const STEP_X = [1, 0, -1, 0] as const;
const STEP_Y = [0, 1, 0, -1] as const;

/** The area's border as closed polygons along pixel edges, corners only: x0, y0, x1, y1, … */
export function traceOutlines({ weight, width, height, count, box }: FillArea): Int16Array[] {
  if (count === 0) return [];
  const inside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && weight[y * width + x]! > 127;
  const seen = new Uint8Array(width * height);
  const outlines: Int16Array[] = [];
  let corners = 0;
  for (let y = box.y; y < box.y + box.height; y++)
    for (let x = box.x; x < box.x + box.width; x++) {
      if (!inside(x, y) || inside(x, y - 1) || seen[y * width + x]) continue;
      const outline = follow(x, y, inside, (px, py) => {
        seen[py * width + px] = 1;
      });
      corners += outline.length / 2;
      if (corners > MAX_CORNERS) return [];
      outlines.push(Int16Array.from(outline));
    }
  return outlines;
}

/** Walks once around from the top edge of pixel (x, y); reports the pixels whose top edge it passes. */
function follow(
  x: number,
  y: number,
  inside: (x: number, y: number) => boolean,
  passTop: (x: number, y: number) => void,
): number[] {
  const corners: number[] = [];
  const [startX, startY] = [x, y];
  let heading = 0;
  do {
    if (heading === 0) passTop(x, y);
    x += STEP_X[heading]!;
    y += STEP_Y[heading]!;
    const next = turn(x, y, heading, inside);
    if (next !== heading) corners.push(x, y);
    heading = next;
  } while (x !== startX || y !== startY || heading !== 0);
  return corners;
}

/** At a corner: left where the area goes on there, straight on along it, else right. */
function turn(x: number, y: number, heading: number, inside: (x: number, y: number) => boolean): number {
  const right = (heading + 1) % 4;
  const aheadX = x + (STEP_X[heading]! - 1) / 2;
  const aheadY = y + (STEP_Y[heading]! - 1) / 2;
  const ahead = (side: number) =>
    inside(
      Math.round(aheadX + (side * STEP_X[right]!) / 2),
      Math.round(aheadY + (side * STEP_Y[right]!) / 2),
    );
  if (ahead(-1)) return (heading + 3) % 4;
  return ahead(1) ? heading : right;
}
