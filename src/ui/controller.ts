import type { Command, SelectionDescription, Settings, TargetDescription, ToUi } from '../messages.ts';
import { type Bridge, connect, type Unasked } from './bridge.ts';
import type { Operation } from './heavy/methods.ts';
import { chooseEngine, type Probed, probeThreads, type Threads } from './heavy/threads.ts';
import { paceKey, runOptions, workItems } from './job.ts';
import { insertItem, runQueue } from './queue.ts';
import { canFill, type Item, isBusy, type Store } from './state.ts';
import { failureOf, phaseWords } from './words.ts';

const OPERATIONS: Readonly<Partial<Record<Command, Operation>>> = {
  restore: 'restore',
  fill: 'fill',
  upscale: 'upscale',
};

/** Connects the sandbox, the heavy threads and the state. Views call its methods and read the store. */
export class Controller {
  readonly bridge: Bridge;
  #readings = 0;
  #pacing = false;
  #pending: SelectionDescription | undefined;
  #abilities: Probed | undefined;
  readonly #lost = new Set<string>();

  constructor(
    readonly store: Store,
    readonly threads: Threads,
  ) {
    this.bridge = connect((message) => this.#take(message));
    this.bridge.send({ type: 'ready' });
    void this.#probe();
  }

  get abilities(): Probed | undefined {
    return this.#abilities;
  }

  // ---- What the sandbox says -------------------------------------------------------------------

  #take(message: Unasked): void {
    if (message.type === 'welcome') this.#welcome(message);
    else if (message.type === 'selection') this.#select(message.selection);
    else this.#gone(message.nodeId);
  }

