/**
 * A double of Figma's plugin API over a small scene graph: what this plugin uses of it, with the refusals of the real
 * one. Runs inside QuickJS beside the built dist/code.js (see ../sandbox.ts), and in a page for the playground.
 */
import type { PluginAPI } from '@figma/plugin-typings/plugin-api-standalone';
import { hashOf, readImage, type StoredImage } from './images.ts';
import { absoluteBox, absoluteTransform, fillRooms, relativeTransform, sizeOf } from './layout.ts';
import type { Matrix } from './matrix.ts';
import { type NodeSurroundings, Nodes, renderBounds, type View } from './nodes.ts';
import { fillGeometry, strokeGeometry } from './outline.ts';
import { checkPaints, PROPERTIES } from './properties.ts';
import { imageView, styleView } from './resources.ts';
import { type NodeSpec, type NodeState, PAGE, ROOT, State, type StyleState } from './state.ts';

export interface Manifest {
  readonly menu: readonly { readonly command?: string; readonly separator?: boolean }[];
  readonly relaunchButtons: readonly { readonly command: string }[];
}

/** What the double asks of the outside. */
export interface Outside {
  /** A message for the panel, not checked yet. */
  post(message: unknown): void;
  /** Renders `scene` into a PNG of `scale` pixels a page unit, cut to `box`. */
  render(scene: Picture, box: Box, scale: number): Promise<Uint8Array>;
  imageAdded(hash: string, image: StoredImage): void;
  /** Things a person sees: toasts, the panel opening, resizing and closing, relaunch buttons. */
  event(event: DoubleEvent): void;
}

export type DoubleEvent =
  | { readonly type: 'panel'; readonly html: string; readonly width: number; readonly height: number }
  | { readonly type: 'resize'; readonly width: number; readonly height: number }
  | { readonly type: 'toast'; readonly words: string; readonly error: boolean }
  | { readonly type: 'close'; readonly words: string }
  /** Something real Figma would have refused or cut off silently. */
  | { readonly type: 'fault'; readonly words: string };

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One layer to draw: everything a renderer needs and nothing of the plugin's own arithmetic. */
export interface Picture {
  readonly id: string;
  readonly type: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly width: number;
  readonly height: number;
  /** To the nearest ancestor with a space of its own; the root's is absolute. */
  readonly transform: Matrix;
  readonly fill: readonly { readonly windingRule: string; readonly data: string }[];
  readonly stroke: readonly { readonly windingRule: string; readonly data: string }[];
  readonly children: readonly Picture[];
}

const MIXED = Symbol('figma.mixed');

/** What a closed plugin's calls throw. */
export const CLOSED = 'The plugin was closed: the API is disabled.';

export class Double {
  readonly state = new State();
  readonly images = new Map<string, StoredImage>();
  readonly figma: PluginAPI;
  closed = false;
  private readonly nodes: Nodes;
  private readonly listeners = new Map<string, ((event?: unknown) => void)[]>();
  private readonly storage = new Map<string, unknown>();
  private pending: { type: string; id: string; properties: string[] }[] = [];
  private onmessage: ((message: unknown, props: unknown) => void) | undefined;

  constructor(
    private readonly manifest: Manifest,
    private readonly outside: Outside,
  ) {
    const around: NodeSurroundings = {
      state: this.state,
      mixed: MIXED,
      relaunchCommands: manifest.relaunchButtons.map(({ command }) => command),
      changed: (type, id, properties) => this.changed(type, id, properties),
      render: (id, scale) => this.render(id, scale),
      onPage: (id, event, callback, add) => this.listen(`${id} ${event}`, callback, add),
    };
    this.nodes = new Nodes(around);
    this.figma = this.makeApi();
  }

  /** Builds layers on the page and makes that the document's first state. */
  build(specs: readonly NodeSpec[], styles: readonly StyleState[] = []): void {
    for (const style of styles) this.state.styles[style.id] = style;
    for (const spec of specs) this.buildNode(spec, PAGE);
    fillRooms(this.state);
    this.state.commit();
  }

  private buildNode({ type, id, name, children, pluginData, ...props }: NodeSpec, parent: string): void {
    const node = this.state.add(type, parent, name ?? type, id);
    Object.assign(node.props, JSON.parse(JSON.stringify(props)));
    if (Array.isArray(props.fills)) checkPaints(props.fills, 'fills');
    Object.assign(node.pluginData, pluginData);
    for (const child of children ?? []) this.buildNode(child, node.id);
  }

