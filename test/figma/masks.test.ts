import { describe, expect, it } from 'vitest';
import type { NodeSpec } from '../../figma-double/state.ts';
import type { MaskShape } from '../../src/wire/pictures.ts';
import { encoded, imageFill, RED, rasterise, turned } from './client.ts';
import { client, hash, sandbox, useDocument } from './document.ts';
import { coordinateImage, encode, type Pixels } from './render.ts';

const SIZE = { width: 64, height: 48 };
useDocument();

/** An image shown 1:1 at (100, 50), so that a mask's page position tells its pixels. */
const image = (more: Partial<NodeSpec> = {}): NodeSpec => ({
  type: 'RECTANGLE',
  id: '9:1',
  ...SIZE,
  relativeTransform: turned(0, 100, 50),
  fills: [imageFill(hash)],
  ...more,
});
const box = (id: string, x: number, y: number, width: number, height: number, more = {}): NodeSpec => ({
  type: 'RECTANGLE',
  id,
  width,
  height,
  relativeTransform: turned(0, x, y),
  fills: [RED],
  ...more,
});

async function area(
  specs: NodeSpec[],
  maskIds: string[],
): Promise<{ coverage: Uint8Array; masks: readonly MaskShape[] }> {
  sandbox.scene(specs);
  await client.open('fill', ['9:1', ...maskIds]);
  const { masks } = await client.source('9:1', maskIds);
  return { masks, coverage: await rasterise(masks, SIZE) };
}

/** Coverage must be full inside, none outside; the edge between may be anything. */
function expectArea(coverage: Uint8Array, inside: (x: number, y: number) => number): void {
  const wrong: string[] = [];
  for (let y = 0; y < SIZE.height; y++)
    for (let x = 0; x < SIZE.width; x++) {
      const distance = inside(x + 0.5, y + 0.5); // > 0 inside, in pixels from the edge
      const value = coverage[y * SIZE.width + x]!;
      if ((distance > 1.2 && value < 250) || (distance < -1.2 && value > 5))
        wrong.push(`(${x}, ${y}) is ${value} at ${distance.toFixed(2)} px`);
    }
  expect(wrong).toEqual([]);
  expect(coverage.some((value) => value > 250)).toBe(true);
}

const inBox = (x: number, y: number, l: number, t: number, r: number, b: number) =>
  Math.min(x - l, r - x, y - t, b - y);

