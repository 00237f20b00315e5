import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../../figma-double/wire.ts';
import { isToPlugin, isToUi } from '../../src/wire/messages.ts';
import { DEFAULT_SETTINGS, isSettings } from '../../src/wire/settings.ts';

const write = {
  type: 'write',
  request: 1,
  nodeId: '1:2',
  fillIndex: 0,
  imageHash: 'x',
  task: 'restore',
  place: 'layer',
  image: { width: 1, height: 1, tiles: [{ x: 0, y: 0, width: 1, height: 1, hash: 'y' }] },
  factor: 1,
  hideOriginal: false,
  hideMasks: false,
  answers: {},
};
const source = {
  type: 'source',
  request: 1,
  nodeId: '1:2',
  fillIndex: 0,
  imageHash: 'x',
  bytes: new Uint8Array(2),
  masks: [
    {
      kind: 'paths',
      nodeId: '3',
      paths: [{ data: 'M 0 0 Z', rule: 'nonzero' }],
      matrices: [[1, 0, 0, 1, 0, 0]],
    },
    { kind: 'raster', nodeId: '4', png: new Uint8Array(1), matrices: [] },
  ],
};

/** The same list without its second entry, and as long. */
function holed<T>(list: readonly T[]): T[] {
  const copy = [...list];
  delete copy[1];
  return copy;
}

describe('guards', () => {
  it('take whole messages', () => {
    expect(isToPlugin(write)).toBe(true);
    expect(isToUi(source)).toBe(true);
    expect(isToPlugin({ type: 'ready' })).toBe(true);
    expect(isSettings(DEFAULT_SETTINGS)).toBe(true);
  });

  it.each<[string, object]>([
    ['a request that is no number', { request: '1' }],
    ['a negative fill', { fillIndex: -1 }],
    ['an unknown task', { task: 'paint' }],
    [
      'pixels that are no bytes',
      { image: { ...write.image, tiles: [{ ...write.image.tiles[0], hash: 3 }] } },
    ],
    ['an image without area', { image: { ...write.image, width: 0 } }],
    ['an absurdly wide image', { image: { ...write.image, width: 1e9 } }],
    [
      'a tile larger than Figma takes',
      { image: { ...write.image, tiles: [{ ...write.image.tiles[0], width: 4097 }] } },
    ],
    ['a list of tiles with a hole', { image: { ...write.image, tiles: new Array(1) } }],
    ['a fill between two', { fillIndex: 0.5 }],
    ['a number of request that cannot be counted', { request: 2 ** 53 }],
    ['an answer that is no text', { answers: { 'fill-style': 5 } }],
    ['a factor beyond 8', { factor: 9 }],
    ['a factor that is not finite', { factor: Number.NaN }],
    ['a missing answer list', { answers: undefined }],
    ['a type of the other direction', { type: 'source' }],
    ['a type that every object has', { type: 'toString' }],
  ])('refuse %s', (_, change) => {
    expect(isToPlugin({ ...write, ...change })).toBe(false);
  });

  it.each<[string, object]>([
    ['a matrix with five numbers', { masks: [{ ...source.masks[0], matrices: [[1, 0, 0, 1, 0]] }] }],
    ['an unknown winding rule', { masks: [{ ...source.masks[0], paths: [{ data: '', rule: 'NONZERO' }] }] }],
    ['a matrix with a hole', { masks: [{ ...source.masks[0], matrices: [holed([1, 0, 0, 1, 0, 0])] }] }],
    ['an absurd matrix', { masks: [{ ...source.masks[0], matrices: [[1, 0, 0, 1, 1e300, 0]] }] }],
    ['a list of masks with a hole', { masks: holed(source.masks) }],
    ['a layer without end', { shown: { width: Infinity, height: 1, matrix: [1, 0, 0, 1, 0, 0] } }],
    ['a mask of no kind', { masks: [{ nodeId: '3', matrices: [] }] }],
    ['a file that is a Blob', { bytes: new Blob() }],
  ])('refuse %s', (_, change) => {
    expect(isToUi({ ...source, ...change })).toBe(false);
  });

  it.each([null, undefined, 5, 'ready', [], [{ type: 'ready' }]])('refuse %o', (value) => {
    expect(isToPlugin(value)).toBe(false);
    expect(isToUi(value)).toBe(false);
  });
});

describe("the double's bridge", () => {
  it('passes what Figma passes', () => {
    const value = { a: [1, 'x', true, null], b: new Uint8Array([7]), c: new Date(5), d: { e: Infinity } };
    expect(unpack(pack(value))).toEqual(value);
  });

  class Thing {}
  const cycle: Record<string, unknown> = {};
  cycle.self = { cycle };
  it.each<[string, unknown]>([
    ['a Map', new Map()],
    ['an ArrayBuffer', new ArrayBuffer(2)],
    ['a Float32Array', new Float32Array(2)],
    ['a Uint8ClampedArray', new Uint8ClampedArray(2)],
    ['a function', () => 1],
    ['a Blob', new Blob()],
    ['a class', new Thing()],
    ['a cycle', cycle],
  ])('refuses %s', (_, value) => {
    expect(() => pack({ inside: [value] })).toThrow(/Figma passes no such value: message\.inside\[0\]/);
  });
});
