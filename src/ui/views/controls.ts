import { DEFAULT_SETTINGS } from '../../messages.ts';
import type { Controller } from '../controller.ts';
import { obstacle, qualityFor, totalEstimate } from '../job.ts';
import { activeItem, canFill, type State } from '../state.ts';
import {
  cleanWords,
  FINDINGS_HELP,
  fasterWords,
  foundWords,
  shareWords,
  sizeWords,
  timeWords,
} from '../words.ts';
import { el, icon, setText, type View } from './dom.ts';
import { numberField, segments } from './fields.ts';

/** What was found, what to do, how well: everything between the preview and the primary button while ready. */
export class Controls implements View {
  readonly element: HTMLElement;
  readonly #found = el('span');
  readonly #help = el('p', { class: 'quiet', id: 'found-help' });
  readonly #clean = el('p', { class: 'quiet' });
  readonly #faster = el('p', { class: 'quiet' });
  readonly #helpButton: HTMLButtonElement;
  readonly #area = el('p', { class: 'quiet' });
  readonly #outSize = el('p', { class: 'quiet' });
  readonly #operation;
  readonly #quality;
  readonly #factor;

  constructor(readonly panel: Controller) {
    this.#helpButton = el(
      'button',
      {
        type: 'button',
        class: 'icon-button',
        'aria-label': 'How sure is this?',
        title: 'How sure is this?',
        'aria-expanded': 'false',
        'aria-controls': 'found-help',
      },
      icon(16, 16, 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.5v3.5M8 5v1'),
    );
    this.#help.hidden = true;
    this.#helpButton.addEventListener('click', () => {
      this.#help.hidden = !this.#help.hidden;
      this.#helpButton.setAttribute('aria-expanded', String(!this.#help.hidden));
    });
    this.#operation = segments(
      'What to do',
      [
        { value: 'restore', label: 'Restore' },
        { value: 'fill', label: 'Fill' },
        { value: 'upscale', label: 'Upscale' },
      ],
      (operation) => panel.chooseOperation(operation),
    );
    this.#quality = segments(
      'Quality',
      [
        { value: 'fast', label: 'Fast' },
        { value: 'balanced', label: 'Balanced' },
        { value: 'best', label: 'Best' },
      ],
      (quality) => panel.chooseQuality(quality),
    );
    this.#factor = numberField({
      label: 'Factor',
      unit: '×',
      min: 1,
      max: 8,
      step: 0.5,
      reset: DEFAULT_SETTINGS.factor,
      except: 1,
      onChange: (factor) => panel.change({ factor }),
    });
    this.element = el(
      'section',
      { 'aria-label': 'Settings', class: 'stack' },
      el('div', { class: 'found' }, this.#found, this.#helpButton),
      this.#help,
      this.#clean,
      this.#operation.element,
      this.#area,
      this.#factor.element,
      this.#outSize,
      this.#quality.element,
      this.#faster,
    );
  }

  render(state: State): void {
    const item = activeItem(state);
    const found = item?.opened?.diagnosis;
    setText(this.#found, found ? foundWords(found) : '');
    setText(this.#help, found ? [...found.findings, FINDINGS_HELP].join(' ') : '');
    setText(this.#clean, cleanWords(state));
    this.#clean.hidden = this.#clean.textContent === '';
    const fill = canFill(state);
    this.#operation.set(state.operation, { restore: {}, fill: { disabled: !fill }, upscale: {} });
    setText(this.#area, areaWords(state));
    this.#area.hidden = this.#area.textContent === '';
    const upscale = state.operation === 'upscale';
    this.#factor.element.hidden = !upscale;
    this.#factor.set(state.settings.factor);
    this.#outSize.hidden = !upscale || !item?.opened;
    if (item?.opened)
      setText(this.#outSize, obstacle(state, item) ?? upscaleWords(item.opened, state.settings.factor));
    const time = (quality: 'fast' | 'balanced' | 'best') => {
      const ms = totalEstimate(state, quality);
      return { small: ms === undefined ? '–' : timeWords(ms) };
    };
    const quality = qualityFor(state);
    setText(this.#faster, fasterWords(totalEstimate(state, quality), totalEstimate(state, 'fast')));
    this.#faster.hidden = this.#faster.textContent === '';
    this.#quality.set(quality, {
      fast: time('fast'),
      balanced: time('balanced'),
      best: time('best'),
    });
  }
}

function areaWords(state: State): string {
  if (!canFill(state) && state.operation === 'restore')
    return 'To fill an area, also select a shape that covers it.';
  if (state.operation !== 'fill') return '';
  const area = activeItem(state)?.area;
  if (!area) return '';
  if (area.count === 0) return 'The shape does not touch this image. Move it over the area to fill.';
  const names = state.maskNames.slice(0, 2).join(', ');
  const more = state.maskNames.length > 2 ? ` and ${state.maskNames.length - 2} more` : '';
  return `Area to fill: ${shareWords(area.share)} of the image · ${names}${more}`;
}

function upscaleWords({ width, height }: { width: number; height: number }, factor: number): string {
  const [w, h] = [Math.round(width * factor), Math.round(height * factor)];
  const tiled = Math.max(w, h) > 4096 ? '. Figma takes 4096 px a side: it is placed in pieces.' : '';
  return `${sizeWords(width, height)} → ${sizeWords(w, h)} px${tiled}`;
}
