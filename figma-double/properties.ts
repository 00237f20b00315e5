/** Which properties a layer of each type has, what they start with, and what Figma refuses. Names checked by the typings. */
import type {
  BooleanOperationNode,
  FrameNode,
  InstanceNode,
  Paint,
  RectangleNode,
  TextNode,
  VectorNode,
} from '@figma/plugin-typings/plugin-api-standalone';

type Name = Exclude<
  | keyof FrameNode
  | keyof RectangleNode
  | keyof VectorNode
  | keyof TextNode
  | keyof BooleanOperationNode
  | keyof InstanceNode,
  'toString'
>;

interface Property {
  /** Value before anything was assigned. */
  readonly initial: unknown;
  /** Throws on what Figma would not take. */
  readonly check?: (value: unknown, name: string) => void;
  /** Why assigning throws, beyond "no setter": properties that dynamic-page makes read-only. */
  readonly readOnly?: string;
}

type Table = Readonly<Partial<Record<Name, Property>>>;

const flag = (initial: boolean): Property => ({ initial, check: ofType('boolean') });
const number = (initial: number): Property => ({ initial, check: ofType('number') });
const text = (initial: string): Property => ({ initial, check: ofType('string') });
const word = (initial: string, ...others: string[]): Property => ({
  initial,
  check: (value, name) => {
    if (![initial, ...others].includes(value as string))
      throw new Error(`in set_${name}: Property "${name}" failed validation: Invalid enum value`);
  },
});
const plain = (initial: unknown): Property => ({ initial });
const dynamicPage = (initial: unknown, setter: string): Property => ({
  initial,
  readOnly: `Cannot assign with documentAccess: dynamic-page. Use node.${setter} instead.`,
});

function ofType(type: string): NonNullable<Property['check']> {
  return (value, name) => {
    if (typeof value !== type || Number.isNaN(value))
      throw new Error(`in set_${name}: Property "${name}" failed validation: Expected ${type}`);
  };
}

const PAINT_KEYS: Readonly<Record<string, readonly string[]>> = {
  SOLID: ['color', 'boundVariables'],
  IMAGE: ['scaleMode', 'imageHash', 'imageTransform', 'scalingFactor', 'rotation', 'filters'],
  VIDEO: ['scaleMode', 'videoHash', 'videoTransform', 'scalingFactor', 'rotation', 'filters'],
  PATTERN: ['sourceNodeId', 'tileType', 'scalingFactor', 'spacing', 'horizontalAlignment'],
  GRADIENT_LINEAR: ['gradientTransform', 'gradientStops'],
};

/** Paints as Figma validates them: known keys only, rotation by quarter turns and never with CROP. */
export function checkPaints(value: unknown, name: string): void {
  const fail = (why: string): never => {
    throw new Error(`in set_${name}: Property "${name}" failed validation: ${why}`);
  };
  if (!Array.isArray(value)) fail('Expected array');
  for (const paint of value as Paint[]) {
    const known = PAINT_KEYS[paint.type] ?? fail(`Invalid discriminator value ${paint.type}`);
    for (const key of Object.keys(paint))
      if (!['type', 'visible', 'opacity', 'blendMode', ...known].includes(key))
        fail(`Unrecognized key(s) in object: '${key}'`);
    if (paint.type !== 'IMAGE') continue;
    if (!['FILL', 'FIT', 'CROP', 'TILE'].includes(paint.scaleMode)) fail('Invalid scaleMode');
    if (paint.rotation !== undefined && (paint.rotation % 90 !== 0 || paint.scaleMode === 'CROP'))
      fail('rotation must be a multiple of 90 and does not apply to CROP');
    const matrix = paint.imageTransform;
    if (matrix && !matrix.every((row) => row.length === 3 && row.every(Number.isFinite)))
      fail('imageTransform must be a 2 × 3 matrix');
    if (paint.opacity !== undefined && !(paint.opacity >= 0 && paint.opacity <= 1))
      fail('opacity out of range');
  }
}

