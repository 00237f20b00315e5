import { describe, expect, it } from 'vitest';
import type { NodeSpec } from '../../figma-double/state.ts';
import { DEFAULT_SETTINGS } from '../../src/wire/settings.ts';
import { encoded, enlarge, imageFill, turned } from './client.ts';
import {
  client,
  hash,
  imageLayer,
  openDocument,
  PICTURE,
  RESTORED,
  sandbox,
  useDocument,
} from './document.ts';
import { coordinateImage, encode } from './render.ts';

useDocument();

const image = (more: Partial<NodeSpec> = {}) =>
  imageLayer({ relativeTransform: turned(20, 30, 90), ...more });

async function restored(hideOriginal: boolean, spec = image()): Promise<string> {
  sandbox.scene([spec]);
  await client.open('restore', ['9:1']);
  const { nodeId } = await client.written(await client.source('9:1'), await encoded(RESTORED), {
    hideOriginal,
  });
  return nodeId;
}

async function ask(type: 'compare' | 'revert', nodeId: string) {
  const request = client.request;
  sandbox.send({ type, request, nodeId });
  return client.answer(request);
}

const visible = (id: string) => sandbox.dump(id).props.visible !== false;
const hashIn = (id: string) => (sandbox.dump(id).props.fills as { imageHash: string }[])[0]!.imageHash;

describe('Compare', () => {
  it('toggles the result over a visible original', async () => {
    const result = await restored(false);
    expect(await ask('compare', result)).toMatchObject({ type: 'done', showing: 'original' });
    expect([visible('9:1'), visible(result)]).toEqual([true, false]);
    expect(await ask('compare', result)).toMatchObject({ showing: 'restored' });
    expect([visible('9:1'), visible(result)]).toEqual([true, true]);
  });

  it('swaps the two if the original was hidden', async () => {
    const result = await restored(true);
    await ask('compare', result);
    expect([visible('9:1'), visible(result)]).toEqual([true, false]);
    await ask('compare', result);
    expect([visible('9:1'), visible(result)]).toEqual([false, true]);
  });

  it('swaps the fill of an image changed in place', async () => {
    sandbox.scene([image()]);
    await client.open('upscale2', ['9:1']);
    const options = { task: 'upscale', place: 'in-place', factor: 2 } as const;
    await client.written(await client.source('9:1'), await encoded(enlarge(PICTURE, 2)), options);
    const large = hashIn('9:1');
    expect(await ask('compare', '9:1')).toMatchObject({ showing: 'original' });
    expect(hashIn('9:1')).toBe(hash);
    expect(await ask('compare', '9:1')).toMatchObject({ showing: 'restored' });
    expect(hashIn('9:1')).toBe(large);
  });

  it('refuses on other layers, and when the original is gone', async () => {
    const result = await restored(false);
    expect(await ask('compare', '9:1')).toMatchObject({ type: 'failed', problem: { code: 'no-original' } });
    sandbox.call('remove', '9:1');
    expect(await ask('compare', result)).toMatchObject({ type: 'failed', problem: { code: 'no-original' } });
    expect(visible(result)).toBe(true);
  });
});