describe('outlines of mask layers', () => {
  it('a rectangle, partly outside of the image', async () => {
    const { coverage, masks } = await area([image(), box('9:2', 90, 60, 30, 10)], ['9:2']);
    expect(masks).toMatchObject([{ kind: 'paths', nodeId: '9:2' }]);
    expectArea(coverage, (x, y) => inBox(x, y, -10, 10, 20, 20));
  });

  it('an ellipse', async () => {
    const ellipse = box('9:2', 110, 60, 40, 30, { type: 'ELLIPSE' });
    const { coverage } = await area([image(), ellipse], ['9:2']);
    expectArea(coverage, (x, y) => (1 - Math.hypot((x - 30) / 20, (y - 25) / 15)) * 15);
  });

  it('several layers unite', async () => {
    const { coverage } = await area(
      [image(), box('9:2', 100, 50, 20, 20), box('9:3', 110, 60, 20, 20)],
      ['9:2', '9:3'],
    );
    expectArea(coverage, (x, y) => Math.max(inBox(x, y, 0, 0, 20, 20), inBox(x, y, 10, 10, 30, 30)));
  });

  it('both winding rules: a hole stays a hole', async () => {
    const ring = 'M 0 0 L 40 0 L 40 40 L 0 40 Z M 10 10 L 30 10 L 30 30 L 10 30 Z';
    const at = (windingRule: string) => [
      box('9:2', 104, 54, 40, 40, { type: 'VECTOR', vectorPaths: [{ windingRule, data: ring }] }),
    ];
    const even = await area([image(), ...at('EVENODD')], ['9:2']);
    expectArea(even.coverage, (x, y) => Math.min(inBox(x, y, 4, 4, 44, 44), -inBox(x, y, 14, 14, 34, 34)));
    sandbox.call('edit', '9:2', { vectorPaths: [{ windingRule: 'NONZERO', data: ring }] });
    const { masks } = await client.source('9:1', ['9:2']);
    expectArea(await rasterise(masks, SIZE), (x, y) => inBox(x, y, 4, 4, 44, 44));
  });

  it('an open scribble marks its stroke', async () => {
    const scribble = box('9:2', 110, 60, 40, 1, {
      type: 'VECTOR',
      fills: [],
      strokes: [RED],
      strokeWeight: 8,
      vectorPaths: [{ windingRule: 'NONE', data: 'M 0 0 L 40 0' }],
    });
    const { coverage } = await area([image(), scribble], ['9:2']);
    expectArea(coverage, (x, y) => inBox(x, y, 10, 6, 50, 14));
  });

  it('a closed outline without a fill marks what it encloses', async () => {
    const lasso = box('9:2', 110, 60, 20, 20, {
      type: 'VECTOR',
      fills: [],
      strokes: [RED],
      strokeWeight: 2,
      vectorPaths: [{ windingRule: 'NONZERO', data: 'M 0 0 L 20 0 L 20 20 L 0 20 Z' }],
    });
    const { coverage } = await area([image(), lasso], ['9:2']);
    expectArea(coverage, (x, y) => inBox(x, y, 9.5, 9.5, 30.5, 30.5));
  });

  it('text by its letters, not by its box', async () => {
    const text = box('9:2', 100, 50, 60, 40, { type: 'TEXT', characters: 'OLI' });
    const { coverage } = await area([image(), text], ['9:2']);
    expect(coverage[24 * 64 + 30]).toBe(255); // in the L's block
    expect(coverage[24 * 64 + 10]).toBe(0); // in the O's hole
    expect(coverage[24 * 64 + 20]).toBe(0); // between letters
  });

  it('a boolean operation', async () => {
    const difference = {
      type: 'BOOLEAN_OPERATION',
      id: '9:2',
      booleanOperation: 'EXCLUDE',
      fills: [RED],
      children: [box('9:3', 110, 60, 30, 20), box('9:4', 120, 65, 10, 10)],
    };
    const { coverage } = await area([image(), difference], ['9:2']);
    expectArea(coverage, (x, y) => Math.min(inBox(x, y, 10, 10, 40, 30), -inBox(x, y, 20, 15, 30, 25)));
  });

  it('groups and frames by what is visible in them', async () => {
    const frame = {
      type: 'FRAME',
      id: '9:2',
      width: 30,
      height: 30,
      clipsContent: false,
      fills: [],
      relativeTransform: turned(0, 105, 55),
      children: [box('9:3', 5, 5, 10, 10), box('9:4', 0, 20, 10, 10, { visible: false })],
    };
    const group = { type: 'GROUP', id: '9:5', children: [frame, box('9:6', 140, 80, 10, 10)] };
    const { coverage, masks } = await area([image(), group], ['9:5']);
    expect(masks.every(({ kind }) => kind === 'paths')).toBe(true);
    expectArea(coverage, (x, y) => Math.max(inBox(x, y, 10, 10, 20, 20), inBox(x, y, 40, 30, 50, 40)));
  });

  it('nested rotations and a flip', async () => {
    const inner = box('9:3', 0, 0, 16, 10, { relativeTransform: turned(30, 20, 10, -1) });
    const frame = {
      type: 'FRAME',
      id: '9:2',
      width: 50,
      height: 40,
      fills: [],
      clipsContent: false,
      relativeTransform: turned(-50, 125, 60),
      children: [inner],
    };
    const { coverage } = await area([image(), frame], ['9:2']);
    const pixels = await drawn('9:2');
    let differing = 0;
    coverage.forEach((value, i) => {
      if (Math.abs(value - pixels.data[i * 4 + 3]!) > 96) differing++;
    });
    expect(differing).toBe(0);
  });
});

