import { el } from './dom.ts';

/** What is dragged between before and after, over the width of the element it stands in. */
export class Divider {
  readonly element = el('div', {
    class: 'divider',
    role: 'slider',
    tabindex: 0,
    'aria-label': 'Before and after',
    'aria-valuemin': 0,
    'aria-valuemax': 100,
    'aria-valuenow': 50,
  });
  /** Where it is, 0 … 1 of the width. */
  split = 0.5;

  constructor(private readonly onChange: () => void) {
    const { element } = this;
    element.addEventListener('pointerdown', (event) => {
      element.setPointerCapture(event.pointerId);
      event.preventDefault();
      element.focus({ preventScroll: true });
    });
    element.addEventListener('pointermove', (event) => {
      if (!element.hasPointerCapture(event.pointerId)) return;
      const { left, width } = element.parentElement!.getBoundingClientRect();
      this.#move((event.clientX - left) / width);
    });
    element.addEventListener('keydown', (event) => {
      const step = event.shiftKey ? 0.1 : 0.02;
      const next = {
        ArrowLeft: this.split - step,
        ArrowDown: this.split - step,
        ArrowRight: this.split + step,
        ArrowUp: this.split + step,
        Home: 0,
        End: 1,
      }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      this.#move(next);
    });
  }

  #move(split: number): void {
    this.split = Math.min(1, Math.max(0, split));
    this.element.setAttribute('aria-valuenow', String(Math.round(100 * this.split)));
    this.onChange();
  }
}
