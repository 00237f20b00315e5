import { describe, expect, it } from 'vitest';
import type { HandedImage } from '../../src/wire/pictures.ts';
import { encoded, enlarge, imageFill, RED, turned } from './client.ts';
import {
  client,
  fillsOf,
  hash,
  turnedLayer as image,
  PICTURE,
  RESTORED,
  sandbox,
  useDocument,
} from './document.ts';
import { coordinateImage, encode } from './render.ts';

useDocument();

/** The layer's image as it was read, and another layer beside it. */
async function prepared() {
  sandbox.scene([image(), image({ id: '9:2' })]);
  await client.open('restore', ['9:1']);
  return client.source('9:1', [], 1);
}

/** The message that writes a result whose picture was handed over. */
async function messageOf(
  { nodeId, fillIndex, imageHash }: Awaited<ReturnType<typeof prepared>>,
  request: number,
) {
  const image = (await client.hand(await encoded(RESTORED))) as HandedImage;
  const how = { task: 'restore', place: 'layer', factor: 1, hideOriginal: true, hideMasks: false } as const;
  return { type: 'write', request, nodeId, fillIndex, imageHash, image, ...how, answers: {} } as const;
}

describe('what may happen meanwhile', () => {
  it('the layer is deleted', async () => {
    const source = await prepared();
    sandbox.call('remove', '9:1');
    const before = sandbox.snapshot();
    const answer = await client.write(source, await encoded(RESTORED));
    expect(answer).toMatchObject({ type: 'failed', problem: { code: 'node-removed' } });
    expect(sandbox.snapshot()).toBe(before);
  });

  it('the layer is deleted while the result is on its way', async () => {
    const source = await prepared();
    const request = 500;
    sandbox.send(await messageOf(source, request));
    sandbox.call('remove', '9:1');
    const before = sandbox.snapshot();
    expect(await client.answer(request)).toMatchObject({ type: 'failed', problem: { code: 'node-removed' } });
    expect(sandbox.snapshot()).toBe(before);
  });

  it('the layer gets another image', async () => {
    const source = await prepared();
    const other = sandbox.addImage(await encode(coordinateImage(5, 5)));
    sandbox.call('edit', '9:1', { fills: [RED, imageFill(other)] });
    const answer = await client.write(source, await encoded(RESTORED));
    expect(answer).toMatchObject({ type: 'failed', problem: { code: 'image-changed' } });
  });

  it('a tint is put under the image: the image is found, also by Compare and Revert', async () => {
    const source = await prepared();
    sandbox.call('edit', '9:1', { fills: [RED, RED, imageFill(hash)] });
    const options = { task: 'upscale', place: 'in-place', factor: 2 } as const;
    await client.written(source, await encoded(enlarge(PICTURE, 2)), options);
    const images = () => fillsOf(sandbox.dump('9:1')).map(({ imageHash }) => imageHash);
    const large = images()[2];
    expect(images().slice(0, 2)).toEqual([undefined, undefined]);
    expect(large === hash).toBe(false);
    sandbox.call('edit', '9:1', { fills: [RED, imageFill(large as string)] });
    const ask = (type: 'compare' | 'revert') => {
      const request = client.request;
      sandbox.send({ type, request, nodeId: '9:1' });
      return client.answer(request);
    };
    expect(await ask('compare')).toMatchObject({ showing: 'original' });
    expect(await ask('compare')).toMatchObject({ showing: 'restored' });
    expect(await ask('revert')).toMatchObject({ showing: 'original' });
    expect(images()).toEqual([undefined, hash]);
  });

  it('the layer is moved: the result follows', async () => {
    const source = await prepared();
    sandbox.call('edit', '9:1', { relativeTransform: turned(70, -300, 12) });
    const { nodeId } = await client.written(source, await encoded(RESTORED));
    expect(sandbox.dump(nodeId).props.relativeTransform).toEqual(turned(70, -300, 12));
  });

  it('the writing is cancelled', async () => {
    const source = await prepared();
    const before = sandbox.snapshot();
    sandbox.send(await messageOf(source, 600));
    sandbox.send({ type: 'cancel', request: 600 });
    expect(await client.answer(600)).toMatchObject({ type: 'failed', problem: { code: 'cancelled' } });
    expect(sandbox.snapshot()).toBe(before);
  });

  it('the panel is closed: the file stays as it was', async () => {
    const source = await prepared();
    const before = sandbox.snapshot();
    sandbox.send(await messageOf(source, 700));
    sandbox.call('closeByUser');
    await sandbox.settle();
    expect(sandbox.snapshot()).toBe(before);
  });

  it('the file became read-only', async () => {
    const source = await prepared();
    const before = sandbox.dump();
    sandbox.call('lock');
    for (const place of ['layer', 'in-place'] as const) {
      const answer = await client.write(source, await encoded(RESTORED), { place, hideOriginal: true });
      expect(answer).toMatchObject({ type: 'failed', problem: { code: 'read-only' } });
    }
    expect(sandbox.dump()).toEqual(before);
  });

  it('the request comes twice: it is met once', async () => {
    const source = await prepared();
    const message = await messageOf(source, 800);
    const before = sandbox.dump().children.length;
    sandbox.send(message);
    sandbox.send(message);
    await client.answer(800);
    await sandbox.settle();
    expect(sandbox.dump().children).toHaveLength(before + 1);
    expect(sandbox.steps()).toBe(1);
  });

  it('Figma refuses the picture', async () => {
    const source = await prepared();
    const before = sandbox.snapshot();
    const png = new Uint8Array([1, 2, 3]);
    const answer = await client.write(source, {
      width: 1,
      height: 1,
      tiles: [{ x: 0, y: 0, width: 1, height: 1, png }],
    });
    expect(answer).toMatchObject({ type: 'failed', problem: { code: 'refused-by-figma' } });
    expect(sandbox.snapshot()).toBe(before);
  });

  it('Figma refuses the new layer half-way: it is taken back', async () => {
    const source = await prepared();
    const odd = { ...RED, somethingNew: 1 };
    sandbox.call('edit', '9:1', { fills: [odd, imageFill(hash)] });
    const [before, steps] = [sandbox.dump(), sandbox.steps()];
    const answer = await client.write(source, await encoded(RESTORED), { hideOriginal: true });
    expect(answer).toMatchObject({ type: 'failed', problem: { code: 'refused-by-figma' } });
    expect(sandbox.dump()).toEqual(before);
    expect(sandbox.steps()).toBeLessThanOrEqual(steps + 1);
  });

  it('a pattern lies beside the image', async () => {
    const source = await prepared();
    sandbox.call('edit', '9:1', { fills: [{ type: 'PATTERN', sourceNodeId: '9:2' }, imageFill(hash)] });
    const answer = await client.write(source, await encoded(RESTORED));
    expect(answer).toMatchObject({ type: 'failed', problem: { words: expect.stringContaining('pattern') } });
    expect(sandbox.dump().children).toHaveLength(2);
  });

  it('two results at once are written one after the other', async () => {
    const first = await prepared();
    const second = await client.source('9:2', [], 1);
    const [a, b] = await Promise.all([
      client.written(first, await encoded(RESTORED)),
      client.written(second, await encoded(PICTURE)),
    ]);
    expect(sandbox.dump().children.map(({ id }) => id)).toEqual(['9:1', a.nodeId, '9:2', b.nodeId]);
    expect(sandbox.steps()).toBe(2);
  });
});