describe('Revert', () => {
  it.each([false, true])('leaves the document as before (original hidden: %s)', async (hide) => {
    const result = await restored(hide);
    expect(await ask('revert', result)).toMatchObject({ type: 'done', nodeId: '9:1', showing: 'original' });
    const page = sandbox.dump();
    expect(page.children.map(({ id }) => id)).toEqual(['9:1']);
    expect(visible('9:1')).toBe(true);
    expect(sandbox.selection()).toEqual(['9:1']);
  });

  it('leaves a layer hidden that was so before, variations included', async () => {
    const first = await restored(true, image({ visible: false }));
    const { nodeId } = await client.written(await client.source('9:1'), await encoded(PICTURE), {
      hideOriginal: true,
      replaces: first,
    });
    await ask('revert', nodeId);
    expect(visible('9:1')).toBe(false);
  });

  it('brings back a hidden fill of a container', async () => {
    const child = { type: 'RECTANGLE', id: '8:9', width: 10, height: 10, fills: [] };
    const result = await restored(true, image({ type: 'FRAME', children: [child] }));
    await ask('revert', result);
    const frame = sandbox.dump('9:1');
    expect(frame.children.map(({ id }) => id)).toEqual(['8:9']);
    expect((frame.props.fills as { visible: boolean }[])[0]!.visible).toBe(true);
  });

  it('goes back to the first original after two upscalings', async () => {
    sandbox.scene([image()]);
    await client.open('upscale2', ['9:1']);
    const options = { task: 'upscale', place: 'in-place', factor: 2 } as const;
    await client.written(await client.source('9:1'), await encoded(enlarge(PICTURE, 2)), options);
    await client.written(await client.source('9:1'), await encoded(enlarge(PICTURE, 4)), options);
    await ask('revert', '9:1');
    const node = sandbox.dump('9:1');
    expect(hashIn('9:1')).toBe(hash);
    expect(node.relaunchData).toEqual({});
    expect(node.pluginData).toEqual({});
  });

  it('leaves an image alone that somebody replaced since', async () => {
    sandbox.scene([image()]);
    await client.open('upscale2', ['9:1']);
    const options = { task: 'upscale', place: 'in-place', factor: 2 } as const;
    await client.written(await client.source('9:1'), await encoded(enlarge(PICTURE, 2)), options);
    const other = sandbox.addImage(await encode(coordinateImage(7, 7)));
    sandbox.call('edit', '9:1', { fills: [imageFill(other)] });
    expect(await ask('revert', '9:1')).toMatchObject({ type: 'failed', problem: { code: 'no-original' } });
    expect(hashIn('9:1')).toBe(other);
  });
});

describe('a variation', () => {
  it.each([true, false])(
    'a variation replaces the last result, and Revert still goes back to the original (hidden: %s)',
    async (hideOriginal) => {
      const earlier = await restored(hideOriginal);
      const known = sandbox.dump().children.length;
      const source = await client.source('9:1');
      const other = { ...PICTURE, data: PICTURE.data.map((value, i) => (i % 4 === 1 ? 255 : value)) };
      const { nodeId } = await client.written(source, await encoded(other), {
        hideOriginal,
        replaces: earlier,
      });
      expect(nodeId).not.toBe(earlier);
      expect(sandbox.dump().children.length).toBe(known);
      expect(sandbox.dump(nodeId).props).toMatchObject({ name: 'Boats · restored', visible: true });
      await ask('revert', nodeId);
      expect(visible('9:1')).toBe(true);
    },
  );

  it('leaves a layer alone that is no result of the same image', async () => {
    const earlier = await restored(false, image());
    sandbox.call('remove', earlier);
    const source = await client.source('9:1');
    await client.written(source, await encoded(RESTORED), { replaces: '9:1' });
    expect(visible('9:1')).toBe(true);
  });
});

describe('relaunch buttons', () => {
  /** A document with a result, as the user finds it in a later session of the plugin. */
  async function later(hideOriginal = true) {
    const result = await restored(hideOriginal);
    const { pluginData } = sandbox.dump(result);
    const fills = sandbox.dump(result).props.fills;
    const large = await encode(RESTORED);
    sandbox.dispose();
    await openDocument();
    sandbox.addImage(large);
    sandbox.scene([
      image({ visible: !hideOriginal }),
      image({ id: '9:2', name: 'Boats · restored', fills, pluginData }),
    ]);
  }

  it('Compare acts at once, without the panel', async () => {
    await later();
    sandbox.select('9:2');
    await sandbox.start('compare');
    await sandbox.settle();
    expect([visible('9:1'), visible('9:2')]).toEqual([true, false]);
    expect(sandbox.events).toEqual([{ type: 'close', words: 'Showing the original.' }]);
    expect(sandbox.steps()).toBe(1);
  });

  it('Revert acts at once, without the panel', async () => {
    await later();
    sandbox.select('9:2');
    await sandbox.start('revert');
    await sandbox.settle();
    expect(sandbox.dump().children.map(({ id }) => id)).toEqual(['9:1']);
    expect(sandbox.events).toMatchObject([{ type: 'close' }]);
  });

  it('Restore again starts from the original', async () => {
    await later();
    const { welcome, selection } = await client.open('again', ['9:2']);
    expect(welcome.command).toBe('restore');
    expect(selection.targets).toMatchObject([{ nodeId: '9:1', restored: false }]);
  });

  it('Restore again is a button of the panel too', async () => {
    const result = await restored(false);
    const again = async () => {
      const request = client.request;
      sandbox.send({ type: 'again', request });
      return client.answer(request);
    };
    sandbox.select(result);
    expect(await again()).toMatchObject({ type: 'done', nodeId: '9:1' });
    expect(sandbox.selection()).toEqual(['9:1']);
    // What is no result, or was replaced in place, has no other layer to start from.
    expect(await again()).toMatchObject({ type: 'failed', problem: { code: 'no-original' } });
  });

  it('say so where there is nothing to act on', async () => {
    sandbox.scene([image()]);
    sandbox.select('9:1');
    await sandbox.start('compare');
    await sandbox.settle();
    expect(sandbox.events).toMatchObject([
      { type: 'close', words: expect.stringContaining('not made by this plugin') },
    ]);
  });
});

