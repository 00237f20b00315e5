import type { SelectionDescription, TargetDescription } from '../wire/selection.ts';
import { DEFAULT_SETTINGS } from '../wire/settings.ts';
import type { ReadingPort } from './ports.ts';
import { hasMasks, type Item } from './state.ts';
import { failureOf } from './words.ts';

/** Reads what is selected: the files' pixels, what is wrong with them, the areas to fill. */
export class Reading {
  #count = 0;

  constructor(readonly panel: ReadingPort) {}

  async read(selection: SelectionDescription): Promise<void> {
    const reading = ++this.#count;
    const { store, threads, engines } = this.panel;
    for (const { key } of store.state.items) void threads.studio.call('close', { key });
    const items = selection.targets.map((target) => newItem(target, selection.revision));
    // What was asked for was asked of these layers, or of what Revert and the like are about to select.
    if (!store.state.acting && idsOf(items) !== idsOf(store.state.items)) store.set({ wanted: false });
    // What was chosen was chosen for what was selected; a quick action chooses before anything is.
    if (store.state.items.length > 0) store.set({ quality: undefined });
    store.set({
      items,
      active: 0,
      problems: selection.problems,
      maskNames: selection.masks.map(({ name }) => name),
      failure: undefined,
      question: undefined,
      run: undefined,
    });
    if (items.length === 0) {
      const nothing = selection.problems.every(({ code }) => code === 'nothing-selected');
      this.panel.phase(nothing ? 'empty' : 'unsupported');
      return;
    }
    this.#followMasks();
    this.panel.phase('reading');
    for (const item of items) {
      await this.#open(item);
      if (reading !== this.#count) return;
    }
    const [first] = store.state.items;
    if (items.length === 1 && first?.failure) {
      store.set({ failure: first.failure });
      this.panel.phase('failed');
      return;
    }
    this.panel.phase('ready');
    void engines.pace();
  }

  /** Takes names and notes of a selection whose pixels and masks are what was, or is being, read; false = they are not. */
  refresh({ targets, masks, problems }: SelectionDescription): boolean {
    const { store } = this.panel;
    const { items, phase } = store.state;
    const reading = phase === 'reading';
    const same = (item: Item, target: TargetDescription | undefined) =>
      (item.opened !== undefined || (reading && item.status === 'waiting')) &&
      item.nodeId === target?.nodeId &&
      item.look === target.look &&
      item.maskIds.join() === target.maskIds.join();
    if (!(phase === 'ready' || reading) || items.length === 0 || items.length !== targets.length)
      return false;
    if (!items.every((item, i) => same(item, targets[i]))) return false;
    for (const [i, { key, opened }] of items.entries()) {
      const { name, notes, layerNotes, instance, translucent, restored } = targets[i]!;
      const all = [...notes, ...(opened?.notes ?? [])];
      store.setItem(key, { name, notes: all, layerNotes, instance, translucent, restored });
    }
    store.set({ problems, maskNames: masks.map((mask) => mask.name) });
    return true;
  }

  /** Reads one image once more: it failed, or another fill of its layer was chosen. */
  async again(item: Item): Promise<void> {
    const { store } = this.panel;
    this.panel.phase('reading');
    store.setItem(item.key, { status: 'waiting', failure: undefined });
    await this.#open({ ...item, notes: [] });
    const now = store.state.items.find(({ key }) => key === item.key);
    store.set({ failure: now?.failure });
    this.panel.phase(now?.failure ? 'failed' : 'ready');
    void this.panel.engines.pace();
  }

  /** A mask layer in the selection means Fill, unless the command was another one; without one Fill is for who asks. */
  #followMasks(): void {
    const { store } = this.panel;
    const { command, operation } = store.state;
    const masks = hasMasks(store.state);
    if (masks && command !== 'upscale') store.set({ operation: 'fill' });
    if (!masks && operation === 'fill' && command !== 'fill') store.set({ operation: 'restore' });
    if (store.state.operation === 'fill') store.set({ tool: masks ? 'move' : 'draw' });
  }

  async #open(item: Item): Promise<void> {
    const { store, bridge, threads } = this.panel;
    const { key, nodeId, fillIndex, maskIds } = item;
    const answer = await bridge.ask({ type: 'read', nodeId, fillIndex, maskIds });
    if (answer.type === 'failed') {
      const { words, code } = answer.problem;
      const failure = { what: 'This cannot be worked on.', next: words, details: `${code}: ${words}` };
      store.setItem(key, { failure, status: 'failed' });
      return;
    }
    if (answer.type !== 'source') return;
    const fill = item.fills.find(({ index }) => index === fillIndex);
    const expected = fill && { width: fill.width, height: fill.height };
    try {
      const opened = await threads.studio.call('open', { key, bytes: answer.bytes, expected }, [
        answer.bytes.buffer as ArrayBuffer,
      ]);
      const notes = [...item.notes, ...opened.notes];
      const { imageHash, masks, shown, filters } = answer;
      store.setItem(key, { imageHash, shapes: masks, shown, filters, opened, notes, status: 'ready' });
      if (masks.length > 0) await this.drawArea(key);
    } catch (error) {
      store.setItem(key, { failure: failureOf(error, `reading ${item.nodeType}`), status: 'failed' });
    }
  }

  /** Areas that changed since they were drawn last. */
  readonly #undrawn = new Set<string>();
  #drawing: Promise<void> | undefined;

  /** Draws the area of an image as it is by now; one after the other, so that the last one counts. */
  async drawArea(key: string): Promise<void> {
    this.#undrawn.add(key);
    this.#drawing ??= this.#drawAreas();
    await this.#drawing;
  }

  async #drawAreas(): Promise<void> {
    try {
      for (const key of this.#undrawn) {
        this.#undrawn.delete(key);
        await this.#drawOne(key).catch((error: unknown) => {
          // Of an image that was left meanwhile nobody wants it any more.
          if (this.panel.store.state.items.some((item) => item.key === key)) throw error;
        });
      }
    } finally {
      this.#drawing = undefined;
    }
  }

  async #drawOne(key: string): Promise<void> {
    const { store, threads } = this.panel;
    const { settings, items } = store.state;
    const item = items.find((one) => one.key === key);
    if (!item) return;
    const { shapes, strokes, found } = item;
    const proposed = (found?.count ?? 0) > 0;
    if (shapes.length + strokes.length === 0 && !proposed) {
      store.setItem(key, { area: undefined });
      return;
    }
    const { grow, feather } = settings;
    const keepSoft = grow === DEFAULT_SETTINGS.grow;
    const area = await threads.studio.call('area', {
      ...{ key, shapes, strokes, proposed },
      ...{ grow, keepSoft, feather },
    });
    store.setItem(key, { area });
  }
}

const idsOf = (items: readonly Item[]): string => items.map(({ nodeId }) => nodeId).join();

function newItem(target: TargetDescription, revision: number): Item {
  const { nodeId, name, nodeType, fills, fillIndex, maskIds, notes, layerNotes, restored } = target;
  const { instance, translucent, look } = target;
  const key = `${revision}/${nodeId}`;
  return {
    key,
    nodeId,
    name,
    nodeType,
    fills,
    fillIndex,
    maskIds,
    notes,
    layerNotes,
    ...{ restored, instance, translucent, look },
    shapes: [],
    strokes: [],
    status: 'waiting',
  };
}
