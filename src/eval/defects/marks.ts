import { coverage } from '../../damage/drawn.ts';
import type { Size } from '../../engine/image/box.ts';
import type { FileImage } from '../../node/image-file.ts';
import { Dice } from '../corpus/dice.ts';

/** What an old print suffers, one at a time and all at once. */
export const MARK_KINDS = [
  'scratches',
  'dark-scratches',
  'dust',
  'hairs',
  'folds',
  'mixed',
  'cracks',
] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

export interface Marked {
  readonly image: FileImage;
  /** [height, width] 1 where a mark covers anything of a pixel, seen or not. */
  readonly covered: Uint8Array;
  /** [height, width] 1 where it covers more than a tenth and changes a channel by more than `VISIBLE`. */
  readonly visible: Uint8Array;
}

/** A change of less than this is not seen, 1/255: white on white is nobody's damage. */
const VISIBLE = 10;
const COVERED = 0.1;

/** Marks of one tone: an SVG drawing, and how soft its rim is, px. */
interface Layer {
  readonly body: string;
  readonly tone: readonly number[];
  readonly blur?: number;
}

type Tone = 'paper' | 'dark';

/** Bare paper with a cast, or soot: one tone a picture, 0 … 1. */
function toneOf(dice: Dice, tone: Tone): number[] {
  const base = tone === 'paper' ? dice.between(0.88, 0.99) : dice.between(0.02, 0.12);
  const cast = dice.between(0, 0.05);
  return [base, base - cast / 2, base - cast].map((value) => Math.max(0, value));
}

const at = (value: number) => value.toFixed(2);

/** Straight, curved and broken, 1 to 4 px wide, a third to the whole of the picture long. */
function scratch(dice: Dice, { width, height }: Size): string {
  const shape = dice.pick(['straight', 'curved', 'broken']);
  const upright = dice.chance(0.6);
  const angle = (upright ? Math.PI / 2 : 0) + dice.between(-0.5, 0.5);
  const length = dice.between(0.35, 1) * (upright ? height : width);
  const [dx, dy] = [Math.cos(angle) * length, Math.sin(angle) * length];
  const [x, y] = [dice.between(0.05, 0.95) * width - dx / 2, dice.between(0.2, 0.8) * height - dy / 2];
  const bend = shape === 'straight' ? 0 : dice.between(-0.12, 0.12) * length;
  const [mx, my] = [x + dx / 2 - (dy / length) * bend, y + dy / 2 + (dx / length) * bend];
  const dashes = shape === 'broken' ? ` stroke-dasharray="${dashesOf(dice)}"` : '';
  const path = `M${at(x)} ${at(y)}Q${at(mx)} ${at(my)} ${at(x + dx)} ${at(y + dy)}`;
  const opacity = dice.between(0.85, 1);
  return `<path d="${path}" stroke-width="${at(dice.between(1, 4))}" opacity="${at(opacity)}"${dashes}/>`;
}

const dashesOf = (dice: Dice) =>
  dice.times(6, (i) => at(i % 2 === 0 ? dice.between(20, 70) : dice.between(4, 20))).join(' ');

/** Round or ragged, 1 to 8 px across. */
function speck(dice: Dice, { width, height }: Size): string {
  const [x, y] = [dice.between(4, width - 4), dice.between(4, height - 4)];
  const radius = 0.5 + 3.5 * dice.next() ** 2;
  const corners = dice.times(7, (i) => {
    const [angle, reach] = [(2 * Math.PI * i) / 7, radius * dice.between(0.7, 1.2)];
    return `${at(x + reach * Math.cos(angle))} ${at(y + reach * Math.sin(angle))}`;
  });
  return `<path d="M${corners.join('L')}Z" fill="white" stroke="none" opacity="${at(dice.between(0.85, 1))}"/>`;
}

