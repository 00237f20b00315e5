import type { Quality } from '../engine/choices.ts';
import type { ToUi } from '../wire/messages.ts';
import type { SelectionDescription } from '../wire/selection.ts';
import { OPERATIONS, type Operation, type Settings } from '../wire/settings.ts';
import { type Bridge, connect, type Unasked } from './bridge.ts';
import { Engines } from './engines.ts';
import { insertItem } from './insert.ts';
import { runQueue } from './queue.ts';
import { Reading } from './reading.ts';
import { isAllClean, isBlocked, isUnsettled, workItems } from './selectors.ts';
import { activeItem, BRUSH, type Item, isBusy, type Phase, type Store } from './state.ts';
import { tryCode, tryMessages } from './trials.ts';
import { failureOf, phaseWords } from './words.ts';
import type { Stroke } from './worker/methods.ts';
import type { Threads } from './worker/threads.ts';

/** Work that took longer than this, ms, is not thrown away by one key. */
const WORTH_ASKING = 30_000;

/** Connects the sandbox, its threads and the state. Views call its methods and read the store. */
export class Controller {
  readonly bridge: Bridge;
  readonly engines: Engines;
  readonly reading = new Reading(this);
  #pending: SelectionDescription | undefined;
  #revision = 0;

  constructor(
    readonly store: Store,
    readonly threads: Threads,
  ) {
    this.engines = new Engines(store, threads);
    this.bridge = connect((message) => this.#take(message));
    this.bridge.send({ type: 'ready' });
    store.subscribe(() => this.#fulfil());
    void this.#start();
  }

  async #start(): Promise<void> {
    try {
      await this.engines.probe();
    } catch (error) {
      this.store.set({ failure: failureOf(error, 'starting the engine') });
      this.phase('failed');
      return;
    }
    // The command may have opened Diagnostics before it was known what is here.
    if (this.store.state.view === 'diagnostics') void this.engines.test();
  }

  // ---- What the sandbox says -------------------------------------------------------------------

  #take(message: Unasked): void {
    const { facts } = this.store.state;
    // What comes twice or late tells nothing new.
    if (message.type === 'welcome') {
      if (!facts) this.#welcome(message);
    } else if (message.type === 'selection') this.#select(message.selection);
    else this.#gone(message.nodeId);
  }

