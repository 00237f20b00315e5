import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NodeSpec } from '../../figma-double/state.ts';
import { SEEDS } from '../ui/support/fake-engine.ts';
import { type Hands, hands } from '../ui/support/hands.ts';
import { scenePng } from '../ui/support/pictures.ts';
import { Stage } from '../ui/support/stage.ts';
import { imageFill, RED, rasterise, turned } from './client.ts';
import { type Connected, connect } from './panel.ts';
import { coordinateImage, decode, encode, type Pixels } from './render.ts';
import { type DumpedNode, Sandbox } from './sandbox.ts';

const PICTURE = coordinateImage(126, 84, 2);
let stage: Stage;
let sandbox: Sandbox;
let hash: string;
let open: Connected | undefined;

beforeAll(async () => {
  stage = await Stage.open('test/ui/support/fake-engine.ts', undefined, 'test/figma/relay-page.ts');
});
afterAll(() => stage?.close());
beforeEach(async () => {
  sandbox = await Sandbox.open();
  hash = sandbox.addImage(await encode(PICTURE));
  open = undefined;
});
afterEach(async () => {
  await open?.close();
  expect(open?.faults ?? []).toEqual([]);
  expect(sandbox.events.filter(({ type }) => type === 'fault')).toEqual([]);
  expect(sandbox.log).toEqual([]);
  sandbox.dispose();
});

const image = (more: Partial<NodeSpec> = {}): NodeSpec => ({
  type: 'RECTANGLE',
  id: '9:1',
  name: 'Boats',
  width: 180,
  height: 120,
  relativeTransform: turned(12, 40, 80),
  topLeftRadius: 6,
  fills: [imageFill(hash)],
  ...more,
});

async function run(
  specs: NodeSpec[],
  command: string,
  ids: string[],
  kind?: 'insecure' | 'secure',
): Promise<Hands> {
  sandbox.scene(specs);
  open = await connect(stage, sandbox, command, ids, kind ? { kind } : {});
  return hands(open.frame);
}

const added = (before: readonly string[]): DumpedNode[] =>
  flat(sandbox.dump()).filter(({ id }) => !before.includes(id));
const flat = (node: DumpedNode): DumpedNode[] => [node, ...node.children.flatMap(flat)];
const ids = () => flat(sandbox.dump()).map(({ id }) => id);

async function pixelsOf(node: DumpedNode, index = 0): Promise<Pixels> {
  const { imageHash } = (node.props.fills as { imageHash: string }[])[index]!;
  return decode(sandbox.renderer.images.get(imageHash)!.bytes);
}

describe.each(['insecure', 'secure'] as const)('the plugin with its panel in a %s frame', (kind) => {
  it('restores an image into a new layer above the original', async () => {
    const panel = await run([image()], 'restore', ['9:1'], kind);
    const [before, known] = [sandbox.snapshot(), ids()];
    await panel.waitForPhase(/ready/);
    await panel.press(/Restore/);
    await panel.waitForPhase(/Restored in/);
    const [layer, ...others] = added(known);
    expect(others).toEqual([]);
    expect(layer!.props).toMatchObject({
      name: 'Boats · restored',
      width: 180,
      height: 120,
      topLeftRadius: 6,
    });
    expect(layer!.props.relativeTransform).toEqual(turned(12, 40, 80));
    expect(await pixelsOf(layer!)).toMatchObject({ width: 126, height: 84 });
    expect(sandbox.selection()).toEqual([layer!.id]);
    expect(sandbox.steps()).toBe(1);
    sandbox.call('undo');
    expect(sandbox.snapshot()).toBe(before);
  });
});

