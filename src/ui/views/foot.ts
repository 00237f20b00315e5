import type { Controller } from '../controller.ts';
import { hasSome, isAllClean, isBlocked, qualityFor, totalEstimate, workItems } from '../selectors.ts';
import { activeItem, type State } from '../state.ts';
import { OPERATION_WORDS, timeWords } from '../words.ts';
import { button, el, icon, setText, type View } from './dom.ts';

/** The buttons of the phase, and the line that says which engine runs. */
export class Foot implements View {
  readonly element: HTMLElement;
  readonly #primary: HTMLButtonElement;
  readonly #cancel: HTMLButtonElement;
  readonly #seed: HTMLButtonElement;
  readonly #compare: HTMLButtonElement;
  readonly #revert: HTMLButtonElement;
  readonly #undo: HTMLButtonElement;
  readonly #again: HTMLButtonElement;
  readonly #choices = el('div', { class: 'stack' });
  readonly #buttons: HTMLElement;
  readonly #notice = el('p', { class: 'notice quiet' });
  readonly #engineWords = el('span');
  readonly #engine: HTMLButtonElement;
  readonly #note = el('div', { class: 'engine-note quiet', id: 'engine-note' });
  #noteShown = '';
  #choicesShown: unknown;

  constructor(readonly panel: Controller) {
    this.#primary = button('', 'button primary', () => panel.primary());
    this.#cancel = button('Cancel', 'button', () => panel.cancel());
    this.#seed = button('Try a variation', 'button', () => panel.tryVariation());
    this.#undo = button('Undo', 'button', () => void panel.undo());
    this.#compare = button('Compare', 'button', () => void panel.compare());
    this.#revert = button('Revert', 'button', () => void panel.revert());
    this.#again = button('From original', 'button', () => void panel.again());
    this.#buttons = el(
      'div',
      { class: 'buttons' },
      this.#undo,
      this.#compare,
      this.#revert,
      this.#again,
      this.#seed,
      this.#cancel,
      this.#primary,
    );
    this.#engine = el(
      'button',
      { type: 'button', class: 'engine', 'aria-expanded': 'false', 'aria-controls': 'engine-note' },
      this.#engineWords,
      icon(12, 12, 'm3 7.5 3-3 3 3'),
    );
    this.#engine.addEventListener('click', () =>
      panel.store.set({ engineOpen: !panel.store.state.engineOpen }),
    );
    this.element = el(
      'footer',
      { class: 'foot' },
      this.#notice,
      this.#choices,
      this.#buttons,
      this.#note,
      this.#engine,
    );
  }

  render(state: State): void {
    const { phase, notice } = state;
    const item = activeItem(state);
    const label = primaryWords(state);
    this.#primary.hidden = label === undefined || state.leaving;
    if (label !== undefined) setText(this.#primary, label);
    this.#primary.disabled = isBlocked(state);
    this.#primary.setAttribute('aria-busy', String(state.wanted));
    for (const button of [this.#undo, this.#compare, this.#revert, this.#again])
      button.disabled = state.acting;
    this.#primary.classList.toggle('primary', !isAllClean(state));
    this.#cancel.hidden = phase !== 'running' || state.leaving;
    this.#cancel.disabled = state.run?.ending === 'drop';
    this.#seed.hidden = phase !== 'done' || !item?.result;
    const madeHere = phase === 'ready' && (item?.restored ?? false);
    const inserted = phase === 'done' && item?.result?.nodeId !== undefined;
    this.#primary.classList.toggle('wide', madeHere || inserted);
    this.#undo.hidden = !inserted;
    this.#compare.hidden = !madeHere && !inserted;
    this.#revert.hidden = !madeHere;
    this.#again.hidden = !madeHere;
    this.#buttons.hidden = [...this.#buttons.children].every((child) => (child as HTMLElement).hidden);
    this.#renderChoices(state);
    setText(this.#notice, notice);
    this.#notice.hidden = notice === '';
    this.#renderEngine(state);
  }

  #renderChoices(state: State): void {
    const { phase, question, leaving, run } = state;
    this.#choices.hidden = phase !== 'asking' && !leaving;
    const shown = question ?? (leaving && run && hasSome(run) ? 'keep' : leaving);
    if (shown === this.#choicesShown) return;
    this.#choicesShown = shown;
    this.#choices.replaceChildren(...(question ? this.#answers(question) : this.#ways(shown === 'keep')));
  }

  #answers({ choices }: NonNullable<State['question']>): HTMLElement[] {
    const made = choices.map(({ id, label }, i) =>
      button(label, i === 0 ? 'button primary' : 'button', () => this.panel.answer?.(id)),
    );
    return [...made, button('Not now', 'button', () => this.panel.answer?.(undefined))];
  }

  /** What may become of a run that was to be cancelled. */
  #ways(whole: boolean): HTMLElement[] {
    const { panel } = this;
    return [
      ...(whole ? [button('Keep what there is', 'button primary', () => panel.stop())] : []),
      button('Throw it away', 'button', () => panel.discard()),
      button('Go on', 'button', () => panel.goOn()),
    ];
  }

  #renderEngine({ engine, engineOpen }: State): void {
    setText(this.#engineWords, engine?.label ?? 'Looking for the fastest engine…');
    this.#engine.setAttribute('aria-expanded', String(engineOpen));
    this.#engine.disabled = !engine;
    this.#note.hidden = !engineOpen || !engine;
    const signature = `${engine?.why}|${engine?.faster}`;
    if (signature === this.#noteShown || !engine) return;
    this.#noteShown = signature;
    const diagnostics = button('Diagnostics', 'link', () => this.panel.openDiagnostics());
    this.#note.replaceChildren(
      el('p', {}, engine.why),
      ...(engine.faster ? [el('p', {}, engine.faster)] : []),
      el('p', {}, 'Your images stay on this computer.'),
      el('p', {}, diagnostics),
    );
  }
}

function primaryWords(state: State): string | undefined {
  const { phase, operation, settings, items } = state;
  if (state.wanted) return 'Starts in a moment…';
  if (phase === 'ready' || phase === 'reading') {
    const { verb } = OPERATION_WORDS[operation];
    const what = operation === 'upscale' ? `${verb} ${settings.factor}×` : verb;
    if (isAllClean(state)) return 'Restore anyway';
    const many = items.length > 1 ? `${what} ${workItems(state).length} images` : what;
    const ms = totalEstimate(state, qualityFor(state));
    return ms === undefined || phase === 'reading' ? many : `${many} · about ${timeWords(ms)}`;
  }
  if (phase === 'running') return 'Stop and keep';
  if (phase === 'failed') return activeItem(state)?.opened ? 'Back to settings' : 'Try again';
  if (phase !== 'done') return undefined;
  const result = activeItem(state)?.result;
  if (!result || result.insertedAs !== undefined) return 'Done';
  if (result.place === 'in-place') return 'Replace the image';
  return result.replaces === undefined ? 'Insert as new layer' : 'Replace the last result';
}
