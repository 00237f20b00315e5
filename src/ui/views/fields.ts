import { el, icon } from './dom.ts';

interface NumberField {
  readonly element: HTMLElement;
  set(value: number): void;
}

interface NumberOptions {
  readonly label: string;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly reset: number;
  readonly integer?: boolean;
  /** A value that is not allowed although it lies within the range. */
  readonly except?: number;
  readonly onChange: (value: number) => void;
}

let fields = 0;
const nextId = () => `field-${++fields}`;

/** A number with its unit and a button back to its default. A value out of range snaps to the nearest allowed one. */
export function numberField(options: NumberOptions): NumberField {
  const { label, unit, min, max, step, reset, onChange } = options;
  const id = nextId();
  const input = el('input', { id, type: 'number', inputmode: 'decimal', min, max, step });
  const back = resetButton(label, () => change(reset));
  let shown = Number.NaN;
  const set = (value: number) => {
    if (value === shown) return;
    shown = value;
    input.value = String(value);
    back.style.visibility = value === reset ? 'hidden' : 'visible';
  };
  const change = (value: number) => {
    const bounded = Math.min(max, Math.max(min, options.integer ? Math.round(value) : value));
    const valid = Number.isFinite(value) && bounded !== options.except;
    const next = valid ? bounded : shown;
    input.value = String(next);
    if (next === shown) return;
    set(next);
    onChange(next);
  };
  input.addEventListener('change', () => change(input.value === '' ? Number.NaN : Number(input.value)));
  input.addEventListener('focus', () => input.select());
  const unitWords = el('span', { class: 'quiet', 'aria-hidden': true }, unit);
  if (unit) input.setAttribute('aria-description', unit);
  const element = el(
    'div',
    { class: 'field' },
    el('label', { for: id }, label),
    el('div', { class: 'entry' }, input, unitWords),
    back,
  );
  return { element, set };
}

function resetButton(label: string, onClick: () => void): HTMLButtonElement {
  const words = `Reset ${label.toLowerCase()}`;
  const made = el(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': words, title: words },
    icon(16, 16, 'M3.5 6.5h6a3 3 0 0 1 0 6h-3M6 4 3.5 6.5 6 9'),
  );
  made.style.margin = '0';
  made.addEventListener('click', onClick);
  return made;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** One of a few choices that are all to be seen. */
interface Segment<T extends string> {
  readonly value: T;
  readonly label: string;
  /** What it does, for who hovers over it. */
  readonly title?: string;
}

interface ChoiceField {
  readonly element: HTMLElement;
  set(value: string, choices?: readonly Choice[]): void;
}

export function selectField(
  label: string,
  choices: readonly Choice[],
  reset: string | undefined,
  onChange: (value: string) => void,
): ChoiceField {
  const id = nextId();
  const select = el('select', { id });
  const back = reset === undefined ? el('span') : resetButton(label, () => onChange(reset));
  let signature = '';
  const fill = (list: readonly Choice[]) => {
    const next = JSON.stringify(list);
    if (next === signature) return;
    signature = next;
    select.replaceChildren(...list.map(({ value, label: words }) => el('option', { value }, words)));
  };
  fill(choices);
  select.addEventListener('change', () => onChange(select.value));
  const element = el(
    'div',
    { class: 'field' },
    el('label', { for: id }, label),
    el('div', { class: 'entry' }, select),
    back,
  );
  return {
    element,
    set(value, list) {
      if (list) fill(list);
      select.value = value;
      back.style.visibility = value === reset ? 'hidden' : 'visible';
    },
  };
}

interface Segments<T extends string> {
  readonly element: HTMLElement;
  set(value: T, states: Readonly<Record<T, { readonly small?: string; readonly disabled?: boolean }>>): void;
}

/** Radio buttons in Figma's segmented look; the arrow keys work as in any radio group. */
export function segments<T extends string>(
  label: string,
  choices: readonly Segment<T>[],
  onChange: (value: T) => void,
): Segments<T> {
  const name = nextId();
  const parts = choices.map(({ value, label: words, title }) => {
    const input = el('input', { type: 'radio', name, value });
    const small = el('small');
    input.addEventListener('change', () => onChange(value));
    const element = el('label', title ? { title } : {}, input, words, small);
    return { value, input, small, element };
  });
  const element = el(
    'fieldset',
    { class: 'segments', role: 'radiogroup', 'aria-label': label },
    ...parts.map((part) => part.element),
  );
  return {
    element,
    set(value, states) {
      for (const part of parts) {
        const { small, disabled = false } = states[part.value];
        if (part.small.textContent !== (small ?? '')) part.small.textContent = small ?? '';
        part.small.hidden = !small;
        part.input.disabled = disabled;
        part.input.checked = part.value === value;
      }
    },
  };
}

/** A section that opens below its summary. It follows the state alone, which a rendering may bring at any moment. */
export function disclosure(
  summary: string,
  content: HTMLElement,
  onToggle: (open: boolean) => void,
): HTMLDetailsElement {
  const words = el('summary', {}, summary);
  const element = el('details', {}, words, content);
  words.addEventListener('click', (event) => {
    event.preventDefault();
    onToggle(!element.open);
  });
  return element;
}