describe('the plugin with its panel', () => {
  it('fills a rotated vector mask over a cropped image and leaves every other pixel alone', async () => {
    const imageTransform = [
      [0.6, 0, 0.2],
      [0, 0.7, 0.1],
    ];
    const crop = imageFill(hash, { scaleMode: 'CROP', imageTransform });
    const mask: NodeSpec = {
      type: 'VECTOR',
      id: '9:2',
      name: 'Scratch',
      width: 50,
      height: 20,
      relativeTransform: turned(40, 110, 120),
      vectorPaths: [{ windingRule: 'NONZERO', data: 'M 0 0 C 20 -6 30 6 50 0 L 50 20 L 0 20 Z' }],
      fills: [RED],
    };
    const panel = await run([image({ fills: [crop] }), mask], 'fill', ['9:1', '9:2']);
    const known = ids();
    await panel.waitForPhase(/ready/);
    await panel.press(/Fill/);
    await panel.waitForPhase(/[Ff]illed in|Restored in/);
    const layer = added(known)[0]!;
    expect((layer.props.fills as unknown[])[0]).toMatchObject({ scaleMode: 'CROP', imageTransform });
    const result = await pixelsOf(layer);
    const source = sandbox.sent.find((message) => message.type === 'source');
    if (source?.type !== 'source') throw new Error('The panel never read the image.');
    const coverage = await rasterise(source.masks, PICTURE);
    // The panel grows the area by a pixel and a feather of none: three pixels away nothing may change.
    let [kept, filled, covered] = [0, 0, 0];
    for (let y = 0; y < PICTURE.height; y++)
      for (let x = 0; x < PICTURE.width; x++) {
        const i = y * PICTURE.width + x;
        const same = [0, 1, 2, 3].every((c) => result.data[i * 4 + c] === PICTURE.data[i * 4 + c]);
        if (coverage[i] === 255) {
          covered++;
          if (!same) filled++;
        }
        if (near(coverage, x, y, 3)) continue;
        kept++;
        expect(same, `pixel ${x}, ${y}`).toBe(true);
      }
    expect(kept).toBeGreaterThan(5000);
    expect(covered).toBeGreaterThan(100);
    expect(filled / covered).toBeGreaterThan(0.9);
  });

  function near(coverage: Uint8Array, x: number, y: number, reach: number): boolean {
    for (let v = Math.max(0, y - reach); v <= Math.min(PICTURE.height - 1, y + reach); v++)
      for (let u = Math.max(0, x - reach); u <= Math.min(PICTURE.width - 1, x + reach); u++)
        if (coverage[v * PICTURE.width + u]! > 0) return true;
    return false;
  }

  it('upscales in place, geometry unchanged', async () => {
    const panel = await run([image()], 'upscale2', ['9:1']);
    const known = ids();
    await panel.waitForPhase(/ready/);
    await panel.press(/Upscale/);
    await panel.waitForPhase(/[Uu]pscaled in|Restored in/);
    expect(added(known)).toEqual([]);
    const node = sandbox.dump('9:1');
    expect(await pixelsOf(node)).toMatchObject({ width: 252, height: 168 });
    expect(node.props).toMatchObject({ name: 'Boats', width: 180, height: 120 });
    expect((node.props.fills as unknown[])[0]).toMatchObject({ scaleMode: 'FILL' });
    expect(sandbox.steps()).toBe(1);
  });

  it('says what is wrong with a selection, and takes the next one', async () => {
    const panel = await run([image(), image({ id: '9:2', name: 'Plain', fills: [RED] })], 'restore', ['9:2']);
    await open!.frame
      .getByText(/no image fill/)
      .first()
      .waitFor();
    sandbox.select('9:1');
    await panel.waitForPhase(/ready/);
    expect(await panel.text()).toContain('Boats');
  });

  it('Cancel leaves the document as it was', async () => {
    const panel = await run([image()], 'restore', ['9:1']);
    const before = sandbox.snapshot();
    await panel.waitForPhase(/ready/);
    await panel.seed(SEEDS.holds);
    await panel.press(/Restore/);
    await panel.held();
    await panel.press(/Cancel/);
    await panel.waitForPhase(/ready|Cancelled/);
    await sandbox.settle();
    expect(sandbox.snapshot()).toBe(before);
    expect(open!.received).not.toContain('write');
  });

  it('closing the panel during a run leaves the document as it was', async () => {
    const panel = await run([image()], 'restore', ['9:1']);
    const before = sandbox.snapshot();
    await panel.waitForPhase(/ready/);
    await panel.seed(SEEDS.holds);
    await panel.press(/Restore/);
    await panel.held();
    sandbox.call('closeByUser');
    await open!.close();
    await sandbox.settle();
    expect(sandbox.snapshot()).toBe(before);
  });

  it('replaces an image inside of an instance there, also where originals are to stay', async () => {
    const noisy = sandbox.addImage(await scenePng(240, 180, 8));
    const child = image({ fills: [imageFill(noisy)] });
    const card = { type: 'INSTANCE', id: '8:1', name: 'Card', width: 300, height: 200, children: [child] };
    const panel = await run([card], 'restore', ['9:1']);
    const [known, before] = [ids(), JSON.stringify(sandbox.dump())];
    const fill = () => (sandbox.dump('9:1').props.fills as { imageHash: string }[])[0]!.imageHash;
    await panel.waitForPhase(/ready/);
    expect(await panel.text()).toContain('The image is replaced in “Card”.');
    await panel.openDetails();
    expect(await open!.frame.getByLabel('Hide the original afterwards').isVisible()).toBe(false);
    await panel.press(/Restore/);
    await panel.waitForPhase(/Restored in/);
    expect(added(known)).toEqual([]);
    expect(sandbox.dump('9:1').props.visible).not.toBe(false);
    expect(fill() === noisy).toBe(false);
    await panel.press('Undo');
    await panel.waitForPhase(/Taken back/);
    expect(JSON.stringify(sandbox.dump())).toBe(before);
    await panel.press('Replace the image');
    await panel.press('Done');
    await panel.button('Revert').waitFor();
    // Pressed before it is known what the layer shows now: it is not lost.
    await panel.press('Revert');
    await panel.press(/Restore|Starts/);

    await panel.waitForPhase(/Restored in/);
    expect(open!.received.filter((type) => type === 'read')).toHaveLength(3);
    expect(fill() === noisy).toBe(false);
    await panel.press('Undo');
    await expect.poll(() => JSON.stringify(sandbox.dump())).toBe(before);
  });

  it('starts over with what is there where the image was replaced a moment before', async () => {
    const panel = await run([image()], 'restore', ['9:1']);
    const known = ids();
    await panel.waitForPhase(/ready/);
    const other = sandbox.addImage(await scenePng(240, 180, 8));
    sandbox.call('edit', '9:1', { fills: [imageFill(other)] });
    await panel.press(/Restore/);
    await panel.waitForPhase(/Restored in/);
    const [layer] = added(known);
    expect(await pixelsOf(layer!)).toMatchObject({ width: 240, height: 180 });
  });

  it('a file dropped on the panel becomes a layer; its result can be restored again', async () => {
    const panel = await run([], 'restore', []);
    await panel.waitForPhase(/Nothing selected/);
    const before = sandbox.snapshot();
    const file = Array.from(await encode(PICTURE));
    await open!.frame.evaluate((bytes) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([new Uint8Array(bytes)], 'Old scan.png', { type: 'image/png' }));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    }, file);
    await panel.waitForPhase(/Old scan is ready/);
    const [layer] = sandbox.dump().children;
    expect(layer!.props).toMatchObject({ name: 'Old scan', width: 126, height: 84 });
    expect(sandbox.call('box', layer!.id)).toMatchObject({ x: -63, y: -42 });
    expect(await pixelsOf(layer!)).toEqual(PICTURE);
    expect(sandbox.steps()).toBe(1);
    await panel.press(/^Restore/);
    await panel.waitForPhase(/Restored in/);
    await panel.press(/Done/);
    await panel.waitForPhase(/Old scan · restored is ready/);
    await panel.press('From original');
    await panel.waitForPhase(/Old scan is ready/);
    sandbox.call('undo');
    sandbox.call('undo');
    expect(sandbox.snapshot()).toBe(before);
  });

  it('Diagnostics tells what this frame can do', async () => {
    await run([image()], 'diagnostics', ['9:1']);
    await open!.frame
      .getByText(/isSecureContext|secure context/i)
      .first()
      .waitFor();
  });
});

