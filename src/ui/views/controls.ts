import { type Quality, SCALE_RANGE } from '../../engine/choices.ts';
import type { Size } from '../../engine/image/box.ts';
import { shareWords } from '../../shared/kept-words.ts';
import { DEFAULT_SETTINGS } from '../../wire/settings.ts';
import { MAX_IMAGE_SIDE } from '../../wire/tiles.ts';
import type { Controller } from '../controller.ts';
import { obstacle, qualityFor, totalEstimate } from '../selectors.ts';
import { activeItem, type State } from '../state.ts';
import {
  CONTENT_WORDS,
  cleanWords,
  FINDINGS_HELP,
  fasterWords,
  foundWords,
  sizeWords,
  timeWords,
} from '../words.ts';
import { AreaTools } from './area-tools.ts';
import { button, el, icon, setText, type View } from './dom.ts';
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
  readonly #find: HTMLButtonElement;
  readonly #fillWriting: HTMLButtonElement;
  readonly #findThem: HTMLButtonElement;
  readonly #areaRow: HTMLElement;
  readonly #outSize = el('p', { class: 'quiet' });
  readonly #foundRow: HTMLElement;
  readonly #tools: AreaTools;
  readonly #only = el('input', { type: 'checkbox' });
  readonly #onlyRow = el('label', { class: 'check' }, this.#only, 'Only in the marked area');
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
      min: SCALE_RANGE.min,
      max: SCALE_RANGE.max,
      step: 0.5,
      reset: DEFAULT_SETTINGS.factor,
      except: SCALE_RANGE.min,
      onChange: (factor) => panel.change({ factor }),
    });
    this.#findThem = button('Find them', 'link', () => void panel.findDefects());
    this.#foundRow = el('div', { class: 'found' }, this.#found, this.#findThem, this.#helpButton);
    this.#find = button('Find scratches and dust', 'link', () => void panel.findDefects());
    this.#fillWriting = button('Fill the writing too', 'link', () => void panel.findDefects(true));
    this.#areaRow = el('div', { class: 'found' }, this.#area, this.#find, this.#fillWriting);
    this.#tools = new AreaTools(panel);
    this.#only.addEventListener('change', () => panel.store.set({ onlyArea: this.#only.checked }));
    this.element = el(
      'section',
      { 'aria-label': 'Settings', class: 'stack' },
      this.#foundRow,
      this.#help,
      this.#clean,
      this.#operation.element,
      this.#tools.element,
      this.#onlyRow,
      this.#areaRow,
      this.#factor.element,
      this.#outSize,
      this.#quality.element,
      this.#faster,
    );
  }

  render(state: State): void {
    const item = activeItem(state);
    const found = item?.opened?.diagnosis;
    const upscale = state.operation === 'upscale';
    const words = upscale ? CONTENT_WORDS[item?.opened?.content ?? 'photograph'] : found && foundWords(found);
    setText(this.#found, words ?? '');
    setText(this.#help, found ? [...found.findings, FINDINGS_HELP].join(' ') : '');
    this.#helpButton.hidden = upscale;
    if (upscale) this.#help.hidden = true;
    setText(this.#clean, cleanWords(state));
    this.#clean.hidden = this.#clean.textContent === '';
    // What is wrong with the rest of the image is of no use to who fills a part of it.
    this.#foundRow.hidden = state.operation === 'fill';
    this.#findThem.hidden = state.operation !== 'restore' || !found?.scratched;
    this.#operation.set(state.operation, { restore: {}, fill: {}, upscale: {} });
    this.#tools.render(state);
    this.#onlyRow.hidden = state.operation !== 'restore' || !item?.area?.count;
    this.#only.checked = state.onlyArea;
    setText(this.#area, areaWords(state));
    this.#areaRow.hidden = state.operation !== 'fill';
    this.#find.hidden = state.searching || item?.found !== undefined;
    this.#fillWriting.hidden = state.searching || item?.found?.leaves !== true;
    this.#factor.element.hidden = !upscale;
    this.#factor.set(state.settings.factor);
    this.#outSize.hidden = !upscale || !item?.opened;
    if (item?.opened)
      setText(this.#outSize, obstacle(state, item) ?? upscaleWords(item.opened, state.settings.factor));
    const time = (quality: Quality) => {
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
  if (state.operation !== 'fill') return '';
  if (state.searching) return 'Looking for scratches and dust…';
  const { area, shapes = [], strokes = [], found } = activeItem(state) ?? {};
  const avoids = area?.avoided !== undefined;
  if (state.tool === 'avoid' && !avoids) return 'Paint over what is not to be copied into the area.';
  const drawn = strokes.some(({ brush }) => brush !== 'avoid');
  if (!area || area.count === 0) {
    if (shapes.length > 0 && !drawn && area)
      return 'The shape does not touch this image. Move it over the area to fill.';
    return `${found ? `${found.words} ` : ''}Draw over what is to be filled, or select a shape over it.`;
  }
  const proposed = found !== undefined && found.count > 0;
  if (proposed && shapes.length === 0 && !drawn && !avoids) return found.words;
  const names = [...state.maskNames.slice(0, 2)];
  if (state.maskNames.length > 2) names.push(`${state.maskNames.length - 2} more`);
  if (proposed) names.push('scratches and dust');
  if (drawn) names.push('drawn');
  if (area.soft) names.push('soft edge, not grown');
  if (avoids) names.push('avoids the blue');
  return `Area to fill: ${shareWords(area.share)} of the image · ${names.join(', ')}`;
}

function upscaleWords({ width, height }: Size, factor: number): string {
  const [w, h] = [Math.round(width * factor), Math.round(height * factor)];
  const tiled =
    Math.max(w, h) > MAX_IMAGE_SIDE
      ? `. An image holds ${MAX_IMAGE_SIDE} px a side: it is placed in pieces.`
      : '';
  return `${sizeWords(width, height)} → ${sizeWords(w, h)} px${tiled}`;
}
