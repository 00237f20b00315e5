/** Outlines of the double's shapes, as Figma's fillGeometry and strokeGeometry give them. */
import type { VectorPath } from '@figma/plugin-typings/plugin-api-standalone';
import { relativeTransform, sizeOf } from './layout.ts';
import { at, inverse, type Matrix, multiply } from './matrix.ts';
import type { NodeState, State } from './state.ts';

/** Control point distance of a quarter circle. */
const K = 0.5522847498307936;

type Geometry = Pick<VectorPath, 'windingRule' | 'data'>[];

export function fillGeometry(state: State, node: NodeState): Geometry {
  const given = node.props.fillGeometry as Geometry | undefined;
  if (given) return given;
  const { width, height } = sizeOf(state, node);
  switch (node.type) {
    case 'VECTOR':
      return (node.props.vectorPaths as VectorPath[]).filter(({ windingRule }) => windingRule !== 'NONE');
    case 'BOOLEAN_OPERATION':
      return booleanGeometry(state, node);
    case 'ELLIPSE':
      return [nonzero(roundedRectangle(width, height, width / 2, height / 2))];
    case 'POLYGON':
      return [nonzero(regular(width, height, [1, 1, 1]))];
    case 'STAR':
      return [nonzero(regular(width, height, [1, 0.382, 1, 0.382, 1, 0.382, 1, 0.382, 1, 0.382]))];
    case 'TEXT':
      return letters(String(node.props.characters ?? ''), width, height);
    case 'LINE':
    case 'GROUP':
      return [];
    default: {
      const radius = Math.min(Number(node.props.topLeftRadius ?? 0), width / 2, height / 2);
      return [nonzero(roundedRectangle(width, height, radius, radius))];
    }
  }
}

function nonzero(data: string): Geometry[number] {
  return { windingRule: 'NONZERO', data };
}

function roundedRectangle(w: number, h: number, rx: number, ry: number): string {
  if (rx === 0 || ry === 0) return `M 0 0 L ${w} 0 L ${w} ${h} L 0 ${h} L 0 0 Z`;
  const [cx, cy] = [rx * (1 - K), ry * (1 - K)];
  return [
    `M ${rx} 0 L ${w - rx} 0 C ${w - cx} 0 ${w} ${cy} ${w} ${ry}`,
    `L ${w} ${h - ry} C ${w} ${h - cy} ${w - cx} ${h} ${w - rx} ${h}`,
    `L ${rx} ${h} C ${cx} ${h} 0 ${h - cy} 0 ${h - ry}`,
    `L 0 ${ry} C 0 ${cy} ${cx} 0 ${rx} 0 Z`,
  ].join(' ');
}

function regular(w: number, h: number, radii: readonly number[]): string {
  const points = radii.map((radius, i) => {
    const angle = (i / radii.length) * 2 * Math.PI - Math.PI / 2;
    return `${w / 2 + (w / 2) * radius * Math.cos(angle)} ${h / 2 + (h / 2) * radius * Math.sin(angle)}`;
  });
  return `M ${points.join(' L ')} Z`;
}

/** A block a letter with a hole for the round ones: enough to tell outlines from bounding boxes. */
function letters(text: string, width: number, height: number): Geometry {
  if (text.trim() === '') return [];
  const step = width / text.length;
  let data = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === ' ') continue;
    const [left, right] = [i * step + step * 0.1, (i + 1) * step - step * 0.1];
    const [top, bottom] = [height * 0.2, height * 0.8];
    data += `M ${left} ${top} L ${right} ${top} L ${right} ${bottom} L ${left} ${bottom} Z `;
    if ('abdegopqABDOPQR0689'.includes(text[i]!)) {
      const [x, y] = [step * 0.2, height * 0.15];
      data += `M ${left + x} ${top + y} L ${left + x} ${bottom - y} L ${right - x} ${bottom - y} L ${right - x} ${top + y} Z `;
    }
  }
  return [nonzero(data.trim())];
}