/** Thin and curling, 20 to 90 px long. */
function hair(dice: Dice, { width, height }: Size): string {
  const [x, y] = [dice.between(0, width), dice.between(0, height)];
  let [angle, turn, px, py] = [dice.between(0, 2 * Math.PI), dice.between(-0.12, 0.12), x, y];
  const steps = dice.int(5, 20);
  const points = dice.times(steps, () => {
    turn += dice.between(-0.06, 0.06);
    angle += turn;
    px += 4.5 * Math.cos(angle);
    py += 4.5 * Math.sin(angle);
    return `${at(px)} ${at(py)}`;
  });
  return `<path d="M${at(x)} ${at(y)}L${points.join('L')}" stroke-width="${at(dice.between(1, 2.2))}" opacity="${at(dice.between(0.85, 1))}"/>`;
}

/** From one edge to the opposite one, nearly straight, soft, with pieces broken off. */
function fold(dice: Dice, { width, height }: Size): string {
  const upright = dice.chance(0.5);
  const [long, short] = upright ? [height, width] : [width, height];
  const place = dice.between(0.15, 0.85) * short;
  const lean = dice.between(-0.05, 0.05) * short;
  const thickness = dice.between(1.5, 4);
  const point = (t: number) => {
    const across = place + lean * t + dice.between(-1.2, 1.2);
    const along = -4 + t * (long + 8);
    return upright ? `${at(across)} ${at(along)}` : `${at(along)} ${at(across)}`;
  };
  const points = dice.times(25, (i) => point(i / 24));
  const losses = dice.times(dice.int(4, 10), () => {
    const [x, y] = point(dice.next()).split(' ');
    return `<circle cx="${x}" cy="${y}" r="${at(thickness * dice.between(0.5, 1.3))}" fill="white" stroke="none"/>`;
  });
  const opacity = at(dice.between(0.55, 0.9));
  return `<path d="M${points.join('L')}" stroke-width="${at(thickness)}" opacity="${opacity}"/>${losses.join('')}`;
}

/** Wandering, of many widths and depths, from a border or another crack on: emulsion that broke down to its paper. */
function crack(dice: Dice, { width, height }: Size, from: readonly (readonly [number, number])[]) {
  const border = (): [number, number] =>
    dice.chance(0.5)
      ? [dice.pick([0, width]), dice.between(0, height)]
      : [dice.between(0, width), dice.pick([0, height])];
  let [x, y] = from.length > 0 && dice.chance(0.5) ? dice.pick(from) : border();
  const [aimX, aimY] = [dice.between(0.2, 0.8) * width, dice.between(0.2, 0.8) * height];
  const course = Math.atan2(aimY - y, aimX - x);
  let angle = course;
  const length = dice.between(0.2, 0.9) * Math.max(width, height);
  const [widest, deepest] = [dice.between(0.8, 4), dice.between(0.5, 0.95)];
  const points: [number, number][] = [];
  const pieces: string[] = [];
  for (let gone = 0; gone < length; ) {
    const bends = dice.times(dice.int(3, 9), (): [number, number] => {
      const step = dice.between(2, 4);
      angle += dice.between(-0.5, 0.5) + 0.3 * (course - angle);
      gone += step;
      [x, y] = [x + step * Math.cos(angle), y + step * Math.sin(angle)];
      return [x, y];
    });
    const start = points.at(-1) ?? [x, y];
    points.push(...bends);
    const path = [start, ...bends].map(([px, py]) => `${at(px)} ${at(py)}`).join('L');
    const [thick, depth] = [widest * dice.between(0.5, 1), deepest * dice.between(0.6, 1)];
    pieces.push(`<path d="M${path}" stroke-width="${at(thick)}" opacity="${at(depth)}"/>`);
  }
  return { body: pieces.join(''), points };
}

function cracks(dice: Dice, size: Size): string {
  const bodies: string[] = [];
  const known: [number, number][] = [];
  for (let i = dice.int(8, 16); i > 0; i--) {
    const { body, points } = crack(dice, size, known);
    bodies.push(body);
    known.push(...points);
  }
  return bodies.join('');
}

