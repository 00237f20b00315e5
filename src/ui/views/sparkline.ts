import type { LossPoint } from '../worker/methods.ts';
import { el } from './dom.ts';

const HEIGHT = 40;
const POINTS = 160;

/** The loss over the run so far, on a logarithmic scale, with the stop that would be chosen now. */
export class Sparkline {
  readonly element: HTMLCanvasElement = el('canvas', { class: 'spark', role: 'img' });

  constructor() {
    new ResizeObserver(() => this.draw()).observe(this.element);
    // Figma changes its theme by the class of the root, at any time.
    new MutationObserver(() => this.draw()).observe(document.documentElement, { attributeFilter: ['class'] });
  }

  #points: readonly LossPoint[] = [];
  #bestStep = 0;
  #steps = 1;

  /** `run`: where it stands while it goes on. */
  show(points: readonly LossPoint[], run: { bestStep: number; steps: number } | undefined): void {
    this.#points = points;
    this.#bestStep = run?.bestStep ?? 0;
    this.#steps = Math.max(1, run?.steps ?? points.at(-1)?.step ?? 1);
    const best = this.#bestStep > 0 ? `, best so far at step ${this.#bestStep}` : '';
    this.element.setAttribute('aria-label', `Loss of each step${best}`);
    this.draw();
  }

  draw(): void {
    const { clientWidth: width } = this.element;
    if (!width) return;
    const ratio = devicePixelRatio;
    const canvas = this.element;
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(HEIGHT * ratio)) canvas.height = Math.round(HEIGHT * ratio);
    const context = canvas.getContext('2d')!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, HEIGHT);
    const style = getComputedStyle(canvas);
    context.fillStyle = style.getPropertyValue('--line');
    context.fillRect(0, HEIGHT - 1, width, 1);
    if (this.#points.length < 2) return;
    this.#curve(context, width, style.getPropertyValue('--accent'), style.getPropertyValue('--quiet'));
  }

  #curve(context: CanvasRenderingContext2D, width: number, colour: string, quiet: string): void {
    const points = this.#points.map(({ step, loss }) => ({ step, log: Math.log(Math.max(loss, 1e-12)) }));
    // The first steps fall steeply and would flatten the rest: the scale starts after a twentieth of them.
    const settled = points.slice(Math.floor(points.length / 20));
    const top = settled.reduce((most, { log }) => Math.max(most, log), -Infinity);
    const bottom = settled.reduce((least, { log }) => Math.min(least, log), Infinity);
    const span = Math.max(1e-6, top - bottom);
    const atX = (step: number) => (step / this.#steps) * (width - 4) + 2;
    const atY = (log: number) => 3 + (HEIGHT - 8) * Math.min(1, Math.max(0, (top - log) / span));
    const bin = Math.max(1, Math.ceil(points.length / POINTS));
    context.beginPath();
    for (let i = 0; i < points.length; i += bin) {
      const part = points.slice(i, i + bin);
      const mean = part.reduce((sum, { log }) => sum + log, 0) / part.length;
      context.lineTo(atX(part.at(-1)!.step), atY(mean));
    }
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.lineJoin = 'round';
    context.stroke();
    const best = points.find(({ step }) => step >= this.#bestStep);
    if (!best || this.#bestStep < 1) return;
    context.strokeStyle = quiet;
    context.lineWidth = 1;
    context.setLineDash([2, 2]);
    context.beginPath();
    context.moveTo(atX(best.step), 0);
    context.lineTo(atX(best.step), HEIGHT - 1);
    context.stroke();
    context.setLineDash([]);
    context.beginPath();
    context.arc(atX(best.step), atY(best.log), 3, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.fill();
  }
}