describe('commands and settings', () => {
  it.each<[string, Record<string, unknown> | undefined, Record<string, unknown>]>([
    ['restore', undefined, { command: 'restore' }],
    ['restore', { quality: 'best' }, { command: 'restore', quality: 'best' }],
    ['fill', undefined, { command: 'fill' }],
    ['upscale2', undefined, { command: 'upscale', factor: 2 }],
    ['upscale4', undefined, { command: 'upscale', factor: 4 }],
    ['upscale', { factor: 3, quality: 'fast' }, { command: 'upscale', factor: 3, quality: 'fast' }],
    ['upscale', { factor: '2.5×' }, { command: 'upscale', factor: 2.5 }],
    ['diagnostics', undefined, { command: 'diagnostics' }],
  ])('%s with %o', async (command, parameters, expected) => {
    sandbox.scene([image()]);
    const { welcome } = await client.open(command, ['9:1'], parameters);
    const { type: _t, settings: _s, facts, ...rest } = welcome;
    expect(rest).toEqual(expected);
    expect(facts).toMatchObject({ apiVersion: '1.0.0', editorType: 'figma' });
  });

  it.each([[{ factor: 'huge' }], [{ factor: 40 }], [{ factor: 1 }]])(
    'ignores a factor of %o',
    async (parameters) => {
      sandbox.scene([image()]);
      const { welcome } = await client.open('upscale', ['9:1'], parameters);
      expect('factor' in welcome).toBe(false);
    },
  );

  it('suggests factors and qualities in the quick actions', async () => {
    await sandbox.start('restore');
    expect(sandbox.call('suggest', 'factor', '4')).toEqual([{ name: '4×', data: 4 }]);
    expect(sandbox.call('suggest', 'quality', 'B')).toMatchObject([{ data: 'balanced' }, { data: 'best' }]);
  });

  it.each(['40', '0.5', 'huge'])(
    'says in the quick action why it cannot be a factor of %s',
    async (query) => {
      await sandbox.start('restore');
      const error = 'The factor is a number above 1, at most 8.';
      expect(sandbox.call('suggest', 'factor', query)).toEqual({ error });
    },
  );

  it('takes a factor in the quick action that it did not suggest', async () => {
    await sandbox.start('restore');
    expect(sandbox.call('suggest', 'factor', '2.25')).toEqual([]);
  });

  it('remembers settings and the size of the panel', async () => {
    sandbox.scene([image()]);
    const { welcome } = await client.open('restore', ['9:1']);
    expect(welcome.settings).toEqual(DEFAULT_SETTINGS);
    const settings = { ...DEFAULT_SETTINGS, hideOriginal: true, width: 500 };
    sandbox.send({ type: 'settings', settings });
    sandbox.send({ type: 'settings', settings: { ...settings, factor: Number.NaN } });
    await sandbox.settle();
    sandbox.send({ type: 'ready' });
    expect(sandbox.call('stored', 'settings')).toEqual(settings);
  });

  it('keeps the panel within its limits', async () => {
    sandbox.scene([image()]);
    await client.open('restore', ['9:1']);
    sandbox.send({ type: 'resize', width: 10, height: 99999 });
    sandbox.send({ type: 'resize', width: 400.4, height: 600 });
    await sandbox.settle();
    const resized = sandbox.events.filter(({ type }) => type === 'resize');
    expect(resized).toMatchObject([
      { width: 280, height: 1200 },
      { width: 400, height: 600 },
    ]);
  });

  it('closes when told', async () => {
    sandbox.scene([image()]);
    await client.open('restore', ['9:1']);
    sandbox.send({ type: 'close' });
    await sandbox.settle();
    expect(sandbox.events.slice(1)).toMatchObject([{ type: 'close' }]);
  });
});