/** What the renderer draws of one layer where the image lies. */
function drawn(id: string): Promise<Pixels> {
  return sandbox.renderer.pixels(sandbox.picture(id), { x: 100, y: 50, ...SIZE }, 1);
}

describe('rendered mask layers', () => {
  const close = async (coverage: Uint8Array, id: string) => {
    const pixels = await drawn(id);
    let worst = 0;
    coverage.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - pixels.data[i * 4 + 3]!));
    });
    expect(worst).toBeLessThan(140); // resampling an edge; half a pixel off would reach 255 somewhere
    expect(coverage.some((value) => value > 200)).toBe(true);
    return pixels;
  };

  it('a picture by its alpha', async () => {
    const data = new Uint8Array(20 * 20 * 4);
    for (let i = 0; i < 400; i++) data.set([0, 0, 0, i % 20 < 10 ? 255 : 0], i * 4);
    const stencil = sandbox.addImage(await encode({ data, width: 20, height: 20 }));
    const layer = box('9:2', 110, 60, 20, 20, { name: 'mask', fills: [imageFill(stencil)] });
    const { coverage, masks } = await area([image(), layer], ['9:2']);
    expect(masks).toMatchObject([{ kind: 'raster', nodeId: '9:2' }]);
    expectArea(coverage, (x, y) => inBox(x, y, 10, 10, 20, 30));
  });

  it.each(['ALPHA', 'VECTOR', 'LUMINANCE'])('a Figma mask group of type %s', async (maskType) => {
    const white = { type: 'SOLID', color: { r: 1, g: 1, b: 1 } };
    const stencil = box('9:3', 110, 60, 20, 20, { type: 'ELLIPSE', isMask: true, maskType, fills: [white] });
    const group = { type: 'GROUP', id: '9:2', children: [stencil, box('9:4', 112, 55, 40, 30)] };
    const { coverage, masks } = await area([image(), group], ['9:2']);
    expect(masks).toMatchObject([{ kind: 'raster' }]);
    await close(coverage, '9:2');
    expect(coverage[20 * 64 + 40]).toBe(0); // in the rectangle, outside of the mask
  });

  it('a blurred brush keeps its soft edge', async () => {
    const brush = box('9:2', 115, 60, 20, 20, {
      effects: [{ type: 'LAYER_BLUR', radius: 6, visible: true }],
    });
    const { coverage, masks } = await area([image(), brush], ['9:2']);
    expect(masks).toMatchObject([{ kind: 'raster' }]);
    expect(coverage.some((value) => value > 60 && value < 190)).toBe(true);
  });

  it('a frame that clips its content, rotated', async () => {
    const frame = {
      type: 'FRAME',
      id: '9:2',
      width: 20,
      height: 20,
      fills: [],
      clipsContent: true,
      relativeTransform: turned(-20, 125, 60),
      children: [box('9:3', 10, 10, 40, 40)],
    };
    const { coverage, masks } = await area([image(), frame], ['9:2']);
    expect(masks).toMatchObject([{ kind: 'raster' }]);
    const pixels = await close(coverage, '9:2');
    const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
    const expected = sum(pixels.data.filter((_, i) => i % 4 === 3));
    expect(Math.abs(sum(coverage) / expected - 1)).toBeLessThan(0.06);
  });

  it('a frame that clips content whose sides have strokes of their own', async () => {
    const child = { strokes: [RED], strokeWeight: '$mixed', strokeTopWeight: 4, strokeLeftWeight: 0 };
    const frame = { type: 'FRAME', id: '9:2', width: 20, height: 20, fills: [], clipsContent: true };
    const children = [box('9:3', 2, 2, 10, 10, child)];
    const { masks } = await area(
      [image(), { ...frame, relativeTransform: turned(0, 115, 65), children }],
      ['9:2'],
    );
    expect(masks).toMatchObject([{ kind: 'raster' }]);
  });

  it('an outside stroke', async () => {
    const outlined = box('9:2', 115, 65, 20, 20, { strokes: [RED], strokeWeight: 6, strokeAlign: 'OUTSIDE' });
    const { masks } = await area([image(), outlined], ['9:2']);
    expect(masks).toMatchObject([{ kind: 'raster' }]);
  });
});

