/**
 * Runs the built dist/code.js as Figma does: in QuickJS, with no globals but the plugin API (the double), timers and a
 * console. What the plugin sends to its panel goes through the same checks as Figma's bridge.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { getQuickJS, type QuickJSContext, type QuickJSHandle } from 'quickjs-emscripten';
import type { DoubleEvent, Picture } from '../../figma-double/double.ts';
import type { NodeSpec, StyleState } from '../../figma-double/state.ts';
import { pack, unpack } from '../../figma-double/wire.ts';
import type { ToUi } from '../../src/wire/messages.ts';
import { isToUi } from '../../src/wire/messages.ts';
import { Renderer } from './render.ts';

const root = resolve(import.meta.dirname, '../..');
let bundle: Promise<string> | undefined;

/** The double for QuickJS, built once a process. */
function doubleSource(): Promise<string> {
  bundle ??= build({
    entryPoints: [resolve(import.meta.dirname, '../../figma-double/vm-entry.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    logLevel: 'warning',
  }).then(({ outputFiles }) => outputFiles[0]!.text);
  return bundle;
}

interface SceneOptions {
  readonly styles?: readonly StyleState[];
}

/** One document with one plugin run in it. */
export class Sandbox {
  /** What a person saw: panel, toasts, closing; and what Figma would have refused. */
  readonly events: DoubleEvent[] = [];
  readonly log: string[] = [];
  readonly sent: ToUi[] = [];
  readonly renderer = new Renderer();
  /** Who gets the plugin's messages, as plain values. */
  onPost: (message: ToUi) => void = () => {};
  private timers = new Set<NodeJS.Timeout>();
  private pumping = false;
  private disposed = false;

  private constructor(private readonly vm: QuickJSContext) {}

  static async open(): Promise<Sandbox> {
    const quickjs = await getQuickJS();
    const sandbox = new Sandbox(quickjs.newContext());
    await sandbox.load();
    return sandbox;
  }

  private async load(): Promise<void> {
    const { vm } = this;
    const node = vm.newObject();
    this.define(node, 'send', (kind, json, ...buffers) => {
      const bytes = buffers.map((handle) => vm.getArrayBuffer(handle).consume(({ value }) => value.slice()));
      this.receive(vm.getString(kind!), unpack({ json: vm.getString(json!), buffers: bytes }));
    });
    this.define(node, 'timer', (id, delay) => this.startTimer(vm.getNumber(id!), vm.getNumber(delay!)));
    vm.setProp(vm.global, '__node', node);
    node.dispose();
    const manifest = await readFile(resolve(root, 'manifest.json'), 'utf8');
    this.run(`globalThis.__manifest = ${manifest}; globalThis.__html__ = '<p>panel</p>';`, 'setup.js');
    this.run(await doubleSource(), 'double.js');
    this.run('delete globalThis.__manifest;', 'setup.js');
  }

  private define(target: QuickJSHandle, name: string, act: (...args: QuickJSHandle[]) => void): void {
    this.vm
      .newFunction(name, (...args) => act(...args))
      .consume((handle) => this.vm.setProp(target, name, handle));
  }

  private run(code: string, file: string): void {
    this.vm.unwrapResult(this.vm.evalCode(code, file)).dispose();
    this.pump();
  }

  private startTimer(id: number, delay: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (!this.disposed) this.call('fireTimer', id);
    }, delay);
    this.timers.add(timer);
  }

  private receive(kind: string, message: unknown): void {
    if (kind === 'post') this.deliver(message);
    else if (kind === 'image') {
      const image = message as { hash: string; bytes: Uint8Array; width: number; height: number };
      this.renderer.images.set(image.hash, image);
    } else if (kind === 'event') this.events.push(message as DoubleEvent);
    else if (kind === 'log') this.log.push((message as string[]).join(' '));
    else if (kind === 'render') void this.render(message as RenderCall);
  }

  private deliver(message: unknown): void {
    if (!isToUi(message))
      throw new Error(`The plugin sent what its own protocol refuses: ${JSON.stringify(message)}`);
    this.sent.push(message);
    // Figma posts asynchronously; a panel never answers from within the plugin's call.
    setImmediate(() => {
      if (!this.disposed) this.onPost(message);
    });
  }

  private async render({ call, scene, box, scale }: RenderCall): Promise<void> {
    try {
      const png = await this.renderer.png(scene, box, scale);
      if (!this.disposed) this.call('rendered', call, png, '');
    } catch (error) {
      if (!this.disposed) this.call('rendered', call, null, String(error));
    }
  }

  /** Calls an operation of vm-entry.ts. */
  call(name: string, ...args: unknown[]): unknown {
    const { vm } = this;
    const { json, buffers } = pack(args);
    const handles = [vm.newString(name), vm.newString(json)];
    for (const bytes of buffers) handles.push(vm.newArrayBuffer(bytes.slice().buffer));
    const result = vm
      .getProp(vm.global, '__call')
      .consume((entry) => vm.callFunction(entry, vm.undefined, ...handles));
    for (const handle of handles) handle.dispose();
    const text = vm.unwrapResult(result).consume((handle) => vm.getString(handle));
    this.pump();
    return unpack({ json: text, buffers: [] });
  }

  /** Runs what promises in the VM wait for. */
  private pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    try {
      const jobs = this.vm.runtime.executePendingJobs();
      this.vm.unwrapResult(jobs);
    } finally {
      this.pumping = false;
    }
  }

  /** Puts layers on the page. */
  scene(specs: readonly NodeSpec[], { styles = [] }: SceneOptions = {}): void {
    this.call('build', specs, styles);
  }

  /** Gives the document an image file; `missing` = Figma knows it but cannot load it. */
  addImage(bytes: Uint8Array, missing = false): string {
    return this.call('addImage', bytes, missing) as string;
  }

  /** Loads dist/code.js and starts one of its commands. */
  async start(command: string, parameters?: Record<string, unknown>): Promise<void> {
    this.run(await readFile(resolve(root, 'dist/code.js'), 'utf8'), 'code.js');
    this.call('run', command, ...(parameters ? [parameters] : []));
  }

  /** A message from the panel. */
  send(message: unknown): void {
    this.call('receive', message);
  }

  select(...ids: string[]): void {
    this.call('select', ids);
  }

  dump(id?: string): DumpedNode {
    return this.call('dump', ...(id ? [id] : [])) as DumpedNode;
  }

  picture(id?: string): Picture {
    return this.call('picture', ...(id ? [id] : [])) as Picture;
  }

  /** The whole document but the selection, byte for byte. */
  snapshot(): string {
    return this.call('snapshot') as string;
  }

  selection(): string[] {
    return this.call('selection') as string[];
  }

  /** Undo steps made since the scene was built. */
  steps(): number {
    return this.call('steps') as number;
  }

  /** Waits for a message of the plugin that was not waited for yet. */
  async next<T extends ToUi['type']>(type: T, timeout = 5000): Promise<Extract<ToUi, { type: T }>> {
    const until = Date.now() + timeout;
    while (Date.now() < until) {
      const index = this.sent.findIndex((message) => message.type === type);
      if (index >= 0) return this.sent.splice(index, 1)[0] as Extract<ToUi, { type: T }>;
      await new Promise((done) => setTimeout(done, 1));
    }
    const seen = this.sent.map((message) => JSON.stringify(message).slice(0, 300)).join('\n');
    throw new Error(`No "${type}" came within ${timeout} ms. Came:\n${seen}\n${this.log.join('\n')}`);
  }

  /** Lets everything that is due happen. */
  async settle(): Promise<void> {
    for (let i = 0; i < 5; i++) await new Promise((done) => setTimeout(done, 2));
  }

  dispose(): void {
    this.disposed = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.vm.dispose();
  }
}

interface RenderCall {
  readonly call: number;
  readonly scene: Picture;
  readonly box: { x: number; y: number; width: number; height: number };
  readonly scale: number;
}

export interface DumpedNode {
  readonly id: string;
  readonly type: string;
  readonly parent: string | null;
  readonly props: Readonly<Record<string, unknown>>;
  readonly pluginData: Readonly<Record<string, string>>;
  readonly relaunchData: Readonly<Record<string, string>>;
  readonly children: readonly DumpedNode[];
}
