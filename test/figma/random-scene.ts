/** Random scenes for the property test: one layer with an image, one to three masks over it, all of them nested and turned. */

import { at, inverse, type Matrix, multiply } from '../../figma-double/matrix.ts';
import type { NodeSpec } from '../../figma-double/state.ts';
import { imageFill, RED, turned } from './client.ts';
import { coordinateImage, type Pixels } from './render.ts';

/** Levels between neighbouring pixels of the coordinate image. */
export const STEP = 4;

class Dice {
  constructor(private state: number) {}
  /** Mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }
  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }
  pick<T>(...choices: T[]): T {
    return choices[this.whole(0, choices.length - 1)]!;
  }
}

export interface Scene {
  readonly specs: NodeSpec[];
  readonly target: string;
  readonly masks: string[];
  readonly picture: Pixels;
  readonly words: string;
}

/** A layer with an image somewhere around (cx, cy), and masks over it. */
export function makeScene(seed: number, sandboxImage: (picture: Pixels) => string): Scene {
  const dice = new Dice(seed);
  const picture = coordinateImage(dice.whole(16, 63), dice.whole(16, 63), STEP);
  const paint = randomPaint(dice, sandboxImage(picture));
  const size = { width: dice.between(60, 160), height: dice.between(60, 160) };
  const target = `9:${seed}`;
  const layer: NodeSpec = {
    type: dice.pick('RECTANGLE', 'RECTANGLE', 'ELLIPSE', 'FRAME', 'POLYGON', 'STAR'),
    id: target,
    name: 'Picture',
    ...size,
    topLeftRadius: dice.pick(0, 0, 12),
    fills: [paint],
    relativeTransform: randomTransform(dice, 0, 0),
  };
  const x = (seed % 10) * 4000;
  const { spec, toPage } = nest(dice, layer, x, `8:${seed}`, true);
  const masks: NodeSpec[] = [];
  const ids: string[] = [];
  for (let i = dice.whole(1, 3); i > 0; i--) {
    const id = `7:${seed * 10 + i}`;
    const centre = at(toPage, size.width * dice.between(0.2, 0.8), size.height * dice.between(0.2, 0.8));
    masks.push(randomMask(dice, id, centre, `6:${seed * 10 + i}`));
    ids.push(id);
  }
  const words = `scene ${seed}: ${layer.type} ${JSON.stringify(paint)} ${JSON.stringify(size)}`;
  return { specs: [spec, ...masks], target, masks: ids, picture, words };
}

function randomPaint(dice: Dice, hash: string): Record<string, unknown> & { type: string } {
  const scaleMode = dice.pick('FILL', 'FIT', 'CROP', 'CROP', 'TILE');
  if (scaleMode !== 'CROP') {
    const rotation = dice.pick(0, 90, 180, 270);
    return imageFill(hash, {
      scaleMode,
      rotation,
      ...(scaleMode === 'TILE' && { scalingFactor: dice.between(1, 2.5) }),
    });
  }
  // A window of the image: turned by any angle, perhaps mirrored, perhaps reaching over the image's edge.
  const angle = dice.pick(0, dice.between(-Math.PI, Math.PI));
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const [sx, sy] = [dice.between(0.3, 1) * dice.pick(1, 1, -1), dice.between(0.3, 1)];
  const [mx, my] = [dice.between(0.35, 0.65), dice.between(0.35, 0.65)];
  const linear = [
    [c * sx, -s * sy],
    [s * sx, c * sy],
  ] as const;
  const imageTransform = linear.map(([a, b], row) => [a, b, (row === 0 ? mx : my) - (a + b) / 2]);
  return imageFill(hash, { scaleMode, imageTransform });
}

function randomTransform(dice: Dice, x: number, y: number): Matrix {
  return turned(dice.pick(0, dice.between(-180, 180)), x, y, dice.pick(1, 1, 1, -1));
}

/** Up to two parents around a layer; an instance among them takes no new layers. */
function nest(
  dice: Dice,
  layer: NodeSpec,
  x: number,
  id: string,
  instances: boolean,
): { spec: NodeSpec; toPage: Matrix } {
  let spec = layer;
  let toPage = layer.relativeTransform as Matrix;
  const depth = dice.whole(0, 2);
  for (let i = 0; i < depth; i++) {
    const type = dice.pick('FRAME', 'GROUP', instances ? 'INSTANCE' : 'FRAME');
    if (type === 'GROUP') {
      spec = { type, id: `${id}${i}`, children: [spec] };
      continue;
    }
    const relativeTransform = randomTransform(dice, dice.between(-50, 50), dice.between(-50, 50));
    const look = { width: 100, height: 100, fills: [], clipsContent: false };
    spec = { type, id: `${id}${i}`, ...look, relativeTransform, children: [spec] };
    toPage = multiply(relativeTransform, toPage);
  }
  const shift: Matrix = [
    [1, 0, x],
    [0, 1, 0],
  ];
  const outer = { type: 'FRAME', id: `${id}9`, width: 10, height: 10, fills: [], clipsContent: false };
  return { spec: { ...outer, relativeTransform: shift, children: [spec] }, toPage: multiply(shift, toPage) };
}

/** A shape whose middle lies at a point of the page, inside a turned frame of its own. */
function randomMask(dice: Dice, id: string, [x, y]: readonly [number, number], frameId: string): NodeSpec {
  const [width, height] = [dice.between(10, 40), dice.between(10, 40)];
  const outer = randomTransform(dice, x + dice.between(-30, 30), y + dice.between(-30, 30));
  const own = randomTransform(dice, 0, 0);
  const [fx, fy] = at(inverse(outer), x, y);
  const [ox, oy] = at(own, width / 2, height / 2);
  const relativeTransform = [
    [own[0][0], own[0][1], fx - ox],
    [own[1][0], own[1][1], fy - oy],
  ];
  const blob =
    `M 0 ${height / 2} C 0 0 ${width} 0 ${width} ${height / 2} Q ${width} ${height} ${width / 2} ${height} ` +
    `L ${width * 0.2} ${height * 0.9} Z M ${width * 0.4} ${height * 0.4} L ${width * 0.6} ${height * 0.4} L ${width * 0.5} ${height * 0.7} Z`;
  const shape: NodeSpec = {
    type: dice.pick('VECTOR', 'VECTOR', 'ELLIPSE', 'RECTANGLE', 'STAR'),
    id,
    width,
    height,
    relativeTransform: relativeTransform as unknown as Matrix,
    fills: [RED],
    vectorPaths: [{ windingRule: dice.pick('NONZERO', 'EVENODD'), data: blob }],
  };
  const frame = { type: 'FRAME', id: frameId, width: 50, height: 50, fills: [], clipsContent: false };
  return { ...frame, relativeTransform: outer, children: [shape] };
}
