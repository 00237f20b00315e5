import type { Controller } from '../controller.ts';
import { activeItem, type Item, isClean, type RunState, type State } from '../state.ts';
import { cleanWords, courseWords, doneWords, runWords, stageLeftWords } from '../words.ts';
import { el, icon, setText, type View } from './dom.ts';
import { disclosure } from './fields.ts';
import { Sparkline } from './sparkline.ts';

/** Progress while running, and the result's words afterwards. */
export class Progress implements View {
  readonly element: HTMLElement;
  readonly #what = el('b');
  readonly #left = el('span', { class: 'quiet number' });
  readonly #bar = el('progress', { 'aria-label': 'Progress' });

  constructor() {
    this.element = el(
      'section',
      { 'aria-label': 'Progress', class: 'stack' },
      el('div', { class: 'progress-head' }, this.#what, this.#left),
      this.#bar,
    );
  }

  render(state: State): void {
    const { run, phase } = state;
    this.element.hidden = phase !== 'running' && phase !== 'writing';
    if (this.element.hidden) return;
    const writing = phase === 'writing';
    setText(this.#what, writing ? state.writing : runWords(state));
    setText(this.#left, writing ? '' : stageLeftWords(run));
    if (writing || !run || run.done === 0) this.#bar.removeAttribute('value');
    else this.#bar.value = run.done;
  }
}

/** After a run: what happened, where it went. */
export class Done implements View {
  readonly element: HTMLElement;
  readonly #what = el('h2');
  readonly #where = el('p', { class: 'quiet' });
  readonly #notes = el('p', { class: 'quiet' });

  constructor() {
    this.element = el(
      'section',
      { 'aria-label': 'Result', class: 'stack tight' },
      this.#what,
      this.#where,
      this.#notes,
    );
  }

  render(state: State): void {
    this.element.hidden = state.phase !== 'done';
    if (this.element.hidden) return;
    const item = activeItem(state);
    setText(this.#what, doneWords(state.items));
    setText(this.#where, item ? whereWords(item) : '');
    const notes = [cleanWords(state), ...(item?.result?.notes ?? [])];
    setText(this.#notes, notes.filter(Boolean).join(' '));
    this.#notes.hidden = this.#notes.textContent === '';
  }
}

/** How a run goes or went, in numbers; closed by default, as all details are. */
export class Course implements View {
  readonly element: HTMLDetailsElement;
  readonly #spark = new Sparkline();
  readonly #sparkWords = el('p', { class: 'quiet' });
  readonly #facts = el('p', { class: 'quiet' });

  constructor(panel: Controller) {
    const content = el('div', { class: 'fields' }, this.#facts, this.#spark.element, this.#sparkWords);
    this.element = disclosure('Details', content, (detailsOpen) => panel.store.set({ detailsOpen }));
  }

  render(state: State): void {
    const { phase, run, detailsOpen } = state;
    const result = phase === 'done' ? activeItem(state)?.result : undefined;
    this.element.hidden = !(phase === 'running' && run) && !result;
    if (this.element.hidden) return;
    this.element.open = detailsOpen;
    setText(this.#facts, (result ? courseWords(result) : [positionWords(run)]).join(' '));
    const shown = result ?? run;
    this.#spark.element.hidden = !shown || shown.points.length < 2;
    this.#sparkWords.hidden = this.#spark.element.hidden;
    this.#spark.show(shown?.points ?? [], result ? undefined : run);
    const best = run && run.bestStep > 0 ? '; the dot marks the best so far' : '';
    setText(this.#sparkWords, `Difference to the original, step by step${best}`);
  }
}

function positionWords(run: RunState | undefined): string {
  if (!run || run.stage === 'nonlocal') return 'Looking for what repeats in the image.';
  const part = run.parts > 1 ? `, part ${run.part} of ${run.parts}` : '';
  return `Network: step ${run.step} of at most ${run.steps}${part}.`;
}

function whereWords({ result, name, failure }: Item): string {
  if (failure) return `${failure.what} ${failure.next}`;
  if (!result) return '';
  if (result.insertedAs === undefined) return 'Not in the document yet. Compare, then insert it.';
  const place = result.place === 'in-place' ? `Replaced in “${name}”` : `Inserted as “${result.insertedAs}”`;
  return `${place}.`;
}

/** Thumbnails of all selected images with their state. */
export class Queue implements View {
  readonly element = el('div', { class: 'queue', role: 'group', 'aria-label': 'Selected images' });
  readonly #buttons = new Map<string, { element: HTMLButtonElement; badge: HTMLElement; drawn: boolean }>();

  constructor(readonly panel: Controller) {}

  render(state: State): void {
    const { items, active, phase } = state;
    this.element.hidden = items.length < 2 || phase === 'reading';
    if (this.element.hidden) return;
    for (const key of this.#buttons.keys()) {
      if (items.some((item) => item.key === key)) continue;
      this.#buttons.get(key)?.element.remove();
      this.#buttons.delete(key);
    }
    for (const [i, item] of items.entries())
      this.#renderItem(item, i, i === active, { running: phase === 'running', clean: isClean(state, item) });
  }

  #renderItem(
    item: Item,
    index: number,
    active: boolean,
    { running, clean }: { running: boolean; clean: boolean },
  ): void {
    const made = this.#buttons.get(item.key) ?? this.#add(item, index);
    made.element.setAttribute('aria-current', String(active));
    made.element.disabled = running && !active;
    const words = clean && item.status === 'ready' ? 'nothing to restore' : STATUS_WORDS[item.status];
    made.element.setAttribute('aria-label', `${item.name}, ${words}`);
    made.element.title = `${item.name}: ${words}`;
    made.badge.hidden = item.status !== 'done' && item.status !== 'failed';
    made.badge.className = `badge ${item.status}`;
    made.badge.replaceChildren(
      icon(14, 14, item.status === 'failed' ? 'M7 3.5v4.5M7 9.5v1.2' : 'm4 7 2.2 2.2L10 5'),
    );
    const thumbnail = item.opened?.thumbnail;
    if (!thumbnail || made.drawn) return;
    made.drawn = true;
    const canvas = el('canvas', { width: thumbnail.width, height: thumbnail.height });
    canvas.getContext('2d')!.drawImage(thumbnail, 0, 0);
    made.element.prepend(canvas);
  }

  #add(item: Item, index: number) {
    const badge = el('span');
    const element = el('button', { type: 'button' }, badge);
    element.addEventListener('click', () => this.panel.chooseItem(index));
    this.element.append(element);
    const made = { element, badge, drawn: false };
    this.#buttons.set(item.key, made);
    return made;
  }
}

const STATUS_WORDS: Readonly<Record<Item['status'], string>> = {
  waiting: 'waiting',
  ready: 'ready',
  running: 'running',
  writing: 'being inserted',
  done: 'done',
  failed: 'failed',
};
