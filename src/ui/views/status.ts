import type { Controller } from '../controller.ts';
import { activeItem, type Item, type State } from '../state.ts';
import { doneWords, leftWords, OPERATION_WORDS } from '../words.ts';
import { button, el, icon, setText, type View } from './dom.ts';
import { Sparkline } from './sparkline.ts';

/** Progress while running, and the result's words afterwards. */
export class Progress implements View {
  readonly element: HTMLElement;
  readonly #what = el('b');
  readonly #left = el('span', { class: 'quiet number' });
  readonly #bar = el('progress', { 'aria-label': 'Progress' });
  readonly #spark = new Sparkline();
  readonly #sparkWords = el('div', { class: 'spark-words quiet' });

  constructor() {
    this.element = el(
      'section',
      { 'aria-label': 'Progress', class: 'stack' },
      el('div', { class: 'progress-head' }, this.#what, this.#left),
      this.#bar,
      this.#spark.element,
      this.#sparkWords,
    );
  }

  render(state: State): void {
    const { run, phase } = state;
    this.element.hidden = phase !== 'running' && phase !== 'writing';
    if (this.element.hidden) return;
    const writing = phase === 'writing';
    setText(this.#what, writing ? state.writing : runWords(state));
    setText(this.#left, writing ? '' : run && run.step > 0 ? leftWords(run.etaMs) : 'Starting');
    if (writing || !run || run.steps === 0) this.#bar.removeAttribute('value');
    else {
      this.#bar.max = run.steps;
      this.#bar.value = run.step;
    }
    this.#spark.render(state);
    this.#spark.element.hidden = writing;
    this.#sparkWords.hidden = writing;
    setText(
      this.#sparkWords,
      run && run.bestStep > 0
        ? 'Difference to the original; the dot marks the best so far'
        : 'Difference to the original',
    );
  }
}

function runWords({ run, items, active, operation }: State): string {
  if (run?.ending === 'keep') return 'Stopping, keeping the best so far';
  if (run?.ending === 'drop') return 'Cancelling';
  const { doing } = OPERATION_WORDS[operation];
  if (run && run.parts > 1) return `${doing}, part ${run.part} of ${run.parts}`;
  return items.length > 1 ? `${doing} ${active + 1} of ${items.length}` : doing;
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
    setText(this.#notes, item?.notes.join(' ') ?? '');
    this.#notes.hidden = this.#notes.textContent === '';
  }
}

const UNDO = navigator.platform.startsWith('Mac') ? '⌘Z' : 'Ctrl Z';

function whereWords({ result, name, failure }: Item): string {
  if (failure) return `${failure.what} ${failure.next}`;
  if (!result) return '';
  if (result.insertedAs === undefined) return 'Not in the document yet. Compare, then insert it.';
  const place =
    result.operation === 'upscale' ? `Replaced in “${name}”` : `Inserted as “${result.insertedAs}”`;
  return `${place}. ${UNDO} in Figma takes it back.`;
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
    for (const [i, item] of items.entries()) this.#renderItem(item, i, i === active, phase === 'running');
  }

  #renderItem(item: Item, index: number, active: boolean, running: boolean): void {
    const made = this.#buttons.get(item.key) ?? this.#add(item, index);
    made.element.setAttribute('aria-current', String(active));
    made.element.disabled = running && !active;
    const words = STATUS_WORDS[item.status];
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

/** Nothing selected, nothing usable, failed, a question: a few words in the middle of the panel. */
export class Message implements View {
  readonly element = el('section', { class: 'message' });
  #shown = '';

  constructor(readonly panel: Controller) {}

  render(state: State): void {
    const content = this.#content(state);
    this.element.hidden = content === undefined;
    const signature = content ? `${state.phase}|${content.title}|${content.words}` : '';
    if (signature === this.#shown) return;
    this.#shown = signature;
    if (!content) return;
    const below = activeItem(state)?.opened !== undefined;
    this.element.classList.toggle('below', below);
    this.element.replaceChildren(
      ...(below ? [] : [content.picture]),
      el('h2', {}, content.title),
      ...content.words.split('\n').map((words) => el('p', {}, words)),
      ...content.actions,
    );
  }

  #content(state: State): MessageContent | undefined {
    if (state.phase === 'empty')
      return {
        picture: selectPicture(),
        title: 'Select an image',
        words:
          'A layer with an image fill, or drop a file here.\nTo fill part of it, also select a shape over it.',
        actions: [],
      };
    if (state.phase === 'unsupported') {
      const [problem] = state.problems;
      return {
        picture: wrongPicture(),
        title: 'This cannot be restored',
        words: problem?.words ?? 'Select a rectangle or frame with an image, or drop one here.',
        actions: [],
      };
    }
    if (state.phase === 'failed' && state.failure) {
      const { what, next, details } = state.failure;
      return { picture: wrongPicture(), title: what, words: next, actions: [copyRow(details)] };
    }
    if (state.phase === 'asking' && state.question)
      return {
        picture: wrongPicture(),
        title: 'One question first',
        words: state.question.words,
        actions: [],
      };
    return undefined;
  }
}

interface MessageContent {
  readonly picture: Element;
  readonly title: string;
  readonly words: string;
  readonly actions: readonly HTMLElement[];
}

function copyRow(details: string): HTMLElement {
  const copy = button('Copy details', 'button small', () => {
    copyText(details);
    copy.textContent = 'Copied';
    setTimeout(() => {
      copy.textContent = 'Copy details';
    }, 2000);
  });
  return el('div', { class: 'row' }, copy);
}

/** Figma's frame has no navigator.clipboard; the old command works wherever a click asked for it. */
export function copyText(text: string): void {
  const field = el('textarea', { readonly: true, style: 'position: fixed; opacity: 0' });
  field.value = text;
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
}

function picture(content: string): Element {
  const holder = el('div', { 'aria-hidden': true });
  holder.innerHTML = `<svg width="112" height="80" fill="none" stroke="currentColor">${content}</svg>`;
  return holder.firstElementChild!;
}

const PHOTO =
  '<path opacity=".5" d="M24 60 44 38l14 14 10-8 20 16"/><circle opacity=".5" cx="72" cy="28" r="5"/>';

function selectPicture(): Element {
  return picture(
    `<rect x="20.5" y="12.5" width="71" height="51" stroke="var(--accent)"/>${PHOTO}` +
      [
        [18, 10],
        [89, 10],
        [18, 61],
        [89, 61],
      ]
        .map(
          ([x, y]) =>
            `<rect x="${x! + 0.5}" y="${y! + 0.5}" width="5" height="5" fill="var(--bg)" stroke="var(--accent)"/>`,
        )
        .join('') +
      '<path d="m78 52 5 18 4-7 8-2z" fill="var(--text)" stroke="var(--bg)"/>',
  );
}

function wrongPicture(): Element {
  return picture(
    `<rect x="20.5" y="12.5" width="71" height="51" rx="2" stroke-dasharray="3 3" opacity=".6"/>${PHOTO}`,
  );
}
