import { describe, expect, it } from 'vitest';
import {
  apply,
  compose,
  IDENTITY,
  invert,
  layerToImage,
  layerToTiles,
  type PaintGeometry,
  pageToImage,
  scaledPaint,
  tileTransform,
} from '../../src/plugin/geometry.ts';
import { flattenPath, maskBounds, parsePath } from '../../src/plugin/paths.ts';
import { TILE_OVERLAP, tileGrid } from '../../src/wire/tiles.ts';

const layer = { width: 200, height: 100 };
const image = { width: 64, height: 64 };
const near = (actual: readonly number[], expected: readonly number[]) =>
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 9);
  });

describe('layerToImage', () => {
  it('covers the layer with FILL and centres what is cut off', () => {
    const matrix = layerToImage({ scaleMode: 'FILL' }, layer, image);
    near(apply(matrix, 0, 0), [0, 16]); // 200 px for 64: the 100 px high layer shows rows 16 … 48
    near(apply(matrix, 200, 100), [64, 48]);
  });

  it('shows the whole image with FIT', () => {
    const matrix = layerToImage({ scaleMode: 'FIT' }, layer, image);
    near(apply(matrix, 50, 0), [0, 0]);
    near(apply(matrix, 150, 100), [64, 64]);
  });

  it('takes CROP from imageTransform alone', () => {
    const imageTransform = [
      [0.5, 0, 0.25],
      [0, -1, 1],
    ] as const;
    const matrix = layerToImage({ scaleMode: 'CROP', imageTransform, rotation: 90 }, layer, image);
    near(apply(matrix, 0, 0), [16, 64]);
    near(apply(matrix, 200, 100), [48, 0]);
  });

  it.each([
    [90, [0, 32]], // the top left of a picture turned clockwise is its bottom left
    [180, [40, 32]],
    [270, [40, 0]],
    [-90, [40, 0]],
    [450, [0, 32]],
  ])('turns the picture by %i degrees clockwise', (rotation, corner) => {
    const turned = rotation === 180 ? { width: 40, height: 32 } : { width: 32, height: 40 };
    const matrix = layerToImage({ scaleMode: 'FILL', rotation }, turned, { width: 40, height: 32 });
    near(apply(matrix, 0, 0), corner);
  });

  it('refuses a tiled paint', () => {
    expect(() => layerToImage({ scaleMode: 'TILE' }, layer, image)).toThrow(RangeError);
  });
});

describe('tiles', () => {
  it('repeats from the top left corner, once for every touched tile', () => {
    const paint: PaintGeometry = { scaleMode: 'TILE', scalingFactor: 0.5 };
    const matrices = layerToTiles(paint, image, { x: 30, y: 0, width: 4, height: 10 });
    expect(matrices).toHaveLength(2); // tiles are 32 px: one left and one right of x = 32
    near(apply(matrices[1]!, 34, 5), [4, 10]);
  });

  it('names the number when the area repeats too often', () => {
    const paint: PaintGeometry = { scaleMode: 'TILE', scalingFactor: 0.01 };
    expect(() => layerToTiles(paint, image, { x: 0, y: 0, ...layer })).toThrow(/repeats 49\d\d\d times/);
  });

  it('scales only what is not in unit space', () => {
    expect(scaledPaint({ scaleMode: 'TILE', scalingFactor: 0.5 }, 4).scalingFactor).toBe(0.125);
    const fill = { scaleMode: 'FILL', rotation: 90 } as const;
    expect(scaledPaint(fill, 4)).toEqual(fill);
  });

  it('cuts a large result without gaps, all pieces within the limit', () => {
    for (const [width, height] of [
      [4096, 10],
      [4097, 8200],
      [16384, 5000],
    ] as const) {
      const tiles = tileGrid({ width, height }, 4096);
      const covered = new Uint8Array(width);
      for (const tile of tiles.filter(({ y }) => y === 0)) covered.fill(1, tile.x, tile.x + tile.width);
      expect(covered.every((seen) => seen === 1)).toBe(true);
      for (const tile of tiles) {
        expect(Math.max(tile.width, tile.height)).toBeLessThanOrEqual(4096);
        expect(Math.min(tile.width, tile.height)).toBeGreaterThan(0);
      }
      const right = tiles.find(({ x, y }) => x > 0 && y === 0);
      if (right) expect(tiles[0]!.x + tiles[0]!.width - right.x).toBe(TILE_OVERLAP);
      expect(Math.max(...tiles.map(({ x, width: w }) => x + w))).toBe(width);
      expect(Math.max(...tiles.map(({ y, height: h }) => y + h))).toBe(height);
    }
  });

  it('shows a tile where the whole picture showed the same pixels', () => {
    const paint: PaintGeometry = { scaleMode: 'FILL', rotation: 270 };
    const result = { width: 256, height: 256 };
    const tile = { x: 100, y: 30, width: 156, height: 90 };
    const crop: PaintGeometry = {
      scaleMode: 'CROP',
      imageTransform: tileTransform(paint, layer, image, result, tile),
    };
    const [x, y] = apply(layerToImage(paint, layer, image), 77, 31);
    near(apply(layerToImage(crop, layer, tile), 77, 31), [x * 4 - tile.x, y * 4 - tile.y]);
  });
});