  #welcome({ settings, command, quality, factor, facts }: Extract<ToUi, { type: 'welcome' }>): void {
    this.store.set({
      settings: { ...settings, ...(quality && { quality }), ...(factor && { factor }) },
      command,
      facts,
      operation: OPERATIONS[command] ?? 'restore',
      view: command === 'diagnostics' ? 'diagnostics' : 'panel',
    });
    this.#chooseEngine();
  }

  #select(selection: SelectionDescription): void {
    if (isBusy(this.store.state) || this.#isOwnResult(selection)) {
      this.#pending = selection;
      return;
    }
    void this.#read(selection);
  }

  /** The layer that was just made gets selected: the panel goes on showing how it was made. */
  #isOwnResult({ targets }: SelectionDescription): boolean {
    const { phase, items } = this.store.state;
    if (phase !== 'done' || targets.length === 0) return false;
    const own = new Set(items.flatMap(({ nodeId, result }) => [nodeId, result?.nodeId]));
    return targets.every(({ nodeId }) => own.has(nodeId));
  }

  #gone(nodeId: string): void {
    const { phase, items, active } = this.store.state;
    if (phase !== 'running' || items[active]?.nodeId !== nodeId) return;
    this.store.set({ notice: 'The layer was deleted, so its restoration was stopped.' });
    this.cancel();
  }

  // ---- Reading the selection -------------------------------------------------------------------

  async #read(selection: SelectionDescription): Promise<void> {
    const reading = ++this.#readings;
    this.#pending = undefined;
    const { store } = this;
    for (const { key } of store.state.items) void this.threads.studio.call('close', { key });
    const items = selection.targets.map((target) => newItem(target, selection.revision));
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
      this.phase(nothing ? 'empty' : 'unsupported');
      return;
    }
    this.#followMasks();
    this.phase('reading');
    for (const item of items) {
      await this.#open(item);
      if (reading !== this.#readings) return;
    }
    const [first] = store.state.items;
    if (items.length === 1 && first?.failure) {
      store.set({ failure: first.failure });
      this.phase('failed');
      return;
    }
    this.phase('ready');
    void this.#measure();
  }

  /** A mask layer in the selection means Fill, unless the command was another one; without one Fill is impossible. */
  #followMasks(): void {
    const { state } = this.store;
    const fill = canFill(state);
    if (fill && state.command !== 'upscale') this.store.set({ operation: 'fill' });
    if (!fill && state.operation === 'fill') this.store.set({ operation: 'restore' });
  }

  async #open(item: Item): Promise<void> {
    const { key, nodeId, fillIndex, maskIds } = item;
    const answer = await this.bridge.ask({ type: 'read', nodeId, fillIndex, maskIds });
    if (answer.type === 'failed') {
      const { words, code } = answer.problem;
      const failure = { what: words, next: 'Select another image to go on.', details: `${code}: ${words}` };
      this.store.setItem(key, { failure, status: 'failed' });
      return;
    }
    if (answer.type !== 'source') return;
    const fill = item.fills.find(({ index }) => index === fillIndex);
    const expected = fill && { width: fill.width, height: fill.height };
    try {
      const opened = await this.threads.studio.call('open', { key, bytes: answer.bytes, expected }, [
        answer.bytes.buffer as ArrayBuffer,
      ]);
      const notes = [...item.notes, ...opened.notes];
      const { imageHash, masks } = answer;
      this.store.setItem(key, { imageHash, shapes: masks, opened, notes, status: 'ready' });
      if (masks.length > 0) await this.#drawArea(key);
    } catch (error) {
      this.store.setItem(key, { failure: failureOf(error, `reading ${item.nodeType}`), status: 'failed' });
    }
  }

  async #drawArea(key: string): Promise<void> {
    const { settings, items } = this.store.state;
    const shapes = items.find((item) => item.key === key)?.shapes ?? [];
    if (shapes.length === 0) return;
    const { grow, feather } = settings;
    const area = await this.threads.studio.call('area', { key, shapes, grow, feather });
    this.store.setItem(key, { area });
  }

  // ---- What the user does ----------------------------------------------------------------------

  /** The one primary action of the phase. */
  primary(): void {
    const { phase, items, active } = this.store.state;
    if (phase === 'ready' && workItems(this.store.state).length > 0)
      void runQueue(this, workItems(this.store.state));
    else if (phase === 'running') this.stop();
    else if (phase === 'failed') this.retry();
    else if (phase === 'done') {
      const item = items[active];
      if (item?.result && item.result.insertedAs === undefined) void this.insert(item.key);
      else this.finish();
    }
  }

  stop(): void {
    this.#end('keep');
  }

  cancel(): void {
    this.#end('drop');
  }

  #end(how: 'keep' | 'drop'): void {
    const { run } = this.store.state;
    if (!run || run.ending === 'drop' || run.ending === how) return;
    this.store.set({ run: { ...run, ending: how } });
    this.ending?.(how);
  }

  /** Set by the queue while something runs. */
  ending: ((how: 'keep' | 'drop') => void) | undefined;
  /** Set while a question waits. */
  answer: ((choice: string | undefined) => void) | undefined;

  anotherSeed(): void {
    const { state } = this.store;
    const item = state.items[state.active];
    if (state.phase !== 'done' || !item) return;
    this.store.set({ seed: (state.seed + 1) % 2 ** 32 });
    void runQueue(this, [item], { insert: false });
  }

  async insert(key: string): Promise<void> {
    await insertItem(this, key);
    this.phase('done');
  }

  /** Leaves the result and goes back to whatever is selected. */
  finish(): void {
    const pending = this.#pending;
    if (pending) {
      void this.#read(pending);
      return;
    }
    this.phase('ready');
  }

  retry(): void {
    const { items, active } = this.store.state;
    const item = items[active];
    this.store.set({ failure: undefined });
    if (item?.opened) {
      this.store.setItem(item.key, { status: 'ready', failure: undefined });
      this.phase('ready');
    } else if (item) void this.#reopen(item);
  }

  async #reopen(item: Item): Promise<void> {
    this.phase('reading');
    this.store.setItem(item.key, { status: 'waiting', failure: undefined });
    await this.#open({ ...item, notes: [] });
    const now = this.store.state.items.find(({ key }) => key === item.key);
    this.store.set({ failure: now?.failure });
    this.phase(now?.failure ? 'failed' : 'ready');
  }

  chooseOperation(operation: Operation): void {
    this.store.set({ operation });
    void this.#measure();
  }

  chooseItem(active: number): void {
    this.store.set({ active });
  }

  /** Works on another image fill of the same layer. */
  chooseFill(fillIndex: number): void {
    const { items, active } = this.store.state;
    const item = items[active];
    if (!item || isBusy(this.store.state)) return;
    this.store.setItem(item.key, { fillIndex });
    void this.#reopen({ ...item, fillIndex });
  }

  chooseSeed(seed: number): void {
    this.store.set({ seed });
  }

  change(change: Partial<Settings>): void {
    const settings = { ...this.store.state.settings, ...change };
    this.store.set({ settings });
    this.bridge.send({ type: 'settings', settings });
    if (change.executor !== undefined) this.#chooseEngine();
    if (change.grow !== undefined || change.feather !== undefined)
      for (const { key } of this.store.state.items) void this.#drawArea(key);
  }

  /** `last` = the size is meant to stay and is remembered. */
  resize(width: number, height: number, last: boolean): void {
    this.bridge.send({ type: 'resize', width, height });
    if (last) this.change({ width, height });
  }

  async compare(): Promise<void> {
    const item = this.store.state.items[this.store.state.active];
    const nodeId = item?.result?.nodeId ?? item?.nodeId;
    if (nodeId === undefined) return;
    const answer = await this.bridge.ask({ type: 'compare', nodeId });
    if (answer.type === 'failed') this.store.set({ notice: answer.problem.words });
    else if (answer.type === 'done' && answer.showing)
      this.store.set({ notice: `The document shows the ${answer.showing} image.` });
  }

  async revert(): Promise<void> {
    const item = this.store.state.items[this.store.state.active];
    const nodeId = item?.result?.nodeId ?? item?.nodeId;
    if (nodeId === undefined) return;
    const answer = await this.bridge.ask({ type: 'revert', nodeId });
    if (answer.type === 'failed') this.store.set({ notice: answer.problem.words });
  }

  // ---- The engine ------------------------------------------------------------------------------

  async #probe(): Promise<void> {
    try {
      this.#abilities = await probeThreads(this.threads);
    } catch (error) {
      this.store.set({ failure: failureOf(error, 'starting the engine') });
      this.phase('failed');
      return;
    }
    this.#chooseEngine();
  }

  #chooseEngine(): void {
    if (!this.#abilities) return;
    const { executor } = this.store.state.settings;
    this.store.set({ engine: chooseEngine(this.#abilities, executor, this.#lost) });
    void this.#measure();
  }

  /** After a graphics card was lost: the next best engine goes on, for the rest of this session. */
  fallBack(lost: string): void {
    this.#lost.add(lost);
    this.#chooseEngine();
    const next = this.store.state.engine?.executor === 'wasm' ? 'the processor' : 'WebGL';
    this.store.set({ notice: `The graphics card stopped answering; ${next} goes on.` });
  }

  /** Learns, once for each engine and task, how long the qualities take here. Only while nothing else runs. */
  async #measure(): Promise<void> {
    const { store } = this;
    const { state } = store;
    const [item] = workItems(state);
    if (this.#pacing || !item?.opened || !state.engine || state.phase !== 'ready') return;
    const options = runOptions(state, item);
    if (state.paces[paceKey(options)]) return;
    this.#pacing = true;
    try {
      const heavy = state.engine.where === 'page' ? await this.threads.page() : this.threads.worker();
      const { width, height } = item.opened;
      const paces = await heavy.call('pace', { options, width, height });
      const known = { ...store.state.paces };
      for (const quality of ['fast', 'balanced', 'best'] as const)
        known[paceKey({ ...options, quality })] = paces[quality];
      store.set({ paces: known });
    } catch {
      // Without a pace the panel shows no time; a broken engine will say so when it is asked to work.
    } finally {
      this.#pacing = false;
    }
  }

  // ---- Phases ----------------------------------------------------------------------------------

  phase(phase: Parameters<Store['set']>[0]['phase'] & string): void {
    this.store.set({ phase });
    this.store.set({ says: phaseWords(this.store.state) });
  }
}

function newItem(target: TargetDescription, revision: number): Item {
  const { nodeId, name, nodeType, fills, fillIndex, maskIds, notes, restored } = target;
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
    restored,
    shapes: [],
    status: 'waiting',
  };
}
