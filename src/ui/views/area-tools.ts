import type { Controller } from '../controller.ts';
import { BRUSH, type State } from '../state.ts';
import { button, el, type View } from './dom.ts';
import { segments } from './fields.ts';

/** Draws the area to fill on the preview, in one row; besides the layers that mark it. */
export class AreaTools implements View {
  readonly element: HTMLElement;
  readonly #tool;
  readonly #size = el('input', {
    type: 'range',
    'aria-label': 'Brush size',
    title: 'Brush size',
    min: BRUSH.min,
    max: BRUSH.max,
  });
  readonly #clear: HTMLButtonElement;

  constructor(readonly panel: Controller) {
    this.#tool = segments(
      'On the preview',
      [
        { value: 'move', label: 'Move' },
        { value: 'draw', label: 'Draw' },
        { value: 'erase', label: 'Erase' },
        { value: 'avoid', label: 'Avoid', title: 'Paint over what is not to be copied into the area' },
      ],
      (tool) => panel.store.set({ tool }),
    );
    this.#size.addEventListener('input', () => panel.store.set({ brush: Number(this.#size.value) }));
    this.#clear = button('Clear', 'button small', () => panel.clearStrokes());
    this.element = el('div', { class: 'row tools' }, this.#tool.element, this.#size, this.#clear);
  }

  render({ operation, tool, brush, items, active }: State): void {
    this.element.hidden = operation !== 'fill';
    if (this.element.hidden) return;
    this.#tool.set(tool, { move: {}, draw: {}, erase: {}, avoid: {} });
    this.#size.value = String(brush);
    this.#size.disabled = tool === 'move';
    const item = items[active];
    this.#clear.disabled = !item || (item.strokes.length === 0 && item.found === undefined);
  }
}
