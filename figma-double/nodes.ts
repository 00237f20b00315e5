/** Layers as the plugin sees them: thin views over the plain state that throw where Figma throws. */
import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone';
import {
  absoluteBox,
  absoluteTransform,
  fits,
  inFlow,
  isVisible,
  relativeTransform,
  sizeOf,
} from './layout.ts';
import { around, at, type Box, cornersOf, type Matrix } from './matrix.ts';
import { fillGeometry, strokeGeometry } from './outline.ts';
import { CONTAINERS, PROPERTIES } from './properties.ts';
import type { NodeState, State } from './state.ts';

/** A view: typed only where the double itself needs it; the plugin sees it through the typings. */
export interface View {
  readonly id: string;
  readonly type: string;
  readonly children?: readonly View[];
}

export interface NodeSurroundings {
  readonly state: State;
  /** figma.mixed. */
  readonly mixed: symbol;
  readonly relaunchCommands: readonly string[];
  /** A change was made through the API. */
  changed(type: 'CREATE' | 'DELETE' | 'PROPERTY_CHANGE', id: string, properties: string[]): void;
  render(id: string, scale: number): Promise<Uint8Array>;
  onPage(id: string, event: string, callback: (event: unknown) => void, add: boolean): void;
}

type Self = { readonly id: string };

export class Nodes {
  private readonly views = new Map<string, View>();
  private readonly prototypes = new Map<string, object>();

  constructor(private readonly around: NodeSurroundings) {}

  view(id: string): View {
    const known = this.views.get(id);
    if (known) return known;
    const { type } = this.around.state.node(id);
    const view = Object.create(this.prototypeOf(type)) as View;
    Object.defineProperty(view, 'id', { value: id, enumerable: true });
    Object.defineProperty(view, 'type', { value: type, enumerable: true });
    this.views.set(id, Object.preventExtensions(view));
    return view;
  }

  private prototypeOf(type: string): object {
    const known = this.prototypes.get(type);
    if (known) return known;
    const table = PROPERTIES[type];
    if (!table) throw new Error(`The double has no ${type} nodes.`);
    const prototype = {};
    for (const name of Object.keys(table)) this.defineProperty(prototype, type, name);
    this.defineTree(prototype, type);
    if (type !== 'PAGE' && type !== 'DOCUMENT') this.defineScene(prototype, type);
    if (type === 'PAGE') this.definePage(prototype);
    this.prototypes.set(type, prototype);
    return prototype;
  }

  private defineProperty(prototype: object, type: string, name: string): void {
    const { state, changed } = this.around;
    const property = (PROPERTIES[type] as Record<string, NonNullable<(typeof PROPERTIES)[string]['name']>>)[
      name
    ]!;
    const own = (self: Self) => state.node(self.id).props;
    const mixed = this.around.mixed;
    Object.defineProperty(prototype, name, {
      enumerable: true,
      get(this: Self) {
        const value = name in own(this) ? own(this)[name] : property.initial;
        if (value === '$throws') throw new Error(`in get_${name}: The node is not ready`);
        return value === '$mixed' ? mixed : frozen(value);
      },
      set(this: Self, value: unknown) {
        state.change(`set_${name}`);
        if (property.readOnly) throw new Error(`in set_${name}: ${property.readOnly}`);
        property.check?.(value, name);
        const props = own(this);
        props[name] = JSON.parse(JSON.stringify(value));
        if (name === 'fills' && props.fillStyleId) props.fillStyleId = '';
        changed('PROPERTY_CHANGE', this.id, [name]);
      },
    });
  }

  private getter(prototype: object, name: string, read: (node: NodeState) => unknown): void {
    const { state } = this.around;
    Object.defineProperty(prototype, name, {
      enumerable: true,
      get(this: Self) {
        return frozen(read(state.node(this.id)));
      },
      set(this: Self) {
        throw new TypeError(`no setter for property '${name}'`);
      },
    });
  }