  addImage(bytes: Uint8Array, missing = false): string {
    const image = readImage(bytes);
    const hash = hashOf(bytes);
    if (!this.images.has(hash)) this.outside.imageAdded(hash, image);
    this.images.set(hash, missing ? { ...image, missing } : image);
    return hash;
  }

  /** Makes room for another run of the plugin in the same document: Figma starts each in a fresh VM. */
  restart(): void {
    this.listeners.clear();
    this.onmessage = undefined;
    this.closed = false;
  }

  /** The user starts the plugin from the menu, quick actions or a relaunch button. */
  run(command: string, parameters?: Record<string, unknown>): void {
    const known = [...this.manifest.menu, ...this.manifest.relaunchButtons].some(
      (item) => item.command === command,
    );
    if (!known) throw new Error(`The manifest has no command "${command}".`);
    this.state.commit();
    this.emit('run', { command, ...(parameters ? { parameters } : {}) });
  }

  /** A message of the panel. */
  receive(message: unknown): void {
    if (!this.closed) this.onmessage?.(message, { origin: 'null' });
  }

  /** The user selects layers. */
  select(ids: readonly string[]): void {
    this.state.selection = ids.map((id) => this.state.node(id).id);
    this.emit('selectionchange');
  }

  /** The user (or somebody else in the file) changes the document. */
  edit(id: string, props: Record<string, unknown>): void {
    Object.assign(this.state.node(id).props, JSON.parse(JSON.stringify(props)));
    this.changed('PROPERTY_CHANGE', id, Object.keys(props));
    this.state.commit();
  }

  remove(id: string): void {
    const selected = this.state.selection.length;
    this.state.remove(id);
    this.changed('DELETE', id, []);
    if (this.state.selection.length !== selected) this.emit('selectionchange');
    this.state.commit();
  }

  /** Somebody deletes the page that is shown: Figma shows another one. */
  removePage(): void {
    const gone = this.state.currentPage;
    this.state.currentPage = this.state.add('PAGE', ROOT, 'Page 2').id;
    this.state.remove(gone);
    this.state.selection = [];
    this.emit('currentpagechange');
    this.emit('selectionchange');
    this.state.commit();
  }

  undo(): void {
    this.state.undo();
    this.emit('selectionchange');
  }

  /** The user closes the panel's window. */
  closeByUser(): void {
    this.close('');
  }

  /** What the plugin put into clientStorage. */
  stored(key: string): unknown {
    return this.storage.get(key);
  }

  /** A layer with everything below it as plain data. */
  dump(id = PAGE): unknown {
    const node = this.state.node(id);
    return { ...node, children: node.children.map((child) => this.dump(child)) };
  }

  picture(id = PAGE): Picture {
    return this.pictureOf(this.state.node(id), true);
  }

  box(id: string): Box {
    return absoluteBox(this.state, this.state.node(id));
  }

  private pictureOf(node: NodeState, root: boolean): Picture {
    const { state } = this;
    const draws = 'fills' in (PROPERTIES[node.type] ?? {});
    return {
      id: node.id,
      type: node.type,
      props: node.props,
      ...sizeOf(state, node),
      transform: root ? absoluteTransform(state, node) : relativeTransform(state, node),
      fill: draws ? fillGeometry(state, node) : [],
      stroke: draws ? strokeGeometry(state, node) : [],
      children: node.children.map((id) => this.pictureOf(state.node(id), false)),
    };
  }

  private render(id: string, scale: number): Promise<Uint8Array> {
    const node = this.state.node(id);
    const box = renderBounds(this.state, node);
    if (!box) return Promise.reject(new Error('in exportAsync: Failed to export node.'));
    return this.outside.render(this.pictureOf(node, true), box, scale);
  }

  private listen(event: string, callback: (event?: unknown) => void, add: boolean): void {
    const list = this.listeners.get(event) ?? [];
    this.listeners.set(event, add ? [...list, callback] : list.filter((known) => known !== callback));
  }

  /** Figma calls back later, never from within the change. */
  private emit(event: string, payload?: unknown): void {
    void Promise.resolve().then(() => {
      if (!this.closed) for (const callback of this.listeners.get(event) ?? []) callback(payload);
    });
  }

  private changed(type: string, id: string, properties: string[]): void {
    fillRooms(this.state);
    if (this.pending.push({ type, id, properties }) > 1) return;
    void Promise.resolve().then(() => {
      const nodeChanges = this.pending.map(({ type, id, properties }) => ({
        ...{ type, id, properties, origin: 'LOCAL' },
        node: this.state.find(id) ? this.nodes.view(id) : { removed: true, type: 'RECTANGLE', id },
      }));
      this.pending = [];
      this.emit(`${this.state.currentPage} nodechange`, { nodeChanges });
      if (nodeChanges.some(({ properties: changed }) => changed.includes('selection')))
        this.emit('selectionchange');
    });
  }