const paints: Property = { initial: [], check: checkPaints };

const ANY: Table = { name: text(''), visible: flag(true), locked: flag(false) };
const BLEND: Table = {
  opacity: {
    initial: 1,
    check: (value, name) => {
      if (!(typeof value === 'number' && value >= 0 && value <= 1))
        throw new Error(`in set_${name}: out of range`);
    },
  },
  blendMode: plain('PASS_THROUGH'),
  isMask: flag(false),
  maskType: word('ALPHA', 'VECTOR', 'LUMINANCE'),
  effects: plain([]),
  effectStyleId: dynamicPage('', 'setEffectStyleIdAsync'),
};
const LAYOUT: Table = {
  layoutAlign: word('INHERIT', 'STRETCH', 'MIN', 'CENTER', 'MAX'),
  layoutGrow: number(0),
  layoutPositioning: word('AUTO', 'ABSOLUTE'),
  exportSettings: plain([]),
};
const GEOMETRY: Table = {
  fills: paints,
  fillStyleId: dynamicPage('', 'setFillStyleIdAsync'),
  boundVariables: { initial: {}, readOnly: 'no setter for property' },
  strokes: paints,
  strokeStyleId: dynamicPage('', 'setStrokeStyleIdAsync'),
  strokeWeight: number(1),
  strokeAlign: word('INSIDE', 'CENTER', 'OUTSIDE'),
  dashPattern: plain([]),
  strokeCap: plain('NONE'),
  strokeJoin: plain('MITER'),
};
const PLACED: Table = { constraints: plain({ horizontal: 'MIN', vertical: 'MIN' }) };
const CORNERS: Table = {
  topLeftRadius: number(0),
  topRightRadius: number(0),
  bottomLeftRadius: number(0),
  bottomRightRadius: number(0),
  cornerSmoothing: number(0),
};
const SIDES: Table = {
  strokeTopWeight: number(1),
  strokeRightWeight: number(1),
  strokeBottomWeight: number(1),
  strokeLeftWeight: number(1),
};
const FRAME: Table = {
  clipsContent: flag(true),
  layoutMode: word('NONE', 'HORIZONTAL', 'VERTICAL'),
  itemSpacing: number(0),
  paddingLeft: number(0),
  paddingTop: number(0),
};

const SHAPE = { ...ANY, ...BLEND, ...LAYOUT, ...GEOMETRY, ...PLACED };
const FRAME_LIKE = { ...SHAPE, ...CORNERS, ...SIDES, ...FRAME };

export const PROPERTIES: Readonly<Record<string, Table>> = {
  DOCUMENT: { name: text('') },
  PAGE: { name: text('') },
  RECTANGLE: { ...SHAPE, ...CORNERS, ...SIDES },
  ELLIPSE: SHAPE,
  POLYGON: SHAPE,
  STAR: SHAPE,
  LINE: SHAPE,
  VECTOR: { ...SHAPE, vectorPaths: plain([]), vectorNetwork: dynamicPage({}, 'setVectorNetworkAsync') },
  TEXT: { ...SHAPE, characters: text('') },
  BOOLEAN_OPERATION: { ...SHAPE, booleanOperation: word('UNION', 'INTERSECT', 'SUBTRACT', 'EXCLUDE') },
  GROUP: { ...ANY, ...BLEND, ...LAYOUT },
  FRAME: FRAME_LIKE,
  COMPONENT: FRAME_LIKE,
  COMPONENT_SET: FRAME_LIKE,
  INSTANCE: FRAME_LIKE,
  SECTION: { ...ANY, fills: paints, fillStyleId: dynamicPage('', 'setFillStyleIdAsync') },
  SLICE: { ...ANY, ...LAYOUT },
};

export const CONTAINERS = [
  'DOCUMENT',
  'PAGE',
  'GROUP',
  'BOOLEAN_OPERATION',
  'FRAME',
  'COMPONENT',
  'COMPONENT_SET',
  'INSTANCE',
  'SECTION',
];
