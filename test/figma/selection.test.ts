import { describe, expect, it } from 'vitest';
import type { NodeSpec } from '../../figma-double/state.ts';
import { imageFill, RED, turned } from './client.ts';
import { client, hash, imageLayer as image, sandbox, useDocument } from './document.ts';
import { coordinateImage, encode } from './render.ts';

useDocument();

const vector = (id: string, x: number, y: number, more: Partial<NodeSpec> = {}): NodeSpec => ({
  type: 'VECTOR',
  id,
  name: `Vector ${id}`,
  width: 10,
  height: 10,
  relativeTransform: [
    [1, 0, x],
    [0, 1, y],
  ],
  vectorPaths: [{ windingRule: 'NONZERO', data: 'M 0 0 L 10 0 L 10 10 Z' }],
  fills: [RED],
  ...more,
});

async function describeScene(specs: NodeSpec[], ids: string[], command = 'restore') {
  sandbox.scene(specs);
  return (await client.open(command, ids)).selection;
}

describe('what is selected', () => {
  it.each(['RECTANGLE', 'ELLIPSE', 'POLYGON', 'STAR', 'FRAME', 'COMPONENT', 'INSTANCE', 'TEXT', 'SECTION'])(
    'takes an image fill on a %s',
    async (type) => {
      const { targets, problems } = await describeScene([image({ type, characters: 'abc' })], ['9:1']);
      expect(targets).toMatchObject([
        {
          nodeId: '9:1',
          nodeType: type,
          width: 200,
          height: 100,
          fillIndex: 0,
          maskIds: [],
          restored: false,
        },
      ]);
      expect(targets[0]!.fills).toEqual([
        { index: 0, imageHash: hash, scaleMode: 'FILL', width: 64, height: 48, visible: true },
      ]);
      expect(problems).toEqual([]);
    },
  );

  it('takes an image fill on a vector and on a boolean operation', async () => {
    const spec = [
      vector('9:1', 0, 0, { fills: [imageFill(hash)] }),
      {
        type: 'BOOLEAN_OPERATION',
        id: '9:2',
        fills: [imageFill(hash)],
        booleanOperation: 'UNION',
        children: [vector('9:3', 50, 50)],
      },
    ];
    const { targets } = await describeScene(spec, ['9:1', '9:2']);
    expect(targets.map(({ nodeType }) => nodeType)).toEqual(['VECTOR', 'BOOLEAN_OPERATION']);
  });

  it('chooses the topmost visible image fill and offers the others', async () => {
    const second = sandbox.addImage(await encode(coordinateImage(10, 20)));
    const fills = [imageFill(hash), RED, imageFill(second), imageFill(hash, { visible: false })];
    const { targets } = await describeScene([image({ fills })], ['9:1']);
    expect(targets[0]!.fillIndex).toBe(2);
    expect(targets[0]!.fills.map(({ index, width }) => [index, width])).toEqual([
      [3, 64],
      [2, 10],
      [0, 64],
    ]);
    expect(targets[0]!.notes.join()).toContain('3 image fills');
  });

  it('gives every image the masks that lie over it', async () => {
    const far = image({ id: '9:2', relativeTransform: [[1, 0, 1000] as const, [0, 1, 0] as const] });
    const scene = [image(), far, vector('9:3', 20, 20), vector('9:4', 1020, 20), vector('9:5', 1100, 20)];
    const { targets, masks, problems } = await describeScene(
      scene,
      ['9:1', '9:2', '9:3', '9:4', '9:5'],
      'fill',
    );
    expect(targets.map(({ maskIds }) => maskIds)).toEqual([['9:3'], ['9:4', '9:5']]);
    expect(masks.map(({ name }) => name)).toEqual(['Vector 9:3', 'Vector 9:4', 'Vector 9:5']);
    expect(problems).toEqual([]);
  });

  it('names a mask that lies over no image', async () => {
    const { targets, problems } = await describeScene([image(), vector('9:3', 900, 20)], ['9:1', '9:3']);
    expect(targets[0]!.maskIds).toEqual([]);
    expect(problems).toMatchObject([{ code: 'mask-outside', nodeId: '9:3' }]);
  });

  it('reads a selected group as the images in it', async () => {
    const group = {
      type: 'GROUP',
      id: '9:7',
      children: [image(), image({ id: '9:2' }), vector('9:3', 0, 0)],
    };
    const { targets } = await describeScene([group], ['9:7']);
    expect(targets.map(({ nodeId }) => nodeId)).toEqual(['9:1', '9:2']);
  });

  it('goes by no name: a photograph called mask is one, and groups that Figma names so are looked into', async () => {
    const face = image({ id: '9:2', name: 'Face mask' });
    const window = { type: 'ELLIPSE', id: '9:7', width: 30, height: 30, isMask: true, fills: [RED] };
    const inside = image({ id: '9:6', name: 'Portrait' });
    const group: NodeSpec = { type: 'GROUP', id: '9:5', name: 'Mask group', children: [window, inside] };
    const { targets } = await describeScene([image(), face, group], ['9:1', '9:2', '9:5'], 'restore');
    expect(targets.map(({ nodeId }) => nodeId)).toEqual(['9:1', '9:2', '9:6']);
  });

  it('says so where Figma fails to describe it, and reads the next selection', async () => {
    const { targets, problems } = await describeScene(
      [image(), image({ id: '9:2', fills: '$throws' })],
      ['9:2'],
    );
    expect(targets).toEqual([]);
    expect(problems).toMatchObject([
      { code: 'unknown', words: expect.stringContaining('The node is not ready. Select it again') },
    ]);
    sandbox.select('9:1');
    expect((await sandbox.next('selection')).selection.targets).toHaveLength(1);
  });

  it('reads an image used as a Figma mask as a mask beside another image', async () => {
    const stencil = image({ id: '9:2', name: 'Scratches', isMask: true, width: 30, height: 30 });
    const { targets, masks } = await describeScene([image(), stencil], ['9:1', '9:2'], 'fill');
    expect(targets.map(({ nodeId, maskIds }) => [nodeId, maskIds])).toEqual([['9:1', ['9:2']]]);
    expect(masks).toHaveLength(1);
  });

  it('says what is unusual about a layer', async () => {
    const child = image({ locked: true, visible: false });
    const { targets } = await describeScene(
      [{ type: 'INSTANCE', id: '9:8', name: 'Card', width: 300, height: 300, children: [child] }],
      ['9:1'],
    );
    const notes = [...targets[0]!.notes, ...targets[0]!.layerNotes].join('\n');
    expect(notes).toContain('“Card”');
    expect(notes).toContain('locked');
    expect(notes).toContain('hidden');
  });
});

