// The layers that marked an area lie over the result: they are hidden with it, and come back with the original.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { NodeSpec } from '../../figma-double/state.ts';
import { Client, encoded, imageFill, RED, turned } from './client.ts';
import { coordinateImage, encode } from './render.ts';
import { Sandbox } from './sandbox.ts';

const PICTURE = coordinateImage(64, 48, 4);
let sandbox: Sandbox;
let client: Client;
let image: NodeSpec;

beforeEach(async () => {
  sandbox = await Sandbox.open();
  client = new Client(sandbox);
  const fills = [imageFill(sandbox.addImage(await encode(PICTURE)))];
  image = { type: 'RECTANGLE', id: '9:1', name: 'Boats', width: 64, height: 48, fills };
});
afterEach(() => {
  expect(sandbox.events.filter(({ type }) => type === 'fault')).toEqual([]);
  sandbox.dispose();
});

const mask = (id: string, more: Partial<NodeSpec> = {}): NodeSpec => ({
  type: 'ELLIPSE',
  id,
  name: 'Scratch',
  width: 20,
  height: 20,
  relativeTransform: turned(0, 10, 10),
  fills: [RED],
  ...more,
});

async function fill(specs: NodeSpec[], maskIds: string[], hideMasks = true): Promise<string> {
  sandbox.scene(specs);
  await client.open('fill', ['9:1', ...maskIds]);
  const source = await client.source('9:1', maskIds);
  const { nodeId } = await client.written(source, await encoded(PICTURE), { task: 'fill', hideMasks });
  return nodeId;
}

const shown = (id: string) => sandbox.dump(id).props.visible !== false;

it('are hidden in the same undo step', async () => {
  await fill([image, mask('9:2'), mask('9:3')], ['9:2', '9:3']);
  expect(['9:1', '9:2', '9:3'].map(shown)).toEqual([true, false, false]);
  expect(sandbox.steps()).toBe(1);
  sandbox.call('undo');
  expect(['9:2', '9:3'].map(shown)).toEqual([true, true]);
});

it('stay where the user wants them', async () => {
  await fill([image, mask('9:2')], ['9:2'], false);
  expect(shown('9:2')).toBe(true);
});

it('come back with Revert, but not those that were hidden before', async () => {
  const result = await fill([image, mask('9:2'), mask('9:3', { visible: false })], ['9:2', '9:3']);
  const { request } = client;
  sandbox.send({ type: 'revert', request, nodeId: result });
  expect(await client.answer(request)).toMatchObject({ type: 'done', showing: 'original' });
  expect(['9:2', '9:3'].map(shown)).toEqual([true, false]);
});

it('stay where they mask others, or where the original lies in them', async () => {
  const around = { type: 'FRAME', id: '8:1', name: 'mask', width: 100, height: 100, fills: [] };
  const group = { type: 'GROUP', id: '8:2', children: [mask('9:2', { isMask: true }), mask('9:4')] };
  await fill([{ ...around, children: [image, mask('9:3')] }, group], ['9:2', '9:3', '8:1']);
  expect(['8:1', '9:1', '9:2', '9:3'].map(shown)).toEqual([true, true, true, false]);
});

it('are remembered by the result and selected by Restore again', async () => {
  const result = await fill([image, mask('9:2')], ['9:2']);
  sandbox.select(result);
  const { request } = client;
  sandbox.send({ type: 'again', request });
  await client.answer(request);
  expect(sandbox.selection()).toEqual(['9:1', '9:2']);
});
