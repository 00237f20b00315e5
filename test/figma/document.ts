import { afterEach, beforeEach, expect } from 'vitest';
import type { NodeSpec } from '../../figma-double/state.ts';
import { Client, imageFill, RED, turned } from './client.ts';
import { coordinateImage, encode } from './render.ts';
import { type DumpedNode, Sandbox } from './sandbox.ts';

/** The picture that every document has. */
export const PICTURE = coordinateImage(64, 48, 4);

/** The restored picture: the same with blue at full, so that it is another file. */
export const RESTORED = { ...PICTURE, data: PICTURE.data.map((value, i) => (i % 4 === 2 ? 255 : value)) };

/** The document of the test that runs, the panel that is played to it, and the picture's hash in it. */
export let sandbox: Sandbox;
export let client: Client;
export let hash: string;

/** A layer that shows the picture. */
export const imageLayer = (more: Partial<NodeSpec> = {}): NodeSpec => ({
  type: 'RECTANGLE',
  id: '9:1',
  name: 'Boats',
  width: 200,
  height: 100,
  fills: [imageFill(hash)],
  ...more,
});

/** The same as designs have it: turned, and over another fill. */
export const turnedLayer = (more: Partial<NodeSpec> = {}): NodeSpec =>
  imageLayer({
    relativeTransform: turned(20, 30, 90),
    fills: [RED, imageFill(hash, { filters: { exposure: 0.3 }, opacity: 0.8 })],
    ...more,
  });

export const fillsOf = (node: DumpedNode) => node.props.fills as Record<string, unknown>[];

export async function openDocument(): Promise<void> {
  sandbox = await Sandbox.open();
  client = new Client(sandbox);
  hash = sandbox.addImage(await encode(PICTURE));
}

/** Gives every test of a file a document of its own, and expects no fault of the sandbox. */
export function useDocument(): void {
  beforeEach(openDocument);
  afterEach(() => {
    expect(sandbox.events.filter(({ type }) => type === 'fault')).toEqual([]);
    sandbox.dispose();
  });
}