  private close(words: string): void {
    if (this.closed) return;
    for (const callback of this.listeners.get('close') ?? []) callback();
    this.closed = true;
    this.state.commit();
    this.outside.event({ type: 'close', words });
  }

  private fault(words: string): void {
    this.outside.event({ type: 'fault', words });
  }

  /** The part of the API this plugin uses; anything else is absent and fails loudly. */
  private makeApi(): PluginAPI {
    const { state, nodes } = this;
    const open = () => {
      if (this.closed) throw new Error(CLOSED);
    };
    const view = (id: string) => {
      open();
      return nodes.view(id);
    };
    const dynamicPage = (replacement: string) => () => {
      throw new Error(`Cannot call with documentAccess: dynamic-page. Use ${replacement} instead.`);
    };
    const api = {
      apiVersion: '1.0.0',
      editorType: 'figma',
      mode: 'default',
      pluginId: '0000000000000000000',
      mixed: MIXED,
      viewport: {
        bounds: { x: -5000, y: -5000, width: 10000, height: 10000 },
        center: { x: 0, y: 0 },
        scrollAndZoomIntoView: () => {},
      },
      root: view(ROOT),
      on: (event: string, callback: () => void) => this.listen(event, callback, true),
      off: (event: string, callback: () => void) => this.listen(event, callback, false),
      parameters: {
        on: (event: string, callback: () => void) => this.listen(`parameters ${event}`, callback, true),
      },
      getNodeById: dynamicPage('figma.getNodeByIdAsync'),
      getStyleById: dynamicPage('figma.getStyleByIdAsync'),
      getNodeByIdAsync: async (id: string) => (state.find(id) ? view(id) : null),
      getStyleByIdAsync: async (id: string) => styleView(state, id),
      getImageByHash: (hash: string) => imageView(this.images, hash),
      createImage: (bytes: Uint8Array) => imageView(this.images, this.addImage(bytes)),
      createRectangle: () => {
        const node = state.add('RECTANGLE', state.currentPage, 'Rectangle');
        this.changed('CREATE', node.id, []);
        return view(node.id);
      },
      group: (children: View[], parent: View, index: number) => nodes.group(children, parent, index),
      commitUndo: () => state.commit(),
      triggerUndo: () => state.undo(),
      notify: (words: string, options?: { error?: boolean }) => {
        open();
        if (words.length > 100) this.fault(`A notification of ${words.length} characters is cut off at 100.`);
        this.outside.event({ type: 'toast', words, error: options?.error ?? false });
        return { cancel: () => {} };
      },
      clientStorage: {
        getAsync: async (key: string) => this.storage.get(key),
        setAsync: async (key: string, value: unknown) =>
          void this.storage.set(key, JSON.parse(JSON.stringify(value))),
      },
      showUI: (html: string, options: { width?: number; height?: number } = {}) => {
        open();
        this.outside.event({
          type: 'panel',
          html,
          width: options.width ?? 300,
          height: options.height ?? 200,
        });
      },
      closePlugin: (words = '') => this.close(words),
      ui: this.makeUi(open),
    };
    Object.defineProperty(api, 'currentPage', {
      get: () => view(state.currentPage),
      set: dynamicPage('figma.setCurrentPageAsync'),
    });
    return Object.freeze(api) as unknown as PluginAPI;
  }

  private makeUi(open: () => void): object {
    const double = this;
    return {
      postMessage: (message: unknown) => {
        open();
        this.outside.post(message);
      },
      resize: (width: number, height: number) => {
        if (!(width >= 70 && height >= 0))
          this.fault(`figma.ui.resize(${width}, ${height}) is below Figma's minimum.`);
        this.outside.event({ type: 'resize', width, height });
      },
      get onmessage() {
        return double.onmessage;
      },
      set onmessage(callback) {
        double.onmessage = callback;
      },
    };
  }

  /** What a quick action's field offers for what the user typed there, or the error it shows. */
  suggest(key: string, query: string): { name: string; data: unknown }[] | { error: string } {
    let answer: { name: string; data: unknown }[] | { error: string } = [];
    const result = {
      setSuggestions: (list: { name: string; data: unknown }[]) => {
        answer = list;
      },
      setError: (error: string) => {
        answer = { error };
      },
    };
    for (const callback of this.listeners.get('parameters input') ?? [])
      callback({ key, query, parameters: {}, result });
    return answer;
  }
}
