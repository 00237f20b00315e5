import { describe, expect, it } from 'vitest';
import type { NodeSpec } from '../../figma-double/state.ts';
import { encoded, enlarge, imageFill, RED, turned } from './client.ts';
import { client, fillsOf, hash, turnedLayer as image, PICTURE, sandbox, useDocument } from './document.ts';
import { coordinateImage, encode, type Pixels } from './render.ts';

useDocument();

describe('upscaling in place', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['FILL', { scaleMode: 'FILL', rotation: 90 }, { scaleMode: 'FILL', rotation: 90 }],
    ['FIT', { scaleMode: 'FIT' }, { scaleMode: 'FIT' }],
    [
      'CROP',
      {
        scaleMode: 'CROP',
        imageTransform: [
          [0.5, 0.1, 0.2],
          [-0.1, 0.7, 0.1],
        ],
      },
      {
        scaleMode: 'CROP',
        imageTransform: [
          [0.5, 0.1, 0.2],
          [-0.1, 0.7, 0.1],
        ],
      },
    ],
    ['TILE', { scaleMode: 'TILE', scalingFactor: 0.5 }, { scaleMode: 'TILE', scalingFactor: 0.25 }],
  ])('%s: only the picture changes', async (_, paint, expected) => {
    sandbox.scene([image({ fills: [imageFill(hash, paint), RED] })]);
    const before = sandbox.snapshot();
    await client.open('upscale2', ['9:1']);
    const source = await client.source('9:1');
    const options = { task: 'upscale', place: 'in-place', factor: 2 } as const;
    const done = await client.written(source, await encoded(enlarge(PICTURE, 2)), options);
    expect(done).toMatchObject({ nodeId: '9:1', name: 'Boats' });
    const { props } = sandbox.dump('9:1');
    const { fills, ...rest } = props;
    const [first, second] = fills as Record<string, unknown>[];
    const { imageHash, ...changed } = first!;
    expect(changed).toEqual({ type: 'IMAGE', ...expected });
    expect(imageHash).not.toBe(hash);
    expect(second).toEqual(RED);
    expect(rest).toMatchObject({ width: 200, height: 100, relativeTransform: turned(20, 30, 90) });
    expect(sandbox.steps()).toBe(1);
    sandbox.call('undo');
    expect(sandbox.snapshot()).toBe(before);
  });

  it('works on an instance child, which is an override', async () => {
    sandbox.scene([{ type: 'INSTANCE', id: '8:2', width: 300, height: 200, children: [image()] }]);
    await client.open('upscale2', ['9:1']);
    const options = { task: 'upscale', place: 'in-place', factor: 2 } as const;
    await client.written(await client.source('9:1', [], 1), await encoded(enlarge(PICTURE, 2)), options);
    expect(fillsOf(sandbox.dump('9:1'))[1]!.imageHash).not.toBe(hash);
  });

  const wide = coordinateImage(40, 6, 6);
  it.each<[string, Record<string, unknown>, Partial<NodeSpec>]>([
    ['a plain rectangle', {}, {}],
    ['a turned picture on an ellipse', { rotation: 90 }, { type: 'ELLIPSE' }],
    [
      'a crop with rotation',
      {
        scaleMode: 'CROP',
        imageTransform: [
          [0.6, -0.3, 0.2],
          [0.2, 0.5, 0.1],
        ],
      },
      {},
    ],
  ])('a result over the limit becomes tiles in one group: %s', async (_, paint, more) => {
    const wideHash = sandbox.addImage(await encode(wide));
    const spec = image({
      fills: [imageFill(wideHash, paint)],
      relativeTransform: turned(15, 30, 90),
      ...more,
    });
    sandbox.scene([spec, image({ id: '9:2', relativeTransform: turned(0, 900, 900) })]);
    const before = sandbox.snapshot();
    const view = { x: 0, y: 0, width: 300, height: 250 };
    const shownBefore = await sandbox.renderer.pixels(sandbox.picture(), view, 1);
    await client.open('upscale4', ['9:1']);
    const source = await client.source('9:1');
    // The limit of the test is small; what matters is more than one tile.
    const result = await encoded(enlarge(wide, 4), 90);
    expect(result.tiles.length).toBe(2);
    const options = { task: 'upscale', place: 'in-place', factor: 4 } as const;
    const { nodeId, notes } = await client.written(source, result, options);
    expect(notes.join()).toContain('2 tiles');
    const group = sandbox.dump(nodeId);
    expect(group).toMatchObject({ type: 'GROUP', parent: '0:1', props: { name: 'Boats · restored' } });
    expect(group.children).toHaveLength(2);
    expect(sandbox.dump().children.map(({ id }) => id)).toEqual(['9:1', nodeId, '9:2']);
    expect(sandbox.dump('9:1').props.visible).toBe(false);
    sandbox.select(group.children[0]!.id);
    const { selection } = await sandbox.next('selection');
    expect(selection).toMatchObject({ targets: [], problems: [{ code: 'in-pieces', nodeId }] });
    const shown = await sandbox.renderer.pixels(sandbox.picture(), view, 1);
    expect(seams(shownBefore, shown)).toBeLessThan(0.02);
    expect(sandbox.steps()).toBe(1);
    sandbox.call('undo');
    expect(sandbox.snapshot()).toBe(before);
  });

  it.each<[string, Partial<NodeSpec>]>([
    ['frame', { type: 'FRAME' }],
    ['frame with auto-layout', { type: 'FRAME', layoutMode: 'VERTICAL', paddingTop: 10, paddingLeft: 10 }],
    ['component', { type: 'COMPONENT' }],
    ['section', { type: 'SECTION', relativeTransform: turned(0, 30, 40) }],
  ])('a result over the limit goes under the content of a %s, in one group', async (_, more) => {
    const wideHash = sandbox.addImage(await encode(wide));
    const label = { type: 'RECTANGLE', id: '9:3', width: 20, height: 20, fills: [RED] };
    sandbox.scene([image({ fills: [imageFill(wideHash)], children: [label], ...more })]);
    const before = sandbox.snapshot();
    const view = { x: 0, y: 0, width: 300, height: 250 };
    const [shownBefore, where] = [
      await sandbox.renderer.pixels(sandbox.picture(), view, 1),
      sandbox.call('box', '9:3'),
    ];
    await client.open('upscale4', ['9:1']);
    const options = { task: 'upscale', place: 'in-place', factor: 4 } as const;
    const result = await encoded(enlarge(wide, 4), 90);
    const { nodeId } = await client.written(await client.source('9:1'), result, options);
    expect(sandbox.dump('9:1').children.map(({ id }) => id)).toEqual([nodeId, '9:3']);
    expect(sandbox.dump(nodeId)).toMatchObject({ type: 'GROUP', props: { name: 'Boats · restored' } });
    expect(sandbox.dump(nodeId).children).toHaveLength(2);
    expect(fillsOf(sandbox.dump('9:1'))[0]).toMatchObject({ imageHash: wideHash, visible: false });
    expect(sandbox.call('box', '9:3')).toEqual(where);
    const shown = await sandbox.renderer.pixels(sandbox.picture(), view, 1);
    expect(seams(shownBefore, shown)).toBeLessThan(0.02);
    expect(sandbox.steps()).toBe(1);
    sandbox.call('undo');
    expect(sandbox.snapshot()).toBe(before);
  });

  it('a result over the limit on an instance with content shows that content once', async () => {
    const wideHash = sandbox.addImage(await encode(wide));
    const label = { type: 'RECTANGLE', id: '9:3', width: 20, height: 20, opacity: 0.5, fills: [RED] };
    sandbox.scene([image({ type: 'INSTANCE', fills: [imageFill(wideHash)], children: [label] })]);
    const view = { x: 0, y: 0, width: 300, height: 250 };
    const shownBefore = await sandbox.renderer.pixels(sandbox.picture(), view, 1);
    await client.open('upscale4', ['9:1']);
    const options = { task: 'upscale', place: 'in-place', factor: 4 } as const;
    const result = await encoded(enlarge(wide, 4), 90);
    const { nodeId } = await client.written(await client.source('9:1'), result, options);
    expect(sandbox.dump(nodeId).children.map(({ type }) => type)).toEqual(['RECTANGLE', 'INSTANCE']);
    const shown = await sandbox.renderer.pixels(sandbox.picture(), view, 1);
    expect(seams(shownBefore, shown)).toBeLessThan(0.02);
  });

  it('a repeated image is not cut into tiles: refused in words, nothing changed', async () => {
    const wideHash = sandbox.addImage(await encode(wide));
    const fill = imageFill(wideHash, { scaleMode: 'TILE', scalingFactor: 0.5 });
    sandbox.scene([image({ fills: [fill] })]);
    const before = sandbox.dump();
    await client.open('upscale4', ['9:1']);
    const options = { task: 'upscale', place: 'in-place', factor: 4 } as const;
    const result = await encoded(enlarge(wide, 4), 90);
    const answer = await client.write(await client.source('9:1'), result, options);
    expect(answer).toMatchObject({
      type: 'failed',
      problem: { words: expect.stringContaining('Choose a smaller factor') },
    });
    expect(sandbox.dump()).toEqual(before);
  });

  it('tiles take the place of the original in auto-layout', async () => {
    const wideHash = sandbox.addImage(await encode(wide));
    const fills = [imageFill(wideHash)];
    const children = [image({ id: '9:5' }), image({ fills }), image({ id: '9:6' })];
    const frame = { type: 'FRAME', id: '8:1', width: 900, height: 300, layoutMode: 'HORIZONTAL', children };
    sandbox.scene([frame]);
    const [where, next] = [sandbox.call('box', '9:1') as DOMRectReadOnly, sandbox.call('box', '9:6')];
    await client.open('upscale4', ['9:1']);
    const options = { task: 'upscale', place: 'in-place', factor: 4 } as const;
    const { nodeId } = await client.written(
      await client.source('9:1'),
      await encoded(enlarge(wide, 4), 90),
      options,
    );
    const now = sandbox.call('box', nodeId) as DOMRectReadOnly;
    for (const key of ['x', 'y', 'width', 'height'] as const) expect(now[key]).toBeCloseTo(where[key], 6);
    expect(sandbox.call('box', '9:6')).toEqual(next);
  });

  /** Share of opaque pixels that differ by more than the resampling of a 4× picture explains; a seam lowers alpha. */
  function seams(a: Pixels, b: Pixels): number {
    let [different, total] = [0, 0];
    for (let i = 0; i < a.data.length; i += 4) {
      if (a.data[i + 3]! < 255) continue;
      total++;
      const off = [0, 1, 2].some((c) => Math.abs(a.data[i + c]! - b.data[i + c]!) > 16);
      if (off || b.data[i + 3]! < 250) different++;
    }
    expect(total).toBeGreaterThan(5000);
    return different / total;
  }
});

