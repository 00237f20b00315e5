import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { runInNewContext } from 'node:vm';
import { beforeEach, expect, it, vi } from 'vitest';
import type { ToPlugin, ToUi } from '../../src/wire/messages.ts';
import { coordinateImage, encode } from '../figma/render.ts';
import { PenpotDouble, type ShapeSpec } from './double.ts';

let penpot: PenpotDouble;
let request = 0;

const PICTURE = coordinateImage(64, 48, 4);
const RESULT = { ...PICTURE, data: PICTURE.data.map((value, i) => (i % 4 === 2 ? 255 : value)) };

beforeEach(async () => {
  penpot = new PenpotDouble();
  penpot.install();
  vi.resetModules();
  await import('../../src/penpot/main.ts');
  penpot.send({ type: 'ready' });
});

async function pictured(more: Partial<ShapeSpec> = {}, keepAspectRatio = true): Promise<ShapeSpec> {
  const fillImage = penpot.image(await encode(PICTURE), 64, 48, keepAspectRatio);
  const place = { x: 10, y: 20, width: 128, height: 48 };
  return {
    id: 'a',
    type: 'rectangle',
    name: 'Boats',
    ...place,
    fills: [{ fillOpacity: 1, fillImage }],
    ...more,
  };
}

type Asked = ToPlugin extends infer M ? (M extends { request: number } ? Omit<M, 'request'> : never) : never;

async function ask<T extends ToUi['type']>(message: Asked, type: T): Promise<Extract<ToUi, { type: T }>> {
  penpot.send({ ...message, request: ++request } as ToPlugin);
  const answer = await penpot.answer(request);
  expect(answer).toMatchObject({ type });
  return answer as Extract<ToUi, { type: T }>;
}

const read = (maskIds: string[] = []) => ask({ type: 'read', nodeId: 'a', fillIndex: 0, maskIds }, 'source');

type Write = Omit<Extract<ToPlugin, { type: 'write' }>, 'request'>;

async function result(change: Partial<Write> = {}): Promise<Write> {
  const { imageHash } = await read(change.hideMasks ? ['m'] : []);
  const { hash } = await ask({ type: 'hand', png: await encode(RESULT) }, 'handed');
  const image = { width: 64, height: 48, tiles: [{ x: 0, y: 0, width: 64, height: 48, hash }] };
  return {
    type: 'write',
    ...{ nodeId: 'a', fillIndex: 0, imageHash, task: 'restore', place: 'layer', image, factor: 1 },
    ...{ hideOriginal: true, hideMasks: false, answers: {} },
    ...change,
  };
}

const selection = () =>
  penpot.sent.flatMap((message) => (message.type === 'selection' ? message.selection : [])).at(-1)!;
const fillId = (id: string) => (penpot.state(id).fills as { fillImage: { id: string } }[])[0]!.fillImage.id;

it('tells what is selected: images, shapes over them, and what is neither', async () => {
  const inside = { ...(await pictured()), id: 'b', copyOf: 'Card' };
  const mask = {
    id: 'm',
    type: 'path',
    x: 20,
    y: 20,
    width: 9,
    height: 9,
    d: 'M20,20L29,20L29,29Z',
  } as const;
  const far = { id: 'f', type: 'ellipse', name: 'Far', x: 900 } as const;
  penpot.scene([
    await pictured(),
    mask,
    far,
    inside,
    { id: 't', type: 'text', fills: 'mixed', name: 'Words' },
  ]);
  penpot.select('a', 'm', 'f');
  expect(selection().targets).toMatchObject([
    {
      nodeId: 'a',
      name: 'Boats',
      maskIds: ['m'],
      fills: [{ index: 0, width: 64, height: 48, scaleMode: 'FILL' }],
    },
  ]);
  expect(selection().problems).toMatchObject([{ code: 'mask-outside', nodeId: 'f' }]);
  penpot.select('b');
  expect(selection().targets[0]!.instance).toBe('Card');
  penpot.select('t');
  expect(selection().problems[0]!.code).toBe('mixed-fills');
  penpot.select();
  expect(selection().problems[0]!.code).toBe('nothing-selected');
});

it('hands over the file, what of it is shown, and masks in its pixels', async () => {
  const path = {
    id: 'm',
    type: 'path',
    d: 'M74,20L84,20L84,30L74,30Z',
    x: 74,
    y: 20,
    width: 10,
    height: 10,
  } as const;
  penpot.scene([await pictured(), { ...path, fills: [{ fillColor: '#f00' }] }]);
  penpot.select('a', 'm');
  const { bytes, shown, masks } = await read(['m']);
  expect(bytes).toEqual(await encode(PICTURE));
  // Covered at 2 px a pixel: of its 48 rows those from 12 to 36 are seen.
  expect(shown!.matrix.map((entry) => entry + 0)).toEqual([2, 0, 0, 2, 0, -24]);
  // The path begins in the middle of the shape, 64 px from its side: at pixel 32, 12.
  const [a, b, c, d, e, f] = masks[0]!.matrices[0]!;
  expect([a! * 74 + c! * 20 + e!, b! * 74 + d! * 20 + f!]).toEqual([32, 12]);
});

