import { panelSize } from '../../wire/settings.ts';
import type { Controller } from '../controller.ts';
import { el, icon } from './dom.ts';

const KEY_STEP = 20;

/** Figma has no resizable plugin window: this corner asks the sandbox for another size, which it remembers. */
export function resizeCorner(panel: Controller): HTMLElement {
  const corner = el(
    'button',
    {
      type: 'button',
      class: 'corner',
      'aria-label': 'Resize the panel with the arrow keys',
      title: 'Drag to resize',
    },
    icon(16, 16, 'M13.5 8.5l-5 5M13.5 11.5l-2 2'),
  );
  const resize = (width: number, height: number, last: boolean) =>
    panel.resize(...panelSize(width, height), last);
  corner.addEventListener('pointerdown', (event) => corner.setPointerCapture(event.pointerId));
  corner.addEventListener('pointermove', (event) => {
    if (corner.hasPointerCapture(event.pointerId)) resize(event.clientX + 6, event.clientY + 6, false);
  });
  corner.addEventListener('pointerup', (event) => resize(event.clientX + 6, event.clientY + 6, true));
  corner.addEventListener('keydown', (event) => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!by) return;
    event.preventDefault();
    resize(innerWidth + by[0]! * KEY_STEP, innerHeight + by[1]! * KEY_STEP, true);
  });
  return corner;
}