  private method(prototype: object, name: string, act: (node: NodeState, ...args: never[]) => unknown): void {
    const { state } = this.around;
    Object.defineProperty(prototype, name, {
      value(this: Self, ...args: never[]) {
        return act(state.node(this.id), ...args);
      },
    });
  }

  /** What every node has. */
  private defineTree(prototype: object, type: string): void {
    const { state } = this.around;
    Object.defineProperty(prototype, 'removed', {
      get(this: Self) {
        return state.find(this.id) === undefined;
      },
    });
    Object.defineProperty(prototype, 'parent', {
      get: lookup(state, (node) => (node.parent === null ? null : this.view(node.parent))),
    });
    this.method(prototype, 'getPluginData', (node, key: string) => node.pluginData[key] ?? '');
    this.method(prototype, 'setPluginData', (node, key: string, value: string) => {
      if (typeof value !== 'string' || value.length > 1e5)
        throw new Error('in setPluginData: Expected a string of ≤ 100 kB');
      if (value === '') delete node.pluginData[key];
      else node.pluginData[key] = value;
    });
    if (CONTAINERS.includes(type)) this.defineContainer(prototype);
  }

  private defineContainer(prototype: object): void {
    const { state } = this.around;
    Object.defineProperty(prototype, 'children', {
      get: lookup(state, (node) => Object.freeze(node.children.map((id) => this.view(id)))),
    });
    this.method(prototype, 'findAll', (node, test: (view: View) => boolean) =>
      descendants(state, node)
        .map((id) => this.view(id))
        .filter((view) => !test || test(view)),
    );
    this.method(prototype, 'insertChild', (node, index: number, child: View) =>
      this.insert(node, index, child),
    );
    this.method(prototype, 'appendChild', (node, child: View) =>
      this.insert(node, node.children.length, child),
    );
  }

  private insert(parent: NodeState, index: number, { id }: View): void {
    const { state, changed } = this.around;
    const chain = [parent, ...state.ancestors(parent.id)];
    if (chain.some(({ type }) => type === 'INSTANCE'))
      throw new Error(
        'in insertChild: Cannot move node. New parent is an instance or is inside of an instance',
      );
    if (state.ancestors(id).some(({ type }) => type === 'INSTANCE'))
      throw new Error('in insertChild: Cannot move node. Node is inside of an instance');
    if (chain.some((node) => node.id === id)) throw new Error('in insertChild: A node cannot contain itself');
    if (parent.type === 'COMPONENT_SET' && state.node(id).type !== 'COMPONENT')
      throw new Error('in insertChild: Component sets can only contain components');
    if (!(index >= 0 && index <= parent.children.length))
      throw new Error('in insertChild: Index out of bounds');
    state.move(id, parent.id, index);
    changed('PROPERTY_CHANGE', id, ['parent']);
  }

  private defineScene(prototype: object, type: string): void {
    const { state, changed } = this.around;
    this.definePlacement(prototype);
    if (type !== 'SECTION') this.defineLayout(prototype, type);
    this.method(prototype, 'remove', (node) => {
      if (state.ancestors(node.id).some((ancestor) => ancestor.type === 'INSTANCE'))
        throw new Error('in remove: Cannot remove a node inside of an instance');
      state.remove(node.id);
      changed('DELETE', node.id, []);
    });
    this.method(prototype, 'clone', (node) => {
      const copy = this.copy(node, state.currentPage);
      changed('CREATE', copy.id, []);
      return this.view(copy.id);
    });
    this.method(prototype, 'setRelaunchData', (node, data: Record<string, string>) => {
      for (const command of Object.keys(data))
        if (!this.around.relaunchCommands.includes(command))
          throw new Error(
            `in setRelaunchData: "${command}" is not a relaunchButtons command of the manifest`,
          );
      node.relaunchData = { ...data };
    });
    this.method(prototype, 'getRelaunchData', (node) => ({ ...node.relaunchData }));
    if (type === 'TEXT')
      this.method(prototype, 'getStyledTextSegments', (node) => [
        { fills: frozen(node.props.segmentFills ?? node.props.fills ?? []) },
      ]);
  }