it('maps masks onto a shape that is turned, flipped and stretched', async () => {
  const turned = { width: 128, height: 96, rotation: 90, flipX: true };
  const box = { id: 'm', type: 'rectangle', x: 50, y: 44, width: 8, height: 8 } as const;
  penpot.scene([await pictured(turned, false), { ...box, fills: [{ fillColor: '#f00' }] }]);
  const { masks } = await read(['m']);
  const [a, b, c, d, e, f] = masks[0]!.matrices[0]!;
  // Its centre is (74, 68); a point 20 above it is 20 to the left of the middle of the upright layer, and flipped to the
  // right; one 16 to the left of it is 16 below the middle.
  const at = (x: number, y: number) => [a! * x + c! * y + e!, b! * x + d! * y + f!];
  const [x, y] = at(4, 4);
  expect([Math.round(x! * 1e6) / 1e6, Math.round(y! * 1e6) / 1e6]).toEqual([32 + 10, 24 + 10]);
});

it('lays a result above its original in one step, compares it and takes it back', async () => {
  const other = { id: 'z', type: 'rectangle' } as const;
  const mask = { id: 'm', type: 'ellipse', x: 20, y: 20, fills: [{ fillColor: '#f00' }] } as const;
  penpot.scene([await pictured({ blocked: true }), mask, other]);
  const before = penpot.snapshot();
  const { nodeId, name } = await ask(await result({ hideMasks: true }), 'done');
  expect(name).toBe('Boats · restored');
  expect(penpot.all().map(({ id }) => id)).toEqual(['a', nodeId, 'm', 'z']);
  expect(penpot.state(nodeId)).toMatchObject({ visible: true, blocked: false, width: 128, height: 48 });
  expect([fillId('a') === fillId(nodeId), penpot.state('a').visible, penpot.state('m').visible]).toEqual([
    ...[false, false, false],
  ]);
  expect(penpot.files.get(fillId(nodeId))).toEqual(await encode(RESULT));
  expect((penpot.state(nodeId).fills as object[])[0]).toMatchObject({ fillImage: { keepAspectRatio: true } });
  expect([penpot.steps, penpot.selection]).toEqual([1, [nodeId]]);
  expect(await ask({ type: 'compare', nodeId }, 'done')).toMatchObject({ showing: 'original' });
  expect([penpot.state('a').visible, penpot.state(nodeId).visible]).toEqual([true, false]);
  await ask({ type: 'again' }, 'done');
  expect(penpot.selection).toEqual(['a', 'm']);
  await ask({ type: 'revert', nodeId }, 'done');
  expect(penpot.snapshot()).toBe(before);
  expect(selection().selected).toEqual(['a']);
});

it('replaces an image in place, and a variation replaces the last result', async () => {
  penpot.scene([await pictured()]);
  const original = fillId('a');
  await ask(await result({ place: 'in-place', task: 'upscale', factor: 2 }), 'done');
  expect(penpot.all()).toHaveLength(1);
  expect(fillId('a')).not.toBe(original);
  await ask({ type: 'revert', nodeId: 'a' }, 'done');
  expect(fillId('a')).toBe(original);
  const first = await ask(await result(), 'done');
  const second = await ask(await result({ replaces: first.nodeId }), 'done');
  expect(penpot.all().map(({ id }) => id)).toEqual(['a', second.nodeId]);
});

it('changes nothing where the layer, its image or the upload fails', async () => {
  penpot.scene([await pictured()]);
  const late = await result();
  const tiled = { ...late, image: { ...late.image, tiles: [...late.image.tiles, ...late.image.tiles] } };
  expect((await ask(tiled, 'failed')).problem.code).toBe('no-place');
  const whole = penpot.snapshot();
  penpot.refusesFills = true;
  expect((await ask(late, 'failed')).problem.code).toBe('refused-by-figma');
  expect(penpot.snapshot()).toBe(whole);
  penpot.state('a').fills = [{ fillImage: penpot.image(await encode(RESULT), 64, 48) }];
  const before = penpot.snapshot();
  expect((await ask(late, 'failed')).problem.code).toBe('image-changed');
  penpot.refusesUploads = true;
  const refused = await ask({ type: 'hand', png: await encode(RESULT) }, 'failed');
  expect(refused.problem.words).toBe(
    'Penpot refused: The file is too large. Nothing was changed; try again.',
  );
  expect(penpot.snapshot()).toBe(before);
  penpot.send({ type: 'working', nodeIds: ['a'] });
  penpot.remove('a');
  expect(penpot.sent.some(({ type }) => type === 'gone')).toBe(true);
  expect((await ask(late, 'failed')).problem.code).toBe('node-removed');
});

it('is one script that needs nothing but Penpot and has nothing in it that its sandbox refuses', async () => {
  const code = await readFile(resolve(import.meta.dirname, '../../dist/penpot/code.js'), 'utf8');
  expect(code.length).toBeLessThan(100_000);
  expect(code).not.toMatch(/\bimport\s*\(|<!--|-->|\beval\s*\(/);
  const fresh = new PenpotDouble();
  fresh.install();
  runInNewContext(code, { penpot: fresh.api });
  fresh.send({ type: 'ready' });
  expect(fresh.api.flags.throwValidationErrors).toBe(true);
  expect(fresh.sent.map(({ type }) => type)).toEqual(['welcome', 'selection']);
  const manifest = await readFile(resolve(import.meta.dirname, '../../dist/penpot/manifest.json'), 'utf8');
  expect(JSON.parse(manifest).permissions).toEqual(['content:read', 'content:write', 'allow:localstorage']);
});
