/**
 * A double of Penpot's plugin API after its typings (@penpot/plugin-types): what the plugin uses of it, and no more, so
 * that anything else fails loudly. The document is plain data; a snapshot is a string.
 */
import type { Fill, ImageData, Penpot, Shape } from '@penpot/plugin-types';
import { isToUi, type ToPlugin, type ToUi } from '../../src/wire/messages.ts';

/** A shape as a test writes it down. */
export interface ShapeSpec {
  readonly id: string;
  readonly type: 'rectangle' | 'ellipse' | 'path' | 'board' | 'text';
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly children?: readonly ShapeSpec[];
  readonly [property: string]: unknown;
}

type State = Record<string, unknown> & { id: string; children: State[]; data: Record<string, string> };

const DEFAULTS = {
  ...{ x: 0, y: 0, width: 100, height: 100, rotation: 0, flipX: false, flipY: false },
  ...{ visible: true, blocked: false, opacity: 1, blendMode: 'normal', borderRadius: 0 },
  ...{ fills: [], strokes: [], shadows: [], name: 'Layer', copyOf: '' },
};
/** What the typings let a plugin assign. */
const WRITABLE = ['name', 'x', 'y', 'visible', 'blocked', 'fills'];

export class PenpotDouble {
  readonly sent: ToUi[] = [];
  readonly files = new Map<string, Uint8Array>();
  /** Undo steps: what a block encloses is one. */
  steps = 0;
  refusesUploads = false;
  refusesFills = false;
  private readonly root: State = { id: 'root', children: [], data: {} };
  private readonly listeners = new Map<string, () => void>();
  private selected: string[] = [];
  private stored = '';
  private made = 0;
  private receive: (message: unknown) => void = () => {};

  /** Puts shapes on the page, bottommost first. */
  scene(specs: readonly ShapeSpec[]): void {
    const build = ({ children = [], ...props }: ShapeSpec): State => ({
      ...structuredClone({ ...DEFAULTS, ...props }),
      children: children.map(build),
      data: {},
    });
    this.root.children = specs.map(build);
  }

  /** An image that was uploaded before. */
  image(bytes: Uint8Array, width: number, height: number, keepAspectRatio = true): ImageData {
    const id = `image ${this.files.size + 1}`;
    this.files.set(id, bytes);
    return { id, width, height, mtype: 'image/png', keepAspectRatio } as ImageData;
  }

  select(...ids: string[]): void {
    this.selected = ids;
    this.listeners.get('selectionchange')?.();
  }

  remove(id: string): void {
    const parent = this.parentOf(id)!;
    parent.children = parent.children.filter((child) => child.id !== id);
    this.select(...this.selected.filter((one) => one !== id));
  }

  /** A message of the panel. */
  send(message: ToPlugin): void {
    this.receive({ pluginMessage: structuredClone(message) });
  }

  snapshot(): string {
    return JSON.stringify(this.root);
  }

  state(id: string): State {
    const found = this.all().find((state) => state.id === id);
    if (!found) throw new Error(`No shape "${id}".`);
    return found;
  }

  all(from: State = this.root): State[] {
    return from.children.flatMap((child) => [child, ...this.all(child)]);
  }

  get selection(): readonly string[] {
    return this.selected;
  }

  async answer(request: number): Promise<ToUi> {
    for (let tries = 0; tries < 500; tries++) {
      const found = this.sent.find(
        (message) => 'request' in message && message.request === request && message.type !== 'progress',
      );
      if (found) return found;
      await new Promise((done) => setTimeout(done, 2));
    }
    throw new Error(`No answer to ${request}.`);
  }

