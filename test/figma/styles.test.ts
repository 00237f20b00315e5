// Fills that a style or a variable gives: changed with a question, never detached in silence.
import { describe, expect, it } from 'vitest';
import type { NodeSpec } from '../../figma-double/state.ts';
import { encoded, enlarge, imageFill, RED } from './client.ts';
import { client, hash, PICTURE, sandbox, useDocument } from './document.ts';
import type { DumpedNode } from './sandbox.ts';

const IN_PLACE = { task: 'upscale', place: 'in-place', factor: 2 } as const;
useDocument();

const fills = () => [imageFill(hash)] as never;
const styled = (more: Partial<NodeSpec> = {}): NodeSpec => ({
  type: 'RECTANGLE',
  id: '9:1',
  name: 'Boats',
  width: 200,
  height: 100,
  fillStyleId: 'S:1',
  fills: fills(),
  ...more,
});
const LABEL = { type: 'RECTANGLE', id: '9:3', width: 20, height: 20, fills: [RED] };
const scene = (specs: NodeSpec[]) =>
  sandbox.scene(specs, { styles: [{ id: 'S:1', name: 'Hero', remote: false, paints: fills() }] });
const hashOf = ({ props }: DumpedNode) => (props.fills as { imageHash: string }[])[0]!.imageHash;

describe('a shared style', () => {
  it('is kept by a new layer’s original', async () => {
    scene([styled()]);
    await client.open('restore', ['9:1']);
    await client.written(await client.source('9:1'), await encoded(PICTURE), { hideOriginal: true });
    expect(sandbox.dump('9:1').props).toMatchObject({ fillStyleId: 'S:1', visible: false });
  });

  it('is asked about where hiding a container’s own image would detach it', async () => {
    scene([styled({ type: 'FRAME', children: [LABEL] })]);
    const before = sandbox.snapshot();
    await client.open('restore', ['9:1']);
    const source = await client.source('9:1');
    const hiding = { hideOriginal: true };
    const asked = await client.write(source, await encoded(PICTURE), hiding);
    expect(asked).toMatchObject({
      type: 'question',
      question: { code: 'fill-style', choices: [{ id: 'detach' }] },
    });
    expect(sandbox.snapshot()).toBe(before);
    const answers = { 'fill-style': 'detach' };
    await client.written(source, await encoded(PICTURE), { ...hiding, answers });
    expect(sandbox.dump('9:1').props.fills).toMatchObject([{ imageHash: hash, visible: false }]);
  });

  it('is asked about before the long work, with the same question and answer', async () => {
    scene([styled()]);
    const before = sandbox.snapshot();
    await client.open('upscale2', ['9:1']);
    const { imageHash } = await client.source('9:1');
    const prepare = async (answers: Record<string, string>, tiled = false) => {
      const { request } = client;
      const about = { nodeId: '9:1', fillIndex: 0, imageHash, place: 'in-place', tiled } as const;
      sandbox.send({ type: 'prepare', request, ...about, hideOriginal: false, answers });
      return client.answer(request);
    };
    expect(await prepare({})).toMatchObject({ question: { choices: [{ id: 'detach' }, { id: 'style' }] } });
    expect(await prepare({ 'fill-style': 'style' })).toMatchObject({ type: 'prepared' });
    expect(await prepare({}, true)).toMatchObject({ type: 'prepared' });
    expect(sandbox.snapshot()).toBe(before);
  });

  it('is no question where tiles stand in for the whole layer', async () => {
    scene([styled()]);
    await client.open('upscale2', ['9:1']);
    const result = await encoded(enlarge(PICTURE, 2), 90);
    await client.written(await client.source('9:1'), result, IN_PLACE);
    expect(sandbox.dump('9:1').props).toMatchObject({ fillStyleId: 'S:1', visible: false });
  });

  it('cannot become tiles: only the layer can', async () => {
    scene([styled({ type: 'FRAME', children: [LABEL] })]);
    await client.open('upscale2', ['9:1']);
    const result = await encoded(enlarge(PICTURE, 2), 90);
    const asked = await client.write(await client.source('9:1'), result, IN_PLACE);
    expect(asked).toMatchObject({ type: 'question', question: { choices: [{ id: 'detach' }] } });
  });

  it.each([
    ['comes back to a layer that left it, by Revert', false, 'S:1'],
    ['that was changed meanwhile does not come back', true, ''],
  ])('%s', async (_, changed, expected) => {
    scene([styled(), styled({ id: '9:2' })]);
    const replace = async (id: string, answer: string) => {
      await client.open('upscale2', [id]);
      const answers = { 'fill-style': answer };
      await client.written(await client.source(id), await encoded(enlarge(PICTURE, 2)), {
        ...IN_PLACE,
        answers,
      });
    };
    await replace('9:1', 'detach');
    expect(sandbox.dump('9:1').props.fillStyleId).toBe('');
    if (changed) await replace('9:2', 'style');
    const { request } = client;
    sandbox.send({ type: 'revert', request, nodeId: '9:1' });
    expect(await client.answer(request)).toMatchObject({ type: 'done', showing: 'original' });
    expect(sandbox.dump('9:1').props).toMatchObject({ fillStyleId: expected, fills: [{ imageHash: hash }] });
  });

  it('that was changed everywhere is compared and reverted everywhere', async () => {
    scene([styled(), styled({ id: '9:2' })]);
    await client.open('upscale2', ['9:1']);
    const source = await client.source('9:1');
    const answers = { 'fill-style': 'style' };
    await client.written(source, await encoded(enlarge(PICTURE, 2)), { ...IN_PLACE, answers });
    const larger = hashOf(sandbox.dump('9:1'));
    const act = async (type: 'compare' | 'revert') => {
      const { request } = client;
      sandbox.send({ type, request, nodeId: '9:1' });
      expect(await client.answer(request)).toMatchObject({ type: 'done' });
      const layers = ['9:1', '9:2'].map((id) => sandbox.dump(id));
      expect(layers.map(({ props }) => props.fillStyleId)).toEqual(['S:1', 'S:1']);
      return layers.map(hashOf);
    };
    expect(await act('compare')).toEqual([hash, hash]);
    expect(await act('compare')).toEqual([larger, larger]);
    expect(await act('revert')).toEqual([hash, hash]);
  });
});

describe('another result in place of the last', () => {
  it.each([
    ['FILL', {}],
    ['TILE', { scalingFactor: 0.5 }],
  ])('counts from the original: %s', async (scaleMode, more) => {
    const fill = imageFill(hash, { scaleMode, ...more });
    sandbox.scene([styled({ fillStyleId: '', fills: [fill] })]);
    await client.open('upscale2', ['9:1']);
    const source = await client.source('9:1');
    await client.written(source, await encoded(enlarge(PICTURE, 2)), IN_PLACE);
    const once = sandbox.dump('9:1').props.fills as Record<string, unknown>[];
    const other = { ...PICTURE, data: PICTURE.data.map((value, i) => (i % 4 === 2 ? 255 : value)) };
    await client.written(source, await encoded(enlarge(other, 2)), IN_PLACE);
    const [now] = sandbox.dump('9:1').props.fills as Record<string, unknown>[];
    expect(now!.imageHash).not.toBe(once[0]!.imageHash);
    expect({ ...now, imageHash: hash }).toEqual({ ...once[0], imageHash: hash });
    const { request } = client;
    sandbox.send({ type: 'revert', request, nodeId: '9:1' });
    expect(await client.answer(request)).toMatchObject({ type: 'done', showing: 'original' });
    expect(sandbox.dump('9:1').props.fills).toMatchObject([fill]);
  });
});
