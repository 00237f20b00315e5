import type { MaskShape } from '../../../src/wire/pictures.ts';
import type { TargetDescription } from '../../../src/wire/selection.ts';
import { scenePng } from './pictures.ts';
import type { Scenario } from './sandbox.ts';

const WIDTH = 480;
const HEIGHT = 360;

export function target(
  nodeId: string,
  name: string,
  change: Partial<TargetDescription> = {},
): TargetDescription {
  const fill = {
    index: 0,
    imageHash: nodeId,
    scaleMode: 'FILL',
    width: WIDTH,
    height: HEIGHT,
    visible: true,
  } as const;
  const rest = {
    nodeType: 'RECTANGLE',
    width: 240,
    height: 180,
    fills: [fill],
    fillIndex: 0,
    maskIds: [],
    notes: [],
    layerNotes: [],
    translucent: false,
    look: nodeId,
  };
  return { nodeId, name, restored: false, ...rest, ...change };
}

export async function oneImage(change: Partial<Scenario> = {}): Promise<Scenario> {
  const png = await scenePng(WIDTH, HEIGHT, 6);
  return {
    selection: { targets: [target('1:1', 'Evening at the pier')], masks: [], problems: [] },
    files: { '1:1': png },
    masks: {},
    ...change,
  };
}

/** Nothing is wrong with it. */
export async function cleanImage(): Promise<Scenario> {
  return oneImage({ files: { '1:1': await scenePng(WIDTH, HEIGHT, 0) } });
}

/** A rotated ellipse with a hole, and a stroke beside it, over the boat. */
const SHAPES: MaskShape[] = [
  {
    kind: 'paths',
    nodeId: '2:1',
    paths: [
      {
        data: 'M 0 -50 C 55 -50 90 -28 90 0 C 90 28 55 50 0 50 C -55 50 -90 28 -90 0 C -90 -28 -55 -50 0 -50 Z M -30 -16 L 30 -16 L 30 16 L -30 16 Z',
        rule: 'evenodd',
      },
    ],
    matrices: [[0.94, 0.34, -0.34, 0.94, 150, 262]],
  },
  {
    kind: 'paths',
    nodeId: '2:2',
    paths: [{ data: 'M 300 60 L 440 140 L 434 152 L 294 72 Z', rule: 'nonzero' }],
    matrices: [[1, 0, 0, 1, 0, 0]],
  },
];

export async function withArea(change: Partial<Scenario> = {}): Promise<Scenario> {
  return oneImage({
    selection: {
      targets: [target('1:1', 'Evening at the pier', { maskIds: ['2:1', '2:2'] })],
      masks: [
        { nodeId: '2:1', name: 'Ellipse 4' },
        { nodeId: '2:2', name: 'Line 2' },
      ],
      problems: [],
    },
    masks: { '1:1': SHAPES },
    ...change,
  });
}

/** Four images, of which those of the indices in `clean` have no noise. */
export async function severalImages(
  change: Partial<Scenario> = {},
  clean: readonly number[] = [],
): Promise<Scenario> {
  const names = ['Evening at the pier', 'Ferry', 'Two hills', 'Regatta, scan 12'];
  const files: Record<string, Uint8Array> = {};
  for (const i of names.keys())
    files[`1:${i + 1}`] = await scenePng(240, 180 + 30 * i, clean.includes(i) ? 0 : 5, i + 1);
  const targets = names.map((name, i) =>
    target(`1:${i + 1}`, name, {
      fills: [
        { index: 0, imageHash: name, scaleMode: 'FILL', width: 240, height: 180 + 30 * i, visible: true },
      ],
    }),
  );
  return { selection: { targets, masks: [], problems: [] }, files, masks: {}, ...change };
}