/** A print, of one tone: brownish, as most that are cracked are. */
function toned(planes: readonly Float32Array[]): Float32Array[] {
  if (planes.length < 3) return planes.map((plane) => plane.slice());
  const grey = planes[0].map((red, i) => (red + planes[1][i] + planes[2][i]) / 3);
  return TONED.map((power) => grey.map((value) => (0.12 + 0.78 * value) ** power));
}
const TONED = [0.85, 1, 1.2] as const;

function layersOf(kind: MarkKind, dice: Dice, size: Size): Layer[] {
  const layer = (tone: Tone, count: number, draw: typeof scratch, blur?: number): Layer => ({
    tone: toneOf(dice, tone),
    body: dice.times(count, () => draw(dice, size)).join(''),
    ...(blur ? { blur } : {}),
  });
  /** More on larger pictures, as dust is by the area. */
  const byArea = (count: number) => Math.max(4, Math.round((count * size.width * size.height) / 512 ** 2));
  switch (kind) {
    case 'scratches':
      return [layer('paper', dice.int(4, 9), scratch)];
    case 'dark-scratches':
      return [layer('dark', dice.int(4, 9), scratch)];
    case 'dust':
      return [layer(dice.chance(0.7) ? 'paper' : 'dark', byArea(dice.int(30, 70)), speck)];
    case 'hairs':
      return [layer(dice.chance(0.5) ? 'paper' : 'dark', byArea(dice.int(8, 16)), hair)];
    case 'folds':
      return [layer(dice.chance(0.8) ? 'paper' : 'dark', dice.int(1, 2), fold, 0.7)];
    case 'mixed':
      return [
        layer('paper', dice.int(3, 6), scratch),
        layer('paper', byArea(dice.int(15, 40)), speck),
        layer('dark', byArea(dice.int(3, 8)), hair),
        layer('paper', 1, fold, 0.7),
      ];
    case 'cracks':
      return [{ tone: toneOf(dice, 'paper'), body: cracks(dice, size), blur: 0.5 }];
  }
}

/** A picture with marks on it, in 8 bits; same name and seed, same marks. */
export async function marked(image: FileImage, kind: MarkKind, name: string, seed: number): Promise<Marked> {
  const { width, height } = image;
  const dice = new Dice(seed, `${kind} ${name}`);
  const base = kind === 'cracks' ? toned(image.planes) : image.planes;
  const planes = base.map((plane) => plane.slice());
  const covered = new Uint8Array(width * height);
  const most = new Float32Array(width * height);
  for (const { body, tone, blur } of layersOf(kind, dice, { width, height })) {
    const soft = blur ? `<filter id="soft"><feGaussianBlur stdDeviation="${blur}"/></filter>` : '';
    const style = `fill="none" stroke="white" stroke-linecap="round" stroke-linejoin="round"`;
    const drawn = `${soft}<g ${style}${blur ? ' filter="url(#soft)"' : ''}>${body}</g>`;
    const cover = await coverage(drawn, width, height);
    const grey = planes.length === 1 || image.format.grey;
    for (let c = 0; c < Math.min(3, planes.length); c++)
      for (let i = 0; i < cover.length; i++)
        planes[c][i] += ((grey ? tone[1] : tone[c]) - planes[c][i]) * cover[i];
    for (let i = 0; i < cover.length; i++) {
      if (cover[i] > 0.02) covered[i] = 1;
      most[i] = Math.max(most[i], cover[i]);
    }
  }
  const eightBit = planes.map((plane) => plane.map((value) => Math.round(255 * value) / 255));
  const visible = Uint8Array.from(covered, (_, i) =>
    most[i] > COVERED && eightBit.some((plane, c) => 255 * Math.abs(plane[i] - base[c][i]) > VISIBLE) ? 1 : 0,
  );
  const { file: _, ...rest } = image;
  return { image: { ...rest, planes: eightBit }, covered, visible };
}