/** Children's outlines in the boolean's own space; even-odd, which is right for EXCLUDE and for holes within. */
function booleanGeometry(state: State, node: NodeState): Geometry {
  const own = inverse(relativeTransform(state, node));
  const data = node.children.map((id) => {
    const child = state.node(id);
    const toOwn = multiply(own, relativeTransform(state, child));
    return fillGeometry(state, child)
      .map((path) => transformPath(path.data, toOwn))
      .join(' ');
  });
  const windingRule = node.props.booleanOperation === 'UNION' ? 'NONZERO' : 'EVENODD';
  return [{ windingRule, data: data.join(' ') }];
}

function transformPath(data: string, matrix: Matrix): string {
  const tokens = data.match(/[A-Z]|-?[\d.]+(?:e[-+]?\d+)?/g) ?? [];
  const out: string[] = [];
  for (let i = 0; i < tokens.length; i++) {
    if (/[A-Z]/.test(tokens[i]!)) out.push(tokens[i]!);
    else {
      const [x, y] = at(matrix, Number(tokens[i]), Number(tokens[++i]));
      out.push(String(x), String(y));
    }
  }
  return out.join(' ');
}

/** Centred outline of straight segments: one quad each, which a nonzero fill unites. Curves by their chords. */
export function strokeGeometry(state: State, node: NodeState): Geometry {
  const strokes = (node.props.strokes ?? []) as { visible?: boolean }[];
  const weight = node.props.strokeWeight === '$mixed' ? 1 : Number(node.props.strokeWeight ?? 0);
  if (weight === 0 || !strokes.some(({ visible }) => visible !== false)) return [];
  const { width } = sizeOf(state, node);
  const paths =
    node.type === 'LINE'
      ? [{ data: `M 0 0 L ${width} 0` }]
      : node.type === 'VECTOR'
        ? (node.props.vectorPaths as VectorPath[])
        : fillGeometry(state, node);
  const quads = paths.map(({ data }) => strokeQuads(polyline(data), weight / 2)).join(' ');
  return quads ? [nonzero(quads)] : [];
}

function polyline(data: string): [number, number][][] {
  const lines: [number, number][][] = [];
  for (const [, command, rest] of data.matchAll(/([MLCQZ])([^MLCQZ]*)/g)) {
    const n = (rest ?? '')
      .trim()
      .split(/[\s,]+/)
      .map(Number);
    const line = lines[lines.length - 1];
    if (command === 'M') lines.push([[n[0]!, n[1]!]]);
    else if (command === 'Z') line!.push(line![0]!);
    else if (command === 'L') line!.push([n[0]!, n[1]!]);
    else {
      const start = line![line!.length - 1]!;
      const controls = [start, ...chunk(n)];
      for (let i = 1; i <= 16; i++) line!.push(bezier(controls, i / 16));
    }
  }
  return lines;
}

function chunk(numbers: readonly number[]): [number, number][] {
  const pairs: [number, number][] = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) pairs.push([numbers[i]!, numbers[i + 1]!]);
  return pairs;
}

function bezier(points: [number, number][], t: number): [number, number] {
  if (points.length === 1) return points[0]!;
  const next = points.slice(1).map(([x, y], i): [number, number] => {
    const [px, py] = points[i]!;
    return [px + (x - px) * t, py + (y - py) * t];
  });
  return bezier(next, t);
}

function strokeQuads(lines: [number, number][][], half: number): string {
  const quads: string[] = [];
  for (const line of lines)
    for (let i = 1; i < line.length; i++) {
      const [[x0, y0], [x1, y1]] = [line[i - 1]!, line[i]!];
      const length = Math.hypot(x1 - x0, y1 - y0);
      if (length === 0) continue;
      const [nx, ny] = [(-(y1 - y0) / length) * half, ((x1 - x0) / length) * half];
      quads.push(
        `M ${x0 + nx} ${y0 + ny} L ${x0 - nx} ${y0 - ny} L ${x1 - nx} ${y1 - ny} L ${x1 + nx} ${y1 + ny} Z`,
      );
    }
  return quads.join(' ');
}
