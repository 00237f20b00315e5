import { describe, expect, it } from 'vitest';
import type { NodeSpec } from '../../figma-double/state.ts';
import { encoded, RED, turned } from './client.ts';
import { client, fillsOf, hash, turnedLayer as image, RESTORED, sandbox, useDocument } from './document.ts';
import type { DumpedNode } from './sandbox.ts';

useDocument();

function find(node: DumpedNode, id: string): DumpedNode | undefined {
  if (node.id === id) return node;
  for (const child of node.children) {
    const found = find(child, id);
    if (found) return found;
  }
  return undefined;
}

describe('a new layer above the original', () => {
  it('keeps everything but the pixels and the name, in one undo step', async () => {
    const look = {
      opacity: 0.9,
      blendMode: 'MULTIPLY',
      topLeftRadius: 12,
      cornerSmoothing: 0.6,
      effects: [{ type: 'DROP_SHADOW', radius: 4, visible: true }],
      constraints: { horizontal: 'SCALE', vertical: 'CENTER' },
      exportSettings: [{ format: 'PNG', suffix: '@2x' }],
      strokes: [RED],
      strokeWeight: 3,
    };
    sandbox.scene([image(look), image({ id: '9:2', name: 'On top' })]);
    const before = sandbox.snapshot();
    const original = JSON.stringify(sandbox.dump('9:1'));
    await client.open('restore', ['9:1']);
    const source = await client.source('9:1', [], 1);
    const done = await client.written(source, await encoded(RESTORED));
    const page = sandbox.dump();
    expect(page.children.map(({ props }) => props.name)).toEqual(['Boats', 'Boats · restored', 'On top']);
    expect(done).toMatchObject({ name: 'Boats · restored', notes: [] });
    const layer = find(page, done.nodeId)!;
    const { name: _n, fills: _f, visible: _v, locked: _l, ...kept } = layer.props;
    const { name: _m, fills: _g, ...given } = find(page, '9:1')!.props;
    expect(kept).toEqual(given);
    expect(fillsOf(layer)[0]).toEqual(fillsOf(find(page, '9:1')!)[0]);
    const { imageHash, visible, ...paint } = fillsOf(layer)[1]!;
    expect({ ...paint, imageHash: hash }).toEqual(fillsOf(find(page, '9:1')!)[1]);
    expect(imageHash).not.toBe(hash);
    expect(visible).toBe(true);
    expect(layer.relaunchData).toEqual({ again: '', compare: '', revert: '' });
    expect(sandbox.selection()).toEqual([done.nodeId]);
    expect(JSON.stringify(sandbox.dump('9:1'))).toBe(original);
    expect(sandbox.steps()).toBe(1);
    sandbox.call('undo');
    expect(sandbox.snapshot()).toBe(before);
  });

  it('hides the original if asked, in the same undo step', async () => {
    sandbox.scene([image()]);
    const before = sandbox.snapshot();
    await client.open('restore', ['9:1']);
    await client.written(await client.source('9:1', [], 1), await encoded(RESTORED), {
      hideOriginal: true,
    });
    expect(sandbox.dump('9:1').props.visible).toBe(false);
    expect(sandbox.steps()).toBe(1);
    sandbox.call('undo');
    expect(sandbox.snapshot()).toBe(before);
  });

  it('is visible and free even if the original is hidden and locked', async () => {
    sandbox.scene([image({ visible: false, locked: true })]);
    await client.open('restore', ['9:1']);
    const { nodeId } = await client.written(await client.source('9:1', [], 1), await encoded(RESTORED));
    expect(sandbox.dump(nodeId).props).toMatchObject({ visible: true, locked: false });
    expect(sandbox.dump('9:1').props).toMatchObject({ visible: false, locked: true });
  });

  it('does not pile up its mark when a result is restored once more', async () => {
    sandbox.scene([image({ name: 'Boats · restored' })]);
    await client.open('restore', ['9:1']);
    const { name } = await client.written(await client.source('9:1', [], 1), await encoded(RESTORED));
    expect(name).toBe('Boats · restored');
  });

  /** Where the corners of a layer are on the page. */
  const corners = (id: string) =>
    sandbox.call('box', id) as { x: number; y: number; width: number; height: number };

  it.each<[string, (child: NodeSpec) => NodeSpec, string]>([
    ['a group', (child) => ({ type: 'GROUP', id: '8:1', children: [child] }), '8:1'],
    [
      'a rotated frame',
      (child) => ({
        type: 'FRAME',
        id: '8:1',
        width: 400,
        height: 300,
        relativeTransform: turned(-35, 70, -20),
        children: [child],
      }),
      '8:1',
    ],
    [
      'an instance in a rotated frame',
      (child) => ({
        type: 'FRAME',
        id: '8:1',
        width: 400,
        height: 300,
        relativeTransform: turned(-35, 70, -20),
        children: [
          {
            type: 'INSTANCE',
            id: '8:2',
            name: 'Card',
            width: 300,
            height: 200,
            relativeTransform: turned(50, 10, 10, -1),
            children: [child],
          },
        ],
      }),
      '8:1',
    ],
    [
      'a boolean operation',
      (child) => ({
        type: 'BOOLEAN_OPERATION',
        id: '8:2',
        booleanOperation: 'UNION',
        fills: [],
        children: [child],
      }),
      '0:1',
    ],
  ])('lies exactly over the original in %s', async (_, wrap, parent) => {
    sandbox.scene([wrap(image())]);
    const where = corners('9:1');
    await client.open('restore', ['9:1']);
    const { nodeId } = await client.written(await client.source('9:1', [], 1), await encoded(RESTORED));
    const layer = sandbox.dump(nodeId);
    expect(layer.parent).toBe(parent);
    const now = corners(nodeId);
    for (const key of ['x', 'y', 'width', 'height'] as const) expect(now[key]).toBeCloseTo(where[key], 6);
  });

  it('says where it went when the original sits in an instance', async () => {
    const card = { type: 'INSTANCE', id: '8:2', name: 'Card', width: 300, height: 200, children: [image()] };
    sandbox.scene([card, image({ id: '9:2' })]);
    await client.open('restore', ['9:1']);
    const { nodeId, notes } = await client.written(
      await client.source('9:1', [], 1),
      await encoded(RESTORED),
    );
    expect(notes.join()).toContain('“Card”');
    expect(sandbox.dump().children.map(({ id }) => id)).toEqual(['8:2', nodeId, '9:2']);
  });

  const row = (child: NodeSpec): NodeSpec => ({
    type: 'FRAME',
    id: '8:1',
    width: 900,
    height: 300,
    layoutMode: 'HORIZONTAL',
    itemSpacing: 10,
    paddingLeft: 20,
    children: [image({ id: '9:5' }), child, image({ id: '9:6' })],
  });

  it('leaves the flow of an auto-layout parent while the original stays', async () => {
    sandbox.scene([row(image())]);
    const [where, next] = [corners('9:1'), corners('9:6')];
    await client.open('restore', ['9:1']);
    const { nodeId } = await client.written(await client.source('9:1', [], 1), await encoded(RESTORED));
    expect(sandbox.dump(nodeId).props.layoutPositioning).toBe('ABSOLUTE');
    expect(corners(nodeId)).toEqual(where);
    expect(corners('9:6')).toEqual(next);
  });

  it('takes the place of a hidden original in the flow', async () => {
    sandbox.scene([row(image())]);
    const [where, next] = [corners('9:1'), corners('9:6')];
    await client.open('restore', ['9:1']);
    const source = await client.source('9:1', [], 1);
    const { nodeId } = await client.written(source, await encoded(RESTORED), { hideOriginal: true });
    expect(corners(nodeId)).toEqual(where);
    expect(corners('9:6')).toEqual(next);
  });

  it.each([
    ['HORIZONTAL', { layoutGrow: 1 }, false],
    ['HORIZONTAL', { layoutGrow: 1 }, true],
    ['VERTICAL', { layoutGrow: 1, layoutAlign: 'STRETCH' }, false],
    ['VERTICAL', { layoutGrow: 1, layoutAlign: 'STRETCH' }, true],
  ])(
    'that fills its room keeps its size, and so does the result: %s, %o, original hidden: %s',
    async (layoutMode, fills, hideOriginal) => {
      const inner = { ...row(image(fills)), id: '8:2', layoutMode, layoutGrow: 1 };
      sandbox.scene([{ ...row(image({ id: '9:9' })), children: [inner, image({ id: '9:8' })] }]);
      const size = (id: string) => {
        const { width, height } = sandbox.dump(id).props;
        return { width, height };
      };
      const [where, before] = [corners('9:1'), size('9:1')];
      expect(before.width === 200 && before.height === 100).toBe(false);
      await client.open('restore', ['9:1']);
      const source = await client.source('9:1', [], 1);
      const { nodeId } = await client.written(source, await encoded(RESTORED), { hideOriginal });
      expect([size('9:1'), size(nodeId)]).toEqual([before, before]);
      expect(corners(nodeId)).toEqual(where);
    },
  );

  it('leaves the selection alone that the user made meanwhile', async () => {
    sandbox.scene([image(), image({ id: '9:2' })]);
    await client.open('restore', ['9:1']);
    const source = await client.source('9:1', [], 1);
    sandbox.select('9:2');
    await client.written(source, await encoded(RESTORED));
    expect(sandbox.selection()).toEqual(['9:2']);
  });

  it.each(['FRAME', 'COMPONENT', 'SECTION'])('goes under the content of a %s', async (type) => {
    const child = { type: 'RECTANGLE', id: '8:9', width: 10, height: 10, fills: [RED] };
    sandbox.scene([image({ type, topLeftRadius: 8, children: [child] })]);
    const before = sandbox.snapshot();
    await client.open('restore', ['9:1']);
    const source = await client.source('9:1', [], 1);
    const { nodeId } = await client.written(source, await encoded(RESTORED), { hideOriginal: true });
    const frame = sandbox.dump('9:1');
    expect(frame.children.map(({ id }) => id)).toEqual([nodeId, '8:9']);
    expect(frame.children[0]!.props).toMatchObject({ width: 200, height: 100 });
    expect(frame.props.visible).not.toBe(false);
    expect(fillsOf(frame)[1]!.visible).toBe(false);
    expect(corners(nodeId)).toEqual(corners('9:1'));
    sandbox.call('undo');
    expect(sandbox.snapshot()).toBe(before);
  });

  it('clones an instance whole, for nothing can be put into it', async () => {
    const child = { type: 'RECTANGLE', id: '8:9', width: 10, height: 10, fills: [RED] };
    sandbox.scene([image({ type: 'INSTANCE', children: [child] })]);
    await client.open('restore', ['9:1']);
    const { nodeId } = await client.written(await client.source('9:1', [], 1), await encoded(RESTORED));
    expect(sandbox.dump(nodeId)).toMatchObject({
      type: 'INSTANCE',
      parent: '0:1',
      children: [{ type: 'RECTANGLE' }],
    });
  });
});