describe('the image under the mask', () => {
  it('repeats: the mask is drawn into every repetition it touches', async () => {
    const tiled = image({
      width: 128,
      height: 96,
      fills: [imageFill(hash, { scaleMode: 'TILE', scalingFactor: 0.5 })],
    });
    const { coverage, masks } = await area(
      [tiled, box('9:2', 100, 50, 16, 24), box('9:3', 180, 50, 16, 6)],
      ['9:2', '9:3'],
    );
    expect(masks.map(({ matrices }) => matrices.length)).toEqual([1, 1]);
    // 9:3 lies at 80 … 96 of tiles 32 wide: pixels 32 … 64 of the image.
    expectArea(coverage, (x, y) => Math.max(inBox(x, y, 0, 0, 32, 48), inBox(x, y, 32, 0, 64, 12)));
  });

  it('tells which part of the file the layer shows, and through which filters', async () => {
    const fills = [imageFill(hash, { filters: { exposure: 0.3, contrast: 0, tint: -1 } })];
    sandbox.scene([image({ width: 64, height: 24, fills })]);
    await client.open('restore', ['9:1']);
    const { shown, filters } = await client.source('9:1');
    expect(filters).toEqual({ exposure: 0.3, tint: -1 });
    // Of the 48 rows of the file those from 12 to 36.
    expect(shown).toEqual({ width: 64, height: 24, matrix: [1, 0, 0, 1, 0, -12] });
  });
});

describe('masks that mark nothing', () => {
  it.each([
    [
      'an empty vector',
      box('9:2', 110, 60, 10, 10, { type: 'VECTOR', fills: [], vectorPaths: [] }),
      'empty-mask',
    ],
    ['a mask beside the image', box('9:2', 400, 60, 10, 10), 'mask-outside'],
  ])('%s', async (_, layer, code) => {
    sandbox.scene([image(), layer]);
    await client.open('fill', ['9:1']);
    expect(await client.read('9:1', ['9:2'])).toMatchObject({ type: 'failed', problem: { code } });
  });

  it('a mask deleted meanwhile', async () => {
    sandbox.scene([image(), box('9:2', 110, 60, 10, 10)]);
    await client.open('fill', ['9:1', '9:2']);
    sandbox.call('remove', '9:2');
    expect(await client.read('9:1', ['9:2'])).toMatchObject({
      type: 'failed',
      problem: { code: 'empty-mask' },
    });
  });

  it('cancelling ends a reading', async () => {
    sandbox.scene([image(), box('9:2', 110, 60, 10, 10)]);
    await client.open('fill', ['9:1', '9:2']);
    sandbox.send({ type: 'read', request: 77, nodeId: '9:1', fillIndex: 0, maskIds: ['9:2'] });
    sandbox.send({ type: 'cancel', request: 77 });
    expect(await client.answer(77)).toMatchObject({ type: 'failed', problem: { code: 'cancelled' } });
  });

  it('does not touch the document', async () => {
    sandbox.scene([image(), box('9:2', 110, 60, 10, 10)]);
    const before = sandbox.snapshot();
    await client.open('fill', ['9:1', '9:2']);
    await client.source('9:1', ['9:2']);
    await encoded(coordinateImage(2, 2));
    expect(sandbox.snapshot()).toBe(before);
  });
});