describe('shared styles', () => {
  const style = { id: 'S:1', name: 'Hero', remote: false };
  const styled = () => [imageFill(hash)] as never;

  it('asks, and changes nothing until answered', async () => {
    const users = [
      image({ fillStyleId: 'S:1', fills: styled() }),
      image({ id: '9:2', fillStyleId: 'S:1', fills: styled() }),
    ];
    sandbox.scene(users, { styles: [{ ...style, paints: styled() }] });
    const before = sandbox.snapshot();
    await client.open('upscale2', ['9:1']);
    const source = await client.source('9:1');
    const result = await encoded(enlarge(PICTURE, 2));
    const options = { task: 'upscale', place: 'in-place', factor: 2 } as const;
    const asked = await client.write(source, result, options);
    expect(asked).toMatchObject({
      type: 'question',
      question: { code: 'fill-style', choices: [{ id: 'detach' }, { id: 'style' }] },
    });
    expect(sandbox.snapshot()).toBe(before);
    await client.written(source, result, { ...options, answers: { 'fill-style': 'style' } });
    expect(sandbox.dump('9:2').props).toMatchObject({ fillStyleId: 'S:1' });
    expect(fillsOf(sandbox.dump('9:2'))[0]!.imageHash).toBe(fillsOf(sandbox.dump('9:1'))[0]!.imageHash);
    expect(fillsOf(sandbox.dump('9:2'))[0]!.imageHash).not.toBe(hash);
  });

  it('changes one layer only when told so, and offers no more for a style of a library', async () => {
    sandbox.scene([image({ fillStyleId: 'S:1', fills: styled() })], {
      styles: [{ ...style, remote: true, paints: styled() }],
    });
    await client.open('upscale2', ['9:1']);
    const source = await client.source('9:1');
    const result = await encoded(enlarge(PICTURE, 2));
    const options = { task: 'upscale', place: 'in-place', factor: 2 } as const;
    const asked = await client.write(source, result, options);
    expect(asked).toMatchObject({ type: 'question', question: { choices: [{ id: 'detach' }] } });
    await client.written(source, result, { ...options, answers: { 'fill-style': 'detach' } });
    expect(sandbox.dump('9:1').props.fillStyleId).toBe('');
  });

  it('asks about bound variables', async () => {
    const boundVariables = { fills: [{ type: 'VARIABLE_ALIAS', id: 'V:1' }] };
    sandbox.scene([image({ boundVariables })]);
    await client.open('upscale2', ['9:1']);
    const options = { task: 'upscale', place: 'in-place', factor: 2 } as const;
    const source = await client.source('9:1', [], 1);
    const asked = await client.write(source, await encoded(enlarge(PICTURE, 2)), options);
    expect(asked).toMatchObject({ type: 'question', question: { code: 'fill-variable' } });
  });
});