describe('what is wrong with a selection', () => {
  it.each<[string, string, () => NodeSpec[], string[]]>([
    ['nothing', 'nothing-selected', () => [image()], []],
    ['a rectangle without an image', 'no-image', () => [image({ fills: [RED] })], ['9:1']],
    [
      'an image fill that is hidden',
      'no-image',
      () => [image({ fills: [imageFill(hash, { visible: false })] })],
      ['9:1'],
    ],
    ['only a vector', 'only-masks', () => [image(), vector('9:3', 5, 5)], ['9:3']],
    [
      'a video',
      'video',
      () => [image({ fills: [{ type: 'VIDEO', scaleMode: 'FILL', videoHash: 'x' }] })],
      ['9:1'],
    ],
    [
      'a text whose letters differ',
      'mixed-fills',
      () => [image({ type: 'TEXT', fills: '$mixed', segmentFills: [imageFill(hash)] })],
      ['9:1'],
    ],
    [
      'a vector whose regions differ',
      'mixed-fills',
      () => [
        vector('9:1', 0, 0, { fills: '$mixed', vectorNetwork: { regions: [{ fills: [imageFill(hash)] }] } }),
      ],
      ['9:1'],
    ],
    ['an image Figma never had', 'missing-bytes', () => [image({ fills: [imageFill('nowhere')] })], ['9:1']],
  ])('%s', async (_, code, scene, ids) => {
    const { targets, problems } = await describeScene(scene(), ids);
    expect(targets).toEqual([]);
    expect(problems).toMatchObject([{ code }]);
    expect(problems[0]!.words).toMatch(/^\S.{20,120}\.$/);
  });

  it('an image Figma cannot load', async () => {
    const missing = sandbox.addImage(await encode(coordinateImage(9, 9)), true);
    const { problems } = await describeScene([image({ fills: [imageFill(missing)] })], ['9:1']);
    expect(problems).toMatchObject([{ code: 'missing-bytes' }]);
  });

  it('an animated GIF, when it is read', async () => {
    const gif = new Uint8Array([0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 8, 0, 8, 0, 0, 0, 0, 0x3b]);
    const { targets } = await describeScene([image({ fills: [imageFill(sandbox.addImage(gif))] })], ['9:1']);
    expect(targets).toHaveLength(1);
    expect(await client.read('9:1')).toMatchObject({ type: 'failed', problem: { code: 'gif' } });
  });

  it('one bad image among good ones does not stop the others', async () => {
    const bad = image({ id: '9:2', fills: [imageFill('nowhere')] });
    const { targets, problems } = await describeScene([image(), bad], ['9:1', '9:2']);
    expect(targets).toHaveLength(1);
    expect(problems).toMatchObject([{ code: 'missing-bytes', nodeId: '9:2' }]);
  });
});

