import type { Controller } from '../controller.ts';
import { activeItem, type State } from '../state.ts';
import { button, el, type View } from './dom.ts';

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

  #originalRow(): HTMLElement {
    const start = button('Start from the original', 'button small', () => void this.panel.again());
    return el('div', { class: 'row' }, start);
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
        actions: problem?.code === 'in-pieces' ? [this.#originalRow()] : [],
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