  readonly api = {
    version: '2.0',
    flags: { throwValidationErrors: false },
    ui: {
      open: () => {},
      resize: () => {},
      sendMessage: (data: unknown) => {
        const message = structuredClone(data as { pluginMessage: unknown }).pluginMessage;
        if (!isToUi(message)) throw new Error(`Not a message: ${JSON.stringify(message)}`);
        this.sent.push(message);
      },
      onMessage: (callback: (message: never) => void) => {
        this.receive = callback as (message: unknown) => void;
      },
    },
    localStorage: {
      getItem: () => this.stored,
      setItem: (_: string, value: unknown) => {
        this.stored = String(value);
      },
    },
    on: (event: string, callback: () => void) => {
      this.listeners.set(event, callback);
      return Symbol(event);
    },
    history: {
      undoBlockBegin: () => Symbol('block'),
      undoBlockFinish: () => {
        this.steps++;
      },
    },
    viewport: { center: { x: 0, y: 0 } },
    currentPage: { getShapeById: (id: string) => (this.has(id) ? this.shape(id) : null) },
    createRectangle: () => {
      const id = `made ${++this.made}`;
      this.root.children.push({
        ...structuredClone(DEFAULTS),
        id,
        type: 'rectangle',
        children: [],
        data: {},
      });
      return this.shape(id);
    },
    uploadMediaData: async (name: string, bytes: Uint8Array) => {
      if (this.refusesUploads) throw new Error('The file is too large.');
      const [width, height] = [
        new DataView(bytes.buffer).getUint32(16),
        new DataView(bytes.buffer).getUint32(20),
      ];
      return this.withData({ ...this.image(bytes, width, height, false), name });
    },
  };

  install(): void {
    const of = (ids: string[]) => ids.filter((id) => this.has(id)).map((id) => this.shape(id));
    Object.defineProperty(this.api, 'selection', {
      get: () => of(this.selected),
      set: (shapes: Shape[]) => this.select(...shapes.map(({ id }) => id)),
    });
    Object.assign(globalThis, { penpot: this.api as unknown as Penpot });
  }

  private has(id: string): boolean {
    return this.all().some((state) => state.id === id);
  }

  private parentOf(id: string): State | undefined {
    return [this.root, ...this.all()].find(({ children }) => children.some((child) => child.id === id));
  }

  private withData(image: ImageData): ImageData {
    return { ...image, data: async () => this.files.get(image.id)!.slice() };
  }

  /** Properties are accessors, as Penpot's proxies have them. */
  private shape(id: string): Shape {
    const state = () => this.state(id);
    const centre = () => {
      const { x, y, width, height } = state() as unknown as Shape;
      return { x: x + width / 2, y: y + height / 2 };
    };
    const methods: Record<string, unknown> = {
      getPluginData: (key: string) => state().data[key] ?? '',
      setPluginData: (key: string, value: string) => {
        state().data[key] = value;
      },
      isComponentCopyInstance: () => state().copyOf !== '',
      isComponentRoot: () => false,
      componentRoot: () => ({ name: state().copyOf }),
      resize: (width: number, height: number) => Object.assign(state(), { width, height }),
      clone: () => {
        const copy = { ...structuredClone(state()), id: `made ${++this.made}` };
        this.parentOf(id)!.children.push(copy);
        return this.shape(copy.id);
      },
      setParentIndex: (index: number) => {
        const parent = this.parentOf(id)!;
        const own = state();
        parent.children = parent.children.filter((child) => child !== own);
        parent.children.splice(index, 0, own);
      },
      remove: () => this.remove(id),
      export: async () => this.files.get('export')!,
    };
    const getters: Record<string, () => unknown> = {
      center: centre,
      bounds: () => {
        const { x, y, width, height } = state() as unknown as Shape;
        return { x, y, width, height };
      },
      parentIndex: () => this.parentOf(id)!.children.indexOf(state()),
      children: () => state().children.map((child) => this.shape(child.id)),
      fills: () => {
        const { fills } = state();
        return Array.isArray(fills)
          ? (fills as Fill[]).map((fill) =>
              fill.fillImage ? { ...fill, fillImage: this.withData(fill.fillImage) } : fill,
            )
          : fills;
      },
    };
    return new Proxy({} as Shape, {
      get: (_, name: string) => methods[name] ?? getters[name]?.() ?? state()[name],
      has: (_, name: string) =>
        name in methods || (name === 'children' ? state().type === 'board' : name in state()),
      set: (_, name: string, value: unknown) => {
        if (name === 'fills' && this.refusesFills) throw new Error('Value not valid: fills');
        if (!WRITABLE.includes(name)) throw new Error(`${name} cannot be assigned.`);
        state()[name] = JSON.parse(JSON.stringify(value));
        return true;
      },
    });
  }
}
