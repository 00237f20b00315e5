/** Where layers stand: container spaces, groups that fit their children, auto-layout. After the typings' remarks. */
import { around, type Box, cornersOf, type Matrix, matrixOf, multiply, UNIT } from './matrix.ts';
import type { NodeState, State } from './state.ts';

/** Groups and boolean operations have no space of their own: their size and place follow their children. */
export function fits(node: NodeState): boolean {
  return node.type === 'GROUP' || node.type === 'BOOLEAN_OPERATION';
}

export function sizeOf(state: State, node: NodeState): { width: number; height: number } {
  if (fits(node)) {
    const box = childrenBox(state, node);
    return { width: box?.width ?? 0, height: box?.height ?? 0 };
  }
  return { width: Number(node.props.width ?? 100), height: Number(node.props.height ?? 100) };
}

/** In the space of the container, see containerOf. */
function childrenBox(state: State, node: NodeState): Box | null {
  return around(
    node.children.flatMap((id) => {
      const child = state.node(id);
      const { width, height } = sizeOf(state, child);
      return cornersOf(relativeTransform(state, child), width, height);
    }),
  );
}

function containerOf(state: State, node: NodeState): NodeState | undefined {
  return state.ancestors(node.id).find((ancestor) => !fits(ancestor));
}

export function relativeTransform(state: State, node: NodeState): Matrix {
  if (fits(node)) {
    const box = childrenBox(state, node);
    return [
      [1, 0, box?.x ?? 0],
      [0, 1, box?.y ?? 0],
    ];
  }
  const own = matrixOf(node.props.relativeTransform);
  const flow = flowPosition(state, node);
  if (!flow) return own;
  const { width, height } = sizeOf(state, node);
  const linear: Matrix = [
    [own[0][0], own[0][1], 0],
    [own[1][0], own[1][1], 0],
  ];
  const box = around(cornersOf(linear, width, height))!;
  return [
    [own[0][0], own[0][1], flow[0] - box.x],
    [own[1][0], own[1][1], flow[1] - box.y],
  ];
}

export function inFlow(state: State, node: NodeState): boolean {
  const parent = node.parent === null ? undefined : state.find(node.parent);
  const mode = parent?.props.layoutMode ?? 'NONE';
  return mode !== 'NONE' && node.props.layoutPositioning !== 'ABSOLUTE' && node.props.visible !== false;
}

/** Top left corner of the bounds in an auto-layout parent; undefined outside of one. */
function flowPosition(state: State, node: NodeState): [number, number] | undefined {
  if (!inFlow(state, node)) return undefined;
  const parent = state.node(node.parent!);
  const number = (name: string) => Number(parent.props[name] ?? 0);
  const horizontal = parent.props.layoutMode === 'HORIZONTAL';
  let along = number(horizontal ? 'paddingLeft' : 'paddingTop');
  for (const id of parent.children) {
    if (id === node.id) break;
    const sibling = state.node(id);
    if (!inFlow(state, sibling)) continue;
    const { width, height } = flowSize(state, sibling);
    along += (horizontal ? width : height) + number('itemSpacing');
  }
  return horizontal ? [along, number('paddingTop')] : [number('paddingLeft'), along];
}

function flowSize(state: State, node: NodeState): { width: number; height: number } {
  const { width, height } = sizeOf(state, node);
  if (fits(node)) return { width, height };
  const [[a, b], [c, d]] = matrixOf(node.props.relativeTransform);
  return around(
    cornersOf(
      [
        [a, b, 0],
        [c, d, 0],
      ],
      width,
      height,
    ),
  )!;
}

export function absoluteTransform(state: State, node: NodeState): Matrix {
  if (node.type === 'PAGE' || node.type === 'DOCUMENT') return UNIT;
  const container = containerOf(state, node);
  return multiply(container ? absoluteTransform(state, container) : UNIT, relativeTransform(state, node));
}

export function isVisible(state: State, node: NodeState): boolean {
  return [node, ...state.ancestors(node.id)].every(({ props }) => props.visible !== false);
}

export function absoluteBox(state: State, node: NodeState): Box {
  const { width, height } = sizeOf(state, node);
  return around(cornersOf(absoluteTransform(state, node), width, height))!;
}

/** Children that fill an auto-layout parent take its room, and keep that size when they leave its flow. */
export function fillRooms(state: State): void {
  for (const parent of state.all()) {
    const mode = parent.props.layoutMode ?? 'NONE';
    const children = mode === 'NONE' ? [] : parent.children.map((id) => state.node(id));
    const flowing = children.filter((child) => inFlow(state, child));
    const [along, across] = mode === 'HORIZONTAL' ? ['width', 'height'] : ['height', 'width'];
    const room = (axis: string) => {
      const [from, to] = axis === 'width' ? ['paddingLeft', 'paddingRight'] : ['paddingTop', 'paddingBottom'];
      return Number(parent.props[axis]) - Number(parent.props[from!] ?? 0) - Number(parent.props[to!] ?? 0);
    };
    const growing = flowing.filter(({ props }) => props.layoutGrow === 1);
    const fixed = flowing.filter(({ props }) => props.layoutGrow !== 1);
    const taken = fixed.reduce((sum, { props }) => sum + Number(props[along!]), 0);
    const spaces = Number(parent.props.itemSpacing ?? 0) * (flowing.length - 1);
    for (const { props } of growing) props[along!] = (room(along!) - spaces - taken) / growing.length;
    for (const { props } of flowing) if (props.layoutAlign === 'STRETCH') props[across!] = room(across!);
  }
}