describe('page to image', () => {
  it('undoes the layer transform first', () => {
    const layerToPage = [0, 1, -1, 0, 300, 40] as const; // turned by 90 degrees
    const [matrix] = pageToImage({ scaleMode: 'FIT' }, layer, image, layerToPage, {
      x: 0,
      y: 0,
      width: 1,
      height: 1,
    });
    near(apply(matrix!, 300, 90), [0, 0]); // layer (50, 0)
  });

  it('inverts exactly and refuses a flattened layer', () => {
    const matrix = [0.3, 1.2, -2, 0.1, 5, -7] as const;
    near(compose(matrix, invert(matrix)), IDENTITY);
    expect(() => invert([1, 2, 2, 4, 0, 0])).toThrow(RangeError);
  });
});

describe('paths', () => {
  it('reads what Figma writes, exponents included', () => {
    expect(parsePath('M 1.5e-7 -2 C 1 2 3 4 5 6 Q0 0,1 1 Z').map(({ command }) => command)).toEqual([
      'M',
      'C',
      'Q',
      'Z',
    ]);
    expect(() => parsePath('M 0 0 A 1 1 0 0 0 2 2')).toThrow(/received "A"/);
    expect(() => parsePath('M 0')).toThrow(RangeError);
  });

  it('keeps a flattened circle within the tolerance', () => {
    const k = 0.5522847498;
    const circle = `M 1 0 C 1 ${k} ${k} 1 0 1 C ${-k} 1 -1 ${k} -1 0 C -1 ${-k} ${-k} -1 0 -1 C ${k} -1 1 ${-k} 1 0 Z`;
    const [polygon] = flattenPath(circle, [500, 0, 0, 500, 0, 0], 0.05);
    for (let i = 1; i < polygon!.length; i++) {
      const [p, q] = [polygon![i - 1]!, polygon![i]!];
      const radius = Math.hypot((p[0] + q[0]) / 2, (p[1] + q[1]) / 2);
      expect(Math.abs(radius - 500)).toBeLessThan(0.05 + 500 * 2.8e-4); // the Bézier circle is itself off by 2.7e-4
    }
    const bounds = maskBounds({
      kind: 'paths',
      nodeId: '1:2',
      paths: [{ data: circle, rule: 'nonzero' }],
      matrices: [[2, 0, 0, 3, 10, 0]],
    });
    expect(bounds!.width).toBeCloseTo(4, 6);
    expect(bounds!.height).toBeCloseTo(6, 6);
  });
});
