import type { Controller } from '../controller.ts';
import { placeOf } from '../selectors.ts';
import { activeItem, type Item, type State } from '../state.ts';
import { keptWords, leftOutWords, sizeWords } from '../words.ts';
import { Controls } from './controls.ts';
import { Details } from './details.ts';
import { Diagnostics } from './diagnostics.ts';
import { el, setText, type View } from './dom.ts';
import { Foot } from './foot.ts';
import { Message } from './message.ts';
import { showsFilters } from './paint-filters.ts';
import { Preview } from './preview.ts';
import { resizeCorner } from './resize-corner.ts';
import { Course, Done, Progress, Queue } from './status.ts';

/** Lays the views out and renders them with the state; also the keys that work everywhere. */
export class Panel {
  readonly #name = el('h1');
  readonly #size = el('span', { class: 'quiet number' });
  readonly #head = el('header', { class: 'head' }, this.#name, this.#size);
  readonly #notes = el('p', { class: 'quiet' });
  readonly #problems = el('p', { class: 'notice quiet' });
  readonly #says = el('div', { class: 'says', role: 'status', 'aria-live': 'polite' });
  readonly #body: HTMLElement;
  readonly #main: HTMLElement;
  readonly #controls: Controls;
  readonly #details: Details;
  readonly #views: readonly View[];

  constructor(
    readonly controller: Controller,
    root: HTMLElement,
  ) {
    const preview = new Preview(controller);
    const queue = new Queue(controller);
    const message = new Message(controller);
    const progress = new Progress();
    const done = new Done();
    const course = new Course(controller);
    const foot = new Foot(controller);
    const diagnostics = new Diagnostics(controller);
    this.#controls = new Controls(controller);
    this.#details = new Details(controller);
    this.#views = [
      preview,
      queue,
      message,
      progress,
      done,
      course,
      this.#controls,
      this.#details,
      foot,
      diagnostics,
    ];
    this.#body = el(
      'div',
      { class: 'body' },
      progress.element,
      done.element,
      course.element,
      this.#problems,
      this.#notes,
      this.#controls.element,
      this.#details.element,
    );
    this.#main = el(
      'main',
      {},
      this.#head,
      preview.element,
      message.element,
      queue.element,
      this.#body,
      foot.element,
    );
    root.append(this.#main, diagnostics.element, resizeCorner(controller), this.#says);
    controller.store.subscribe((state) => this.render(state));
    addEventListener('dragover', (event) => event.preventDefault());
    addEventListener('drop', (event) => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) void controller.drop(file);
    });
    addEventListener('keydown', (event) => this.#key(event));
  }

  render(state: State): void {
    const item = activeItem(state);
    this.#main.hidden = state.view !== 'panel';
    this.#main.classList.toggle('detailed', state.detailsOpen);
    this.#head.hidden = item === undefined;
    setText(this.#name, item?.name ?? '');
    this.#name.title = item?.name ?? '';
    const shown = (state.phase === 'ready' ? undefined : item?.result) ?? item?.opened;
    setText(this.#size, shown ? sizeWords(shown.width, shown.height) : '');
    const ready = state.phase === 'ready';
    this.#controls.element.hidden = !ready;
    this.#details.element.hidden = !ready;
    setText(this.#notes, item ? notesOf(state, item).join(' ') : '');
    this.#notes.hidden = !ready || this.#notes.textContent === '';
    setText(this.#problems, leftOutWords(state));
    this.#problems.hidden = !ready || this.#problems.textContent === '';
    for (const view of this.#views) view.render(state);
    this.#body.hidden = [...this.#body.children].every((child) => (child as HTMLElement).hidden);
    setText(this.#says, state.says);
  }

  #key(event: KeyboardEvent): void {
    const { state } = this.controller.store;
    if (event.isComposing || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      // Figma's own undo does not hear keys that are pressed in here.
      const typing = event.target instanceof HTMLInputElement && event.target.type === 'number';
      if (event.key !== 'z' || typing) return;
      if (state.phase === 'done') void this.controller.undo();
      if (state.phase === 'ready' && state.operation === 'fill') this.controller.undoStroke();
      return;
    }
    if (event.key === 'Escape') {
      if (state.view === 'diagnostics') this.controller.closeDiagnostics();
      else if (state.leaving) this.controller.goOn();
      else if (state.wanted) this.controller.unwant();
      else if (state.phase === 'running') this.controller.cancel();
      else if (state.phase === 'asking') this.controller.answer?.(undefined);
      else return;
      event.preventDefault();
      return;
    }
    if (event.key !== 'Enter' || state.view !== 'panel' || ownsEnter(event.target)) return;
    event.preventDefault();
    if (event.repeat) return;
    // A number still being typed counts.
    if (event.target instanceof HTMLInputElement) event.target.dispatchEvent(new Event('change'));
    this.controller.primary();
  }
}

/** What is to be known of a layer before its image is worked on. */
function notesOf(state: State, item: Item): string[] {
  const { instance, filters } = item;
  const notes = [...item.notes];
  if (filters)
    notes.push(`Its image filters stay; the preview ${showsFilters() ? 'imitates' : 'is without'} them.`);
  if (placeOf(state, item) === 'layer') notes.push(...item.layerNotes, ...keptWords(state, item));
  else if (instance !== undefined) notes.push(`The image is replaced in “${instance}”.`);
  return notes;
}

/** Controls with a meaning of their own for Enter keep it. */
function ownsEnter(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, summary, select, a, textarea') !== null;
}
