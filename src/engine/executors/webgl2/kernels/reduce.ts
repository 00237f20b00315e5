/** The first half of every sum over an image: blocks of texels, one fragment a block and channel group. */
import type { Builder, ImageOperand } from '../builder.ts';
import type { Quad, Surface } from '../draw.ts';
import type { ImageLayout } from '../layout.ts';
import { cellPixels, isRagged } from './view.ts';

export interface BlockGrid {
  /** Side of a block in texels. */
  readonly edge: number;
  readonly across: number;
  readonly count: number;
}

/** The second half is one loop over the blocks, so there are at most 256 of them. */
export function blockGrid({ tileWidth, tileHeight }: ImageLayout): BlockGrid {
  for (let edge = 8; ; edge *= 2) {
    const across = Math.ceil(tileWidth / edge);
    const count = across * Math.ceil(tileHeight / edge);
    if (count <= 256) return { edge, across, count };
  }
}

interface BlockSums {
  readonly label: string;
  readonly code: string;
  readonly textures: Readonly<Record<string, Surface>>;
  readonly ints: Readonly<Record<string, Quad>>;
  readonly floats?: Readonly<Record<string, Quad>>;
  readonly layers: number;
}

/** Draws the sums of each block into texel (block, group) of the returned texture. */
export function drawBlocks(
  b: Builder,
  { layout, groups }: ImageOperand,
  grid: BlockGrid,
  sums: BlockSums,
): Surface {
  const { width, height, tileWidth, tileHeight } = layout;
  const surface = b.scratch(grid.count, groups.length, sums.layers);
  b.draws.push({
    ...sums,
    ints: {
      ...sums.ints,
      BLOCK: [grid.edge, grid.across, tileWidth, tileHeight],
      SIZE: [width, height, 0, 0],
    },
    target: [surface],
    rects: [[0, 0, grid.count, groups.length]],
    work: grid.edge ** 2 * b.cell.pixels * 8,
  });
  return surface;
}

/** GLSL at the start of such a draw: group g, and the texels [first, end) of the block. */
export const BLOCKS = `ivec2 f = ivec2(gl_FragCoord.xy);
  int g = f.y;
  ivec2 first = ivec2(f.x % BLOCK.y, f.x / BLOCK.y) * BLOCK.x;
  ivec2 end = min(first + BLOCK.x, BLOCK.zw);`;

/** GLSL: `statement(layer)` for each pixel (tx, ty, layer) of the block that lies in the image. */
export function blockLoop(layout: ImageLayout, statement: (layer: number) => string): string {
  const ragged = isRagged(layout);
  const lines = cellPixels(layout.cell).map(({ i, px, py }) => {
    const inside = ragged ? `if (tx * CW + ${px} < SIZE.x && ty * CH + ${py} < SIZE.y) ` : '';
    return `${inside}{ ${statement(i)} }`;
  });
  return `for (int ty = first.y; ty < end.y; ty++) for (int tx = first.x; tx < end.x; tx++) {
    ${lines.join('\n    ')}
  }`;
}