  private copy(node: NodeState, parent: string): NodeState {
    const { state } = this.around;
    // A clone of a main component's child or of an instance's child is a layer of its own.
    const copy = state.add(node.type, parent, '');
    copy.props = JSON.parse(JSON.stringify(node.props)) as NodeState['props'];
    copy.pluginData = { ...node.pluginData };
    copy.relaunchData = { ...node.relaunchData };
    for (const child of node.children) this.copy(state.node(child), copy.id);
    return copy;
  }

  private definePlacement(prototype: object): void {
    const { state, changed } = this.around;
    const assign = (node: NodeState, matrix: Matrix) => {
      const lengths = [Math.hypot(matrix[0][0], matrix[1][0]), Math.hypot(matrix[0][1], matrix[1][1])];
      if (lengths.some((length) => Math.abs(length - 1) > 1e-3))
        throw new Error('in set_relativeTransform: Expected unit axes; use resize() to change the size');
      if (fits(node)) moveChildren(state, node, matrix[0][2], matrix[1][2]);
      else {
        const now = relativeTransform(state, node);
        const keeps = inFlow(state, node);
        node.props.relativeTransform = [
          [matrix[0][0], matrix[0][1], keeps ? now[0][2] : matrix[0][2]],
          [matrix[1][0], matrix[1][1], keeps ? now[1][2] : matrix[1][2]],
        ];
      }
      changed('PROPERTY_CHANGE', node.id, ['relativeTransform']);
    };
    const placed = (name: string, read: (m: Matrix) => unknown, write: (m: Matrix, v: never) => Matrix) =>
      Object.defineProperty(prototype, name, {
        enumerable: true,
        get: lookup(state, (node) => frozen(read(relativeTransform(state, node)))),
        set(this: Self, value: never) {
          const node = state.node(this.id);
          assign(node, write(relativeTransform(state, node), value));
        },
      });
    placed(
      'relativeTransform',
      (m) => m,
      (_m, v: Matrix) => v,
    );
    placed(
      'x',
      (m) => m[0][2],
      ([[a, b], row], v: number) => [[a, b, v], row],
    );
    placed(
      'y',
      (m) => m[1][2],
      ([row, [c, d]], v: number) => [row, [c, d, v]],
    );
    this.getter(prototype, 'width', (node) => sizeOf(state, node).width);
    this.getter(prototype, 'height', (node) => sizeOf(state, node).height);
    this.getter(prototype, 'absoluteTransform', (node) => absoluteTransform(state, node));
    this.getter(prototype, 'absoluteBoundingBox', (node) => absoluteBox(state, node));
    this.method(prototype, 'resize', (node, width: number, height: number) => {
      if (!(width >= 0.01 && height >= 0.01)) throw new Error('in resize: Expected sizes of at least 0.01');
      node.props.width = width;
      node.props.height = height;
      changed('PROPERTY_CHANGE', node.id, ['width', 'height']);
    });
  }

  private defineLayout(prototype: object, type: string): void {
    const { state, changed } = this.around;
    this.getter(prototype, 'absoluteRenderBounds', (node) =>
      isVisible(state, node) ? renderBounds(state, node) : null,
    );
    if ('fills' in PROPERTIES[type]!) {
      this.getter(prototype, 'fillGeometry', (node) => fillGeometry(state, node));
      this.getter(prototype, 'strokeGeometry', (node) => strokeGeometry(state, node));
      this.method(prototype, 'setFillStyleIdAsync', async ({ id, props }, styleId: string) => {
        const style = state.styles[styleId];
        if (!style) throw new Error(`in setFillStyleIdAsync: Could not find style with id "${styleId}"`);
        Object.assign(props, { fillStyleId: styleId, fills: JSON.parse(JSON.stringify(style.paints)) });
        changed('PROPERTY_CHANGE', id, ['fillStyleId', 'fills']);
      });
    }
    const render = this.around.render;
    this.method(
      prototype,
      'exportAsync',
      async (node, settings: { format: string; constraint?: { type: string; value: number } }) => {
        if (settings.format !== 'PNG') throw new Error('The double exports PNG only.');
        if (!isVisible(state, node))
          throw new Error(
            'in exportAsync: Failed to export node. This node may not have any visible layers.',
          );
        return render(node.id, settings.constraint?.value ?? 1);
      },
    );
  }

