/**
 * A designer's afternoon: one document, one panel, one scene after the other. The table of docs/figma.md names them. What
 * differs between the kinds of frame is the panel's own, and panel.test.ts restores in both; FRAMES=both plays in both.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeSpec } from '../../figma-double/state.ts';
import { SEEDS } from '../ui/support/fake-engine.ts';
import { type Hands, hands } from '../ui/support/hands.ts';
import { type FrameKind, Stage } from '../ui/support/stage.ts';
import { imageFill, RED, turned } from './client.ts';
import { type Connected, connect } from './panel.ts';
import { coordinateImage, encode } from './render.ts';
import { type DumpedNode, Sandbox } from './sandbox.ts';

const FRAMES: FrameKind[] = process.env.FRAMES === 'both' ? ['insecure', 'secure'] : ['insecure'];

describe.each(FRAMES)('in a %s frame', (kind) => {
  let stage: Stage;
  let sandbox: Sandbox;
  let hash: string;
  let open: Connected;
  let panel: Hands;

  beforeAll(async () => {
    stage = await Stage.open('test/ui/support/fake-engine.ts', undefined, 'test/figma/relay-page.ts');
    sandbox = await Sandbox.open();
    hash = sandbox.addImage(await encode(coordinateImage(126, 84, 2)));
    open = await connect(stage, sandbox, 'restore', [], { kind });
    panel = hands(open.frame);
    await panel.waitForPhase(/Nothing selected/);
  });
  afterAll(async () => {
    await open?.close();
    await stage?.close();
    expect(open.faults).toEqual([]);
    expect(sandbox.events.filter(({ type }) => type === 'fault')).toEqual([]);
    sandbox.dispose();
  });

  const image = (id: string, more: Partial<NodeSpec> = {}): NodeSpec => ({
    type: 'RECTANGLE',
    id,
    name: `Image ${id}`,
    width: 180,
    height: 120,
    relativeTransform: turned(0, 10, 10),
    fills: [imageFill(hash)],
    ...more,
  });
  const flat = (node: DumpedNode): DumpedNode[] => [node, ...node.children.flatMap(flat)];
  const ids = () => flat(sandbox.dump()).map(({ id }) => id);
  const hashIn = (id: string, index = 0) =>
    (sandbox.dump(id).props.fills as { imageHash: string }[])[index]!.imageHash;
  const reads = () => open.received.filter((type) => type === 'read').length;

  /** Puts layers on the page, and selects some; the fastest quality is good enough for a scene. */
  async function enter(specs: NodeSpec[], selected: string[], ready = /ready/): Promise<string[]> {
    sandbox.scene(specs);
    sandbox.select(...selected);
    await panel.waitForPhase(ready);
    await panel.timesKnown();
    await panel.choose('Fast');
    return ids();
  }
  const added = (known: readonly string[]) => flat(sandbox.dump()).filter(({ id }) => !known.includes(id));
  async function restore(): Promise<void> {
    await panel.press(/^Restore/);
    await panel.waitForPhase(/Restored/);
    await panel.button(/^Done$/).waitFor();
  }

  it('card: an image in a clipping instance is replaced there, and nothing lies over the page', async () => {
    const child = image('10:2', { relativeTransform: turned(0, -400, 0), width: 1200 });
    const card = { type: 'INSTANCE', id: '10:1', name: 'Card', width: 90, height: 60, children: [child] };
    const known = await enter([card], ['10:2'], /Image 10:2 is ready/);
    await restore();
    expect(added(known)).toEqual([]);
    expect(hashIn('10:2') === hash).toBe(false);
    await panel.press('Undo');
    await panel.waitForPhase(/Taken back/);
    expect(hashIn('10:2')).toBe(hash);
  });

  it('look: a translucent image looks the same afterwards, for the original is hidden', async () => {
    const spec = image('11:1', { opacity: 0.6, effects: [{ type: 'DROP_SHADOW', visible: true }] });
    const known = await enter([spec], ['11:1'], /Image 11:1 is ready/);
    const alpha = async () => {
      const view = { x: 10, y: 10, width: 180, height: 120 };
      const page = sandbox.picture();
      const children = page.children.filter(({ id }) => id === '11:1' || !known.includes(id));
      const { data } = await sandbox.renderer.pixels({ ...page, children }, view, 0.1);
      return data[4 * 6 * 18 + 4 * 9 + 3];
    };
    const before = await alpha();
    expect(before).toBeLessThan(200);
    const hide = open.frame.getByLabel('Hide the original afterwards');
    await panel.openDetails();
    await hide.uncheck();
    await open.frame.getByText('The original stays beneath: shadows and transparency count twice.').waitFor();
    await hide.check();
    await panel.openDetails();
    await restore();
    expect(await alpha()).toBe(before);
    await panel.press('Compare');
    await expect.poll(() => sandbox.dump('11:1').props.visible).toBe(true);
    await panel.press('Compare');
    await expect.poll(() => sandbox.dump('11:1').props.visible).toBe(false);
  });

  it('drag: a layer that is dragged is not read again', async () => {
    await enter([image('12:1')], ['12:1'], /Image 12:1 is ready/);
    const before = reads();
    for (let i = 0; i < 40; i++) sandbox.call('edit', '12:1', { relativeTransform: turned(0, 10 + i, 10) });
    sandbox.call('edit', '12:1', { name: 'Dragged' });
    await open.frame.getByRole('heading', { name: 'Dragged' }).waitFor();
    expect(reads()).toBe(before);
  });

  it('stale: a tint that was put under the image does not keep the result out', async () => {
    const known = await enter([image('13:1')], ['13:1'], /Image 13:1 is ready/);
    await restore();
    await panel.press('Undo');
    await panel.waitForPhase(/Taken back/);
    sandbox.call('edit', '13:1', { fills: [RED, imageFill(hash)] });
    await panel.press('Insert as new layer');
    await panel.button(/^Done$/).waitFor();
    const [layer] = added(known);
    expect(layer!.props.fills).toMatchObject([RED, { type: 'IMAGE' }]);
    expect(hashIn(layer!.id, 1) === hash).toBe(false);
  });

  it('seed: a variation takes the place of the last result', async () => {
    const known = await enter([image('14:1')], ['14:1'], /Image 14:1 is ready/);
    await restore();
    const [first] = added(known);
    await panel.press('Try a variation');
    await panel.press('Replace the last result');
    await panel.button(/^Done$/).waitFor();
    const results = added(known);
    expect(results).toHaveLength(1);
    expect(results[0]!.id).not.toBe(first!.id);
  });

  it('style: whether a style changes everywhere is asked before the run', async () => {
    const fills = [imageFill(hash)];
    sandbox.scene([], { styles: [{ id: 'S:15', name: 'Hero', remote: false, paints: fills as never }] });
    const styled = (id: string) => image(id, { fills, fillStyleId: 'S:15' });
    await enter([styled('15:1'), styled('15:2')], ['15:1'], /Image 15:1 is ready/);
    await panel.choose('Upscale');
    await panel.press(/^Upscale/);
    await panel.press('Change this layer only');
    await panel.waitForPhase(/Upscaled in/);
    expect([hashIn('15:1') === hash, hashIn('15:2') === hash]).toEqual([false, true]);
    await panel.press('Done');
    await panel.choose('Restore');
  });

  it('deleted: a run ends with its layer, and what was selected meanwhile is next', async () => {
    await enter([image('16:1'), image('16:2')], ['16:1'], /Image 16:1 is ready/);
    await panel.seed(SEEDS.holdsFirst);
    await panel.press(/^Restore/);
    await panel.held('first answer');
    sandbox.select('16:2');
    sandbox.call('remove', '16:1');
    await panel.waitForPhase(/Image 16:2 is ready/);
    expect(await panel.text()).toContain('The layer was deleted, so its restoration was stopped.');
    await panel.seed(0);
  });

  it('several: of three images the one that is refused is named, the others are done', async () => {
    const gif = new Uint8Array([0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 8, 0, 8, 0, 0, 0, 0, 0x3b]);
    const moving = image('17:2', { fills: [imageFill(sandbox.addImage(gif))] });
    const known = await enter(
      [image('17:1'), moving, image('17:3')],
      ['17:1', '17:2', '17:3'],
      /3 images ready/,
    );
    expect(await panel.text()).toContain('“Image 17:2” is an animated GIF');
    await restore();
    expect(added(known).map(({ props }) => props.name)).toEqual([
      'Image 17:1 · restored',
      'Image 17:3 · restored',
    ]);
  });

  it('nested: in auto-layout within auto-layout nothing moves', async () => {
    const inner = {
      ...{ type: 'FRAME', id: '18:2', width: 300, height: 200, layoutMode: 'VERTICAL', layoutGrow: 1 },
      children: [image('18:3', { layoutGrow: 1, layoutAlign: 'STRETCH' }), image('18:4')],
    };
    const row = { type: 'FRAME', id: '18:1', width: 700, height: 300, layoutMode: 'HORIZONTAL' };
    const known = await enter(
      [{ ...row, children: [inner, image('18:5')] }],
      ['18:3'],
      /Image 18:3 is ready/,
    );
    const boxes = () => ['18:4', '18:5'].map((id) => sandbox.call('box', id));
    const [before, where] = [boxes(), sandbox.call('box', '18:3')];
    await restore();
    expect(boxes()).toEqual(before);
    expect(sandbox.call('box', added(known)[0]!.id)).toEqual(where);
  });
});
