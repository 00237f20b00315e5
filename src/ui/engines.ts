import { AUTOMATIC_EXECUTORS, type AutomaticExecutor, type Quality } from '../engine/choices.ts';
import { neverLess } from '../engine/estimate/never-less.ts';
import { costKey, runOptions, workItems, workSize } from './selectors.ts';
import { isBusy, type SpeedTest, type State, type Store } from './state.ts';
import type { EngineSpeed } from './worker/methods.ts';
import { chooseEngine, type Probed, placeOf, probeThreads, type Threads } from './worker/threads.ts';

/** How long Diagnostics waits for one engine, ms: compiling for a graphics card may take several seconds. */
const TEST_PATIENCE = 20_000;

/** What most people take is measured first; for the best quality a network has to take steps. */
const PACED: readonly (readonly Quality[])[] = [['fast', 'balanced'], ['best']];

/** Of which image the time of which qualities is not known yet. */
function nextToPace(state: State) {
  for (const qualities of PACED)
    for (const item of workItems(state)) {
      const options = runOptions(state, item, 'fast');
      if (!state.costs[costKey(item, options)]?.[qualities[0]!]) return { item, options, qualities };
    }
  return undefined;
}

/** Which engine works here, how long it takes, and what happens when it is lost. */
export class Engines {
  #abilities: Probed | undefined;
  readonly #lost = new Map<string, string>();
  #pacing: Promise<void> | undefined;
  #test: AbortController | undefined;

  constructor(
    readonly store: Store,
    readonly threads: Threads,
  ) {}

  get abilities(): Probed | undefined {
    return this.#abilities;
  }

  /** Resolves once the engine is chosen; rejects where not even the processor's can start. */
  async probe(): Promise<void> {
    this.#abilities = await probeThreads(this.threads);
    this.choose();
  }

  choose(): void {
    if (!this.#abilities) return;
    const { executor } = this.store.state.settings;
    this.store.set({ engine: chooseEngine(this.#abilities, executor, this.#lost) });
    void this.pace();
  }

  /** After a graphics card failed, in words: the next best engine goes on, for the rest of this session. */
  fallBack(failed: string, how: string): void {
    this.#lost.set(failed, how);
    this.choose();
    const next = this.store.state.engine?.executor === 'wasm' ? 'the processor' : 'WebGL';
    this.store.set({ notice: `The graphics card ${how}; ${next} goes on.` });
  }

  /** Learns, once for each image, engine and task, how long the qualities take here. Only while nothing else runs. */
  async pace(): Promise<void> {
    if (this.#pacing || this.#test) return;
    this.#pacing = this.#pace();
    await this.#pacing;
    this.#pacing = undefined;
  }

  async #pace(): Promise<void> {
    for (;;) {
      const { state } = this.store;
      if (state.phase !== 'ready' || !state.engine || this.#test) return;
      const next = nextToPace(state);
      if (!next) return;
      const { item, options, qualities } = next;
      try {
        const client = state.engine.where === 'page' ? await this.threads.page() : this.threads.worker();
        const sample = await this.threads.studio.call('sample', { key: item.key });
        const about = { options, ...workSize(state, item), sample, qualities };
        const cost = await client.call('estimate', about, [sample.data.buffer]);
        const key = costKey(item, options);
        const { costs } = this.store.state;
        this.store.set({ costs: { ...costs, [key]: neverLess({ ...costs[key], ...cost }) } });
      } catch {
        // Without it the panel shows no time; a broken engine will say so when it is asked to work.
        return;
      }
    }
  }

  /**
   * Times every engine for a second, for Diagnostics: also those that are not chosen, and one that fails says why. One
   * after the other, each in a thread of its own that ends with it; never while a restoration runs.
   */
  async test(): Promise<void> {
    if (this.#test || !this.#abilities) return;
    if (isBusy(this.store.state)) {
      for (const name of AUTOMATIC_EXECUTORS)
        this.#show(name, { failure: 'Not measured while a restoration runs.' });
      return;
    }
    const test = new AbortController();
    this.#test = test;
    for (const name of AUTOMATIC_EXECUTORS) this.#show(name, 'waiting');
    await this.#pacing;
    for (const name of AUTOMATIC_EXECUTORS) {
      if (!test.signal.aborted) this.#show(name, 'running');
      await this.#testOne(name, test.signal).then(
        (speed) => this.#show(name, speed),
        (error: Error) => this.#show(name, { failure: error.message || error.name }),
      );
    }
    this.#test = undefined;
    void this.pace();
  }

  /** Ends a test at once, because its figures are no longer looked at. */
  leaveTest(): void {
    this.#test?.abort(new Error('Not measured: Diagnostics was left.'));
  }

  async #testOne(name: AutomaticExecutor, signal: AbortSignal): Promise<EngineSpeed> {
    signal.throwIfAborted();
    const spare = placeOf(this.#abilities!, name) === 'page' ? undefined : this.threads.spare();
    const client = spare?.client ?? (await this.threads.page());
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TEST_PATIENCE)]);
    const ended = new Promise<never>((_, reject) => {
      const late = new Error(`No answer within ${TEST_PATIENCE / 1000} s.`);
      limit.addEventListener('abort', () => reject(signal.aborted ? signal.reason : late));
    });
    try {
      return await Promise.race([client.call('speed', { executor: name }), ended]);
    } finally {
      if (spare) spare.end();
      else client.call('end', 'drop').catch(() => undefined);
    }
  }

  #show(name: AutomaticExecutor, test: SpeedTest): void {
    this.store.set({ speeds: { ...this.store.state.speeds, [name]: test } });
  }
}
