import { MASK_EDGE_RANGE, type PixelArt, type Prior, type Reduction } from '../../engine/choices.ts';
import { DEFAULT_SETTINGS } from '../../wire/settings.ts';
import type { Controller } from '../controller.ts';
import { placeOf } from '../selectors.ts';
import { activeItem, type State } from '../state.ts';
import { sizeWords } from '../words.ts';
import { el, type View } from './dom.ts';
import { type Choice, disclosure, numberField, selectField } from './fields.ts';

/** What is known of an image without data, in plain words. */
const PRIORS: readonly (Choice & { readonly value: Prior })[] = [
  { value: 'auto', label: 'Automatic' },
  { value: 'nonlocal', label: 'What repeats in the image' },
  { value: 'network', label: 'A network (deep image prior)' },
  { value: 'tv', label: 'Smoothness (total variation)' },
];

/** How a photograph came to be as small as it is. */
const REDUCTION_CHOICES: readonly (Choice & { readonly value: Reduction })[] = [
  { value: 'lanczos', label: 'A sharp filter (Lanczos)' },
  { value: 'bicubic', label: 'A bicubic filter' },
  { value: 'area', label: 'Means over its pixels' },
  { value: 'camera', label: 'A camera’s soft lens' },
];

const PIXEL_ART_CHOICES: readonly (Choice & { readonly value: PixelArt })[] = [
  { value: 'keep', label: 'Keep its pixels' },
  { value: 'smooth', label: 'Smooth its outlines' },
];

/** Hyper-parameters and habits, closed by default. */
export class Details implements View {
  readonly element: HTMLDetailsElement;
  readonly #grow;
  readonly #feather;
  readonly #seed;
  readonly #prior;
  readonly #reduction;
  readonly #pixelArt;
  readonly #executor;
  readonly #fill;
  readonly #hide = el('input', { type: 'checkbox' });
  readonly #hideRow = el('label', { class: 'check' }, this.#hide, 'Hide the original afterwards');
  readonly #hideMasks = el('input', { type: 'checkbox' });
  readonly #hideMasksRow = el(
    'label',
    { class: 'check' },
    this.#hideMasks,
    'Hide the area’s layers afterwards',
  );

  constructor(panel: Controller) {
    const pixels = { ...MASK_EDGE_RANGE, unit: 'px', step: 1, integer: true } as const;
    this.#grow = numberField({
      ...pixels,
      label: 'Grow area',
      reset: DEFAULT_SETTINGS.grow,
      onChange: (grow) => panel.change({ grow }),
    });
    this.#feather = numberField({
      ...pixels,
      label: 'Feather',
      reset: DEFAULT_SETTINGS.feather,
      onChange: (feather) => panel.change({ feather }),
    });
    this.#seed = numberField({
      label: 'Variation',
      unit: '',
      min: 0,
      max: 4294967295,
      step: 1,
      integer: true,
      reset: 0,
      onChange: (seed) => panel.chooseSeed(seed),
    });
    this.#prior = selectField('Made from', PRIORS, DEFAULT_SETTINGS.prior, (prior) =>
      panel.change({ prior: prior as Prior }),
    );
    this.#reduction = selectField('Reduced by', REDUCTION_CHOICES, DEFAULT_SETTINGS.reduction, (reduction) =>
      panel.change({ reduction: reduction as Reduction }),
    );
    this.#pixelArt = selectField('Pixel art', PIXEL_ART_CHOICES, DEFAULT_SETTINGS.pixelArt, (pixelArt) =>
      panel.change({ pixelArt: pixelArt as PixelArt }),
    );
    this.#executor = selectField(
      'Engine',
      [
        { value: 'auto', label: 'Automatic' },
        { value: 'webgpu', label: 'Graphics card (WebGPU)' },
        { value: 'webgl2', label: 'Graphics card (WebGL)' },
        { value: 'wasm', label: 'Processor' },
      ],
      'auto',
      (executor) => panel.change({ executor }),
    );
    this.#fill = selectField('Image fill', [], undefined, (index) => panel.chooseFill(Number(index)));
    this.#hide.addEventListener('change', () => panel.change({ hideOriginal: this.#hide.checked }));
    this.#hideMasks.addEventListener('change', () => panel.change({ hideMasks: this.#hideMasks.checked }));
    const fields = el(
      'div',
      { class: 'fields' },
      this.#fill.element,
      this.#grow.element,
      this.#feather.element,
      this.#seed.element,
      this.#prior.element,
      this.#reduction.element,
      this.#pixelArt.element,
      this.#executor.element,
      this.#hideMasksRow,
      this.#hideRow,
    );
    this.element = disclosure('Details', fields, (detailsOpen) => panel.store.set({ detailsOpen }));
  }

  render(state: State): void {
    const { settings, operation, seed } = state;
    const item = activeItem(state);
    this.element.open = state.detailsOpen;
    this.#grow.element.hidden = operation !== 'fill';
    this.#feather.element.hidden = operation !== 'fill';
    this.#grow.set(settings.grow);
    this.#feather.set(settings.feather);
    this.#seed.set(seed);
    const priors = PRIORS.filter(({ value }) => operation !== 'upscale' || value !== 'nonlocal');
    this.#prior.set(priors.some(({ value }) => value === settings.prior) ? settings.prior : 'auto', priors);
    this.#reduction.element.hidden = operation !== 'upscale';
    this.#reduction.set(settings.reduction);
    this.#pixelArt.element.hidden = operation !== 'upscale';
    this.#pixelArt.set(settings.pixelArt);
    this.#executor.set(settings.executor);
    this.#hide.checked = settings.hideOriginal;
    this.#hideRow.hidden = item !== undefined && placeOf(state, item) === 'in-place';
    this.#hideMasks.checked = settings.hideMasks;
    this.#hideMasksRow.hidden = operation !== 'fill';
    const fills = item?.fills ?? [];
    this.#fill.element.hidden = fills.length < 2;
    this.#fill.set(
      String(item?.fillIndex ?? 0),
      fills.map(({ index, width, height }, i) => ({
        value: String(index),
        label: `${i === 0 ? 'Topmost' : `${i + 1}. from the top`}, ${sizeWords(width, height)}`,
      })),
    );
  }
}