  #welcome({ settings, command, quality, factor, facts }: Extract<ToUi, { type: 'welcome' }>): void {
    this.store.set({
      settings: { ...settings, ...(factor && { factor }) },
      quality,
      command,
      facts,
      operation: OPERATIONS.find((operation) => operation === command) ?? 'restore',
    });
    if (command === 'diagnostics') this.openDiagnostics();
    this.engines.choose();
  }

  #select(selection: SelectionDescription): void {
    if (selection.revision <= this.#revision) return;
    this.#revision = selection.revision;
    if (isBusy(this.store.state) || this.#isOwnResult(selection)) {
      this.#pending = selection;
      return;
    }
    this.#pending = undefined;
    if (!this.reading.refresh(selection)) void this.reading.read(selection);
  }

  /** The layer that was just made gets selected: the panel goes on showing how it was made. */
  #isOwnResult({ selected }: SelectionDescription): boolean {
    const { phase, items } = this.store.state;
    if (phase !== 'done' || selected.length === 0) return false;
    const own = new Set(items.flatMap(({ nodeId, maskIds, result }) => [nodeId, result?.nodeId, ...maskIds]));
    return selected.every((id) => own.has(id));
  }

  #gone(nodeId: string): void {
    const { phase, items, active } = this.store.state;
    if (phase !== 'running' || items[active]?.nodeId !== nodeId) return;
    this.store.set({ notice: 'The layer was deleted, so its restoration was stopped.' });
    this.discard();
  }

  // ---- What the user does ----------------------------------------------------------------------

  /** The one primary action of the phase. */
  primary(): void {
    const { phase, items, active } = this.store.state;
    if (isBlocked(this.store.state)) return;
    if (isUnsettled(this.store.state)) this.store.set({ wanted: true, says: 'Starts in a moment.' });
    else if (phase === 'ready') void runQueue(this, workItems(this.store.state));
    else if (phase === 'running') this.stop();
    else if (phase === 'failed') this.retry();
    else if (phase === 'done') {
      const item = items[active];
      if (item?.result && item.result.insertedAs === undefined) void this.insert(item.key);
      else this.finish();
    }
  }

  /** Does what was asked for too early; that a clean image is to be restored nobody could know by then. */
  #fulfil(): void {
    const { state } = this.store;
    if (!state.wanted || isUnsettled(state)) return;
    this.store.set({ wanted: false });
    if (state.phase === 'ready' && !isAllClean(state)) this.primary();
  }

  unwant(): void {
    this.store.set({ wanted: false });
  }

  stop(): void {
    this.#end('keep');
  }

  /** Asks first where much work would be lost. */
  cancel(): void {
    const { run } = this.store.state;
    const long = run && run.ending === undefined && performance.now() - run.since > WORTH_ASKING;
    if (long) this.store.set({ leaving: true, says: 'Stop, and keep what there is?' });
    else this.discard();
  }

  discard(): void {
    this.#end('drop');
  }

  goOn(): void {
    this.store.set({ leaving: false });
  }

  #end(how: 'keep' | 'drop'): void {
    const { run } = this.store.state;
    if (!run || run.ending === 'drop' || run.ending === how) return;
    this.store.set({ run: { ...run, ending: how }, leaving: false });
    this.ending?.(how);
  }

  /** Set by the queue while something runs. */
  ending: ((how: 'keep' | 'drop') => void) | undefined;
  /** Set while a question waits. */
  answer: ((choice: string | undefined) => void) | undefined;

  tryVariation(): void {
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
    if (!this.follow()) this.phase('ready');
  }

  /** Reads what was selected while there was no time for it; whether there is such. */
  follow(): boolean {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending) void this.reading.read(pending);
    return pending !== undefined;
  }

  retry(): void {
    const { items, active } = this.store.state;
    const item = items[active];
    this.store.set({ failure: undefined });
    if (this.follow()) return;
    if (item?.opened) {
      this.store.setItem(item.key, { status: 'ready', failure: undefined });
      this.phase('ready');
    } else if (item) void this.reading.again(item);
  }

  chooseOperation(operation: Operation): void {
    const { items } = this.store.state;
    const draws = operation === 'fill' && items.every(({ area }) => area === undefined);
    this.store.set({ operation, tool: draws ? 'draw' : 'move' });
    void this.engines.pace();
  }

  /** Changes the area of the shown image by what was drawn over it. */
  draw(stroke: Stroke): void {
    const item = activeItem(this.store.state);
    if (item) void this.#setArea(item, { strokes: [...item.strokes, stroke] });
  }

  changeBrush(by: number): void {
    const brush = Math.round(this.store.state.brush * by);
    this.store.set({ brush: Math.min(BRUSH.max, Math.max(BRUSH.min, brush)) });
  }

  undoStroke(): void {
    const item = activeItem(this.store.state);
    if (item) void this.#setArea(item, { strokes: item.strokes.slice(0, -1) });
  }

  clearStrokes(): void {
    const item = activeItem(this.store.state);
    if (item) void this.#setArea(item, { strokes: [], found: undefined });
  }

  /** Proposes scratches and dust as the area to fill, or `writing` too; what is no damage of it can be erased. */
  async findDefects(writing = false): Promise<void> {
    const item = activeItem(this.store.state);
    if (!item?.opened || this.store.state.searching) return;
    this.store.set({ operation: 'fill', searching: true, says: 'Looking for scratches and dust.' });
    try {
      const found = await this.threads.studio.call('propose', { key: item.key, writing });
      await this.#setArea(item, { found });
      this.store.set({ tool: found.count > 0 ? 'erase' : 'draw', says: found.words });
    } catch (error) {
      this.store.set({ notice: failureOf(error, 'looking for scratches').what });
    } finally {
      this.store.set({ searching: false });
    }
  }

  async #setArea({ key }: Item, change: Partial<Pick<Item, 'strokes' | 'found'>>): Promise<void> {
    this.store.setItem(key, change);
    await this.reading.drawArea(key);
    void this.engines.pace();
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
    void this.reading.again({ ...item, fillIndex });
  }

  /** For what is selected; of the next images it is the most that is taken unasked. */
  chooseQuality(quality: Quality): void {
    this.store.set({ quality });
    this.change({ quality });
  }

  chooseSeed(seed: number): void {
    this.store.set({ seed });
  }

  change(change: Partial<Settings>): void {
    const settings = { ...this.store.state.settings, ...change };
    this.store.set({ settings });
    this.bridge.send({ type: 'settings', settings });
    if (change.executor !== undefined) this.engines.choose();
    else void this.engines.pace();
    if (change.grow !== undefined || change.feather !== undefined)
      for (const { key } of this.store.state.items) void this.reading.drawArea(key);
  }

  /** `last` = the size is meant to stay and is remembered. */
  resize(width: number, height: number, last: boolean): void {
    this.bridge.send({ type: 'resize', width, height });
    if (last) this.change({ width, height });
  }

  async compare(): Promise<void> {
    const nodeId = this.#shownLayer();
    const answer = nodeId === undefined ? undefined : await this.#act({ type: 'compare', nodeId });
    if (answer?.showing) this.store.set({ notice: `The document shows the ${answer.showing} image.` });
  }

  async revert(): Promise<void> {
    const nodeId = this.#shownLayer();
    if (nodeId !== undefined) await this.#act({ type: 'revert', nodeId });
  }

  #shownLayer(): string | undefined {
    const item = activeItem(this.store.state);
    return item?.result?.nodeId ?? item?.nodeId;
  }

  /** Takes the result out of the document again; it stays at hand. */
  async undo(): Promise<void> {
    const item = activeItem(this.store.state);
    const nodeId = item?.result?.nodeId;
    if (!item?.result || nodeId === undefined || !(await this.#act({ type: 'revert', nodeId }))) return;
    const { insertedAs: _, nodeId: __, ...result } = item.result;
    this.store.setItem(item.key, { result: { ...result, replaces: undefined } });
    this.store.set({ notice: '', says: 'Taken back. Nothing is changed.' });
  }

  /** The originals of the selected results get selected, with their masks; reading them follows by itself. */
  async again(): Promise<void> {
    await this.#act({ type: 'again' });
  }

  /** An image file dropped on the panel becomes a layer, which gets selected. */
  async drop(file: File): Promise<void> {
    if (isBusy(this.store.state)) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    const name = file.name.replace(/\.\w+$/, '');
    if (await this.#act({ type: 'place', name, bytes })) this.store.set({ notice: '' });
  }

  /** Has the sandbox change the document, one change at a time; undefined = it did not, and the panel says why. */
  async #act(request: Parameters<Bridge['ask']>[0]): Promise<Extract<ToUi, { type: 'done' }> | undefined> {
    if (this.store.state.acting) return undefined;
    this.store.set({ acting: true });
    const answer = await this.bridge.ask(request);
    this.store.set({ acting: false });
    if (answer.type === 'failed') this.store.set({ notice: answer.problem.words });
    return answer.type === 'done' ? answer : undefined;
  }

  openDiagnostics(): void {
    this.store.set({ view: 'diagnostics' });
    if (this.store.state.codeTrials.length === 0)
      void tryCode().then((codeTrials) => this.store.set({ codeTrials }));
    void this.engines.test();
  }

  /** Only when told: nobody knows which size is too much for live Figma. */
  async tryMessages(): Promise<void> {
    await tryMessages(this.bridge, this.threads, (messageTrials) => this.store.set({ messageTrials }));
  }

  closeDiagnostics(): void {
    this.store.set({ view: 'panel' });
    this.engines.leaveTest();
  }

  // ---- Phases ----------------------------------------------------------------------------------

  phase(phase: Phase): void {
    this.store.set({ phase });
    this.store.set({ says: phaseWords(this.store.state) });
  }
}