describe('the plugin with the real engine', () => {
  it('fills a gap in a small picture and keeps every other pixel', { timeout: 200_000 }, async () => {
    const real = await Stage.open(undefined, undefined, 'test/figma/relay-page.ts');
    try {
      const small = coordinateImage(48, 40, 5);
      const fromGap = (i: number) =>
        Math.hypot((i % small.width) + 0.5 - 70 / 3, Math.floor(i / small.width) + 0.5 - 20);
      const spoilt = small.data.map((value, i) => (fromGap(i >> 2) < 3 ? 255 : value));
      const smallHash = sandbox.addImage(await encode({ ...small, data: spoilt }));
      const gap = {
        type: 'ELLIPSE',
        id: '9:2',
        width: 20,
        height: 20,
        relativeTransform: turned(0, 60, 50),
        fills: [RED],
      };
      const layer = image({
        width: 144,
        height: 120,
        relativeTransform: turned(0, 0, 0),
        fills: [imageFill(smallHash)],
      });
      sandbox.scene([layer, gap]);
      open = await connect(real, sandbox, 'fill', ['9:1', '9:2']);
      const known = ids();
      const panel = hands(open.frame);
      await panel.waitForPhase(/ready/);
      await panel.choose('Fast');
      await panel.press(/^Fill ·|^Fill$/);
      await expect.poll(() => added(known).length, { timeout: 170_000 }).toBe(1);
      const result = await pixelsOf(added(known)[0]!);
      let [outside, inside] = [0, 0];
      for (let i = 0; i < small.width * small.height; i++) {
        const distance = fromGap(i);
        const off = [0, 1].map((c) => Math.abs(result.data[i * 4 + c]! - small.data[i * 4 + c]!));
        if (distance > 10 / 3 + 4) outside = Math.max(outside, ...off);
        if (distance < 3) inside = Math.max(inside, ...off);
      }
      expect(outside).toBe(0);
      // A ramp is easy to continue: the white there was, black or the mask's red would be off by more than 100.
      expect(inside).toBeLessThan(60);
      await open.close();
    } finally {
      await real.close();
    }
  });
});
