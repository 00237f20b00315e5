import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { coordinateImage, encode } from './render.ts';
import { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let hash: string;
let png: Uint8Array;

beforeEach(async () => {
  sandbox = await Sandbox.open();
  png = await encode(coordinateImage(64, 48, 4));
  hash = sandbox.addImage(png);
});
afterEach(() => {
  sandbox.dispose();
});

describe('the built plugin in QuickJS', () => {
  it('opens its panel and reports the selection', async () => {
    sandbox.scene([
      {
        type: 'RECTANGLE',
        id: '1:9',
        name: 'Boats',
        width: 200,
        height: 100,
        fills: [{ type: 'IMAGE', scaleMode: 'FILL', imageHash: hash }],
      },
    ]);
    sandbox.select('1:9');
    await sandbox.start('restore');
    await sandbox.settle();
    expect(sandbox.events[0]).toMatchObject({ type: 'panel', width: 320, height: 560 });
    sandbox.send({ type: 'ready' });
    const welcome = await sandbox.next('welcome');
    expect(welcome.command).toBe('restore');
    const { selection } = await sandbox.next('selection');
    expect(selection.targets).toMatchObject([
      { nodeId: '1:9', name: 'Boats', width: 200, fills: [{ width: 64, height: 48 }] },
    ]);
    expect(selection.problems).toEqual([]);
  });
});