describe('while the panel is open', () => {
  it('reports a new selection once, and a change in a selected layer', async () => {
    sandbox.scene([image(), image({ id: '9:2' })]);
    await client.open('restore', ['9:1']);
    sandbox.select('9:2');
    sandbox.select('9:1', '9:2');
    await sandbox.settle();
    const { selection } = await sandbox.next('selection');
    expect(selection.targets.map(({ nodeId }) => nodeId)).toEqual(['9:1', '9:2']);
    expect(sandbox.sent).toEqual([]);
    sandbox.call('edit', '9:2', { fills: [RED] });
    const changed = (await sandbox.next('selection')).selection;
    expect(changed.revision).toBeGreaterThan(selection.revision);
    expect(changed.targets.map(({ nodeId }) => nodeId)).toEqual(['9:1']);
  });

  it('tells whether what it read has changed: of a layer that is dragged with its mask nothing has', async () => {
    const brush = { type: 'GROUP', id: '8:1', children: [vector('9:3', 20, 20), vector('9:4', 30, 20)] };
    sandbox.scene([image(), brush]);
    await client.open('fill', ['9:1', '8:1']);
    const look = async (...edits: [id: string, props: Record<string, unknown>][]) => {
      sandbox.sent.length = 0;
      for (const [id, props] of edits) sandbox.call('edit', id, props);
      if (edits.length === 0) sandbox.select('9:1', '8:1');
      return (await sandbox.next('selection')).selection.targets[0]!.look;
    };
    const at = (x: number) => ({ relativeTransform: turned(0, x, 20) });
    const before = await look();
    const along = { relativeTransform: turned(0, 7, 0) };
    expect(await look(['9:1', along], ['9:3', at(27)], ['9:4', at(37)])).not.toBe(before);
    // A frame moves as one: its content keeps its place in it.
    const moved = await look(['9:1', { name: 'Boats 2', locked: true }]);
    expect(await look(['9:1', { visible: true }])).toBe(moved);
    expect(await look(['9:3', { vectorPaths: [] }])).not.toBe(moved);
    const other = sandbox.addImage(await encode(coordinateImage(9, 9)));
    const changed = await look();
    expect(await look(['9:1', { fills: [imageFill(other)] }])).not.toBe(changed);
  });

  it('tells when a layer that is being worked on is deleted', async () => {
    sandbox.scene([image(), image({ id: '9:2' })]);
    await client.open('restore', ['9:1']);
    sandbox.send({ type: 'working', nodeIds: ['9:1'] });
    sandbox.call('remove', '9:2');
    await sandbox.settle();
    expect(sandbox.sent.filter(({ type }) => type === 'gone')).toEqual([]);
    sandbox.sent.length = 0;
    sandbox.call('remove', '9:1');
    expect(await sandbox.next('gone')).toEqual({ type: 'gone', nodeId: '9:1' });
    expect((await sandbox.next('selection')).selection.problems).toMatchObject([
      { code: 'nothing-selected' },
    ]);
  });

  it('tells it too when an ancestor of the layer is deleted', async () => {
    sandbox.scene([{ type: 'GROUP', id: '8:1', children: [image(), image({ id: '9:2' })] }]);
    await client.open('restore', ['9:1']);
    sandbox.send({ type: 'working', nodeIds: ['9:1'] });
    sandbox.call('remove', '8:1');
    expect(await sandbox.next('gone')).toEqual({ type: 'gone', nodeId: '9:1' });
  });

  it('tells it too when somebody deletes the page', async () => {
    sandbox.scene([image()]);
    await client.open('restore', ['9:1']);
    sandbox.send({ type: 'working', nodeIds: ['9:1'] });
    sandbox.sent.length = 0;
    sandbox.call('removePage');
    expect(await sandbox.next('gone')).toEqual({ type: 'gone', nodeId: '9:1' });
    expect((await sandbox.next('selection')).selection.problems).toMatchObject([
      { code: 'nothing-selected' },
    ]);
  });

  it('drops what it does not understand', async () => {
    sandbox.scene([image()]);
    await client.open('restore', ['9:1']);
    sandbox.send({ type: 'read', request: 'one', nodeId: '9:1' });
    await sandbox.settle();
    expect(sandbox.sent).toEqual([]);
    expect(sandbox.log.join()).toContain('not understood');
  });
});