  private definePage(prototype: object): void {
    const { state } = this.around;
    Object.defineProperty(prototype, 'selection', {
      get: () => Object.freeze(state.selection.map((id) => this.view(id))),
      set: (nodes: readonly View[]) => {
        state.selection = nodes.map(({ id }) => state.node(id).id);
        this.around.changed('PROPERTY_CHANGE', state.currentPage, ['selection']);
      },
    });
    this.method(prototype, 'loadAsync', async () => {});
    const { onPage } = this.around;
    this.method(prototype, 'on', ({ id }, event: string, callback: () => void) =>
      onPage(id, event, callback, true),
    );
    this.method(prototype, 'off', ({ id }, event: string, callback: () => void) =>
      onPage(id, event, callback, false),
    );
  }

  /** figma.group: the layers stay where they stand, for groups have no space of their own. */
  group(nodes: readonly View[], parent: View, index: number): View {
    const { state, changed } = this.around;
    const group = state.add('GROUP', parent.id, 'Group');
    state.move(group.id, parent.id, Math.min(index, state.node(parent.id).children.length - 1));
    nodes.forEach(({ id }, i) => {
      state.move(id, group.id, i);
    });
    changed('CREATE', group.id, []);
    return this.view(group.id);
  }
}

function lookup(state: State, read: (node: NodeState) => unknown): (this: Self) => unknown {
  return function (this: Self) {
    return read(state.node(this.id));
  };
}

/** Figma hands out copies that cannot be changed; assigning into them must not reach the document. */
function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const copy: unknown = JSON.parse(JSON.stringify(value));
  const freeze = (item: unknown): unknown => {
    if (typeof item === 'object' && item !== null) Object.values(Object.freeze(item)).forEach(freeze);
    return item;
  };
  return freeze(copy);
}

function descendants(state: State, node: NodeState): string[] {
  return node.children.flatMap((id) => [id, ...descendants(state, state.node(id))]);
}

function moveChildren(state: State, node: NodeState, x: number, y: number): void {
  const now = relativeTransform(state, node);
  for (const id of node.children) {
    const child = state.node(id);
    const [[a, b, cx], [c, d, cy]] = relativeTransform(state, child);
    const [nx, ny] = [cx + x - now[0][2], cy + y - now[1][2]];
    if (fits(child)) moveChildren(state, child, nx, ny);
    else
      child.props.relativeTransform = [
        [a, b, nx],
        [c, d, ny],
      ];
  }
}

function sizes(state: State, node: NodeState): [number, number] {
  const { width, height } = sizeOf(state, node);
  return [width, height];
}

/** Outlines, strokes included, of everything visible. Shadows are left out: no test draws one. */
export function renderBounds(state: State, node: NodeState): Box | null {
  const points: [number, number][] = [];
  const visit = (id: string) => {
    const current = state.node(id);
    if (current.props.visible === false) return;
    const matrix = absoluteTransform(state, current);
    if ('fills' in PROPERTIES[current.type]!)
      for (const { data } of [...fillGeometry(state, current), ...strokeGeometry(state, current)]) {
        const numbers = (data.match(/-?[\d.]+(?:e[-+]?\d+)?/g) ?? []).map(Number);
        for (let i = 0; i + 1 < numbers.length; i += 2) points.push(at(matrix, numbers[i]!, numbers[i + 1]!));
      }
    if (current.props.clipsContent === true) points.push(...cornersOf(matrix, ...sizes(state, current)));
    else if (current.type !== 'BOOLEAN_OPERATION') current.children.forEach(visit);
  };
  visit(node.id);
  return around(points);
}

export type SceneView = View & SceneNode;
