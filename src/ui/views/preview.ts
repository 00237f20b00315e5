import type { Box } from '../../engine/image/box.ts';
import type { PaintFilters, ShownPart } from '../../wire/pictures.ts';
import type { Controller } from '../controller.ts';
import { drawStroke } from '../pixels/stroke.ts';
import { isInArea } from '../selectors.ts';
import { activeItem, type Item, type State, type Tool } from '../state.ts';
import type { AreaView, Brush, Layer, Stroke } from '../worker/methods.ts';
import { AreaPaint } from './area-paint.ts';
import { Divider } from './divider.ts';
import { el, setText, type View } from './dom.ts';
import { AVOIDED, checkerboard, clip, drawLayer, ERASED, type Rect, ring, TINT } from './paint.ts';
import { FilterDefinition } from './paint-filters.ts';
import { fromFrame, hidesSome, partFrame, type ViewFrame, wholeFrame } from './view-frame.ts';
import { Viewport } from './viewport.ts';

const KEY_PAN = 32;
const KEY_ZOOM = 1.5;
const BRUSH_STEP = 1.25;
/** What a stroke looks like while it is drawn. */
const STROKE_COLOURS: Readonly<Record<Brush, string>> = { draw: TINT, avoid: AVOIDED, erase: ERASED };

interface Shown {
  readonly before: Layer;
  /** The result; `live` is what is at work, laid over the image as it was. */
  readonly after: Layer | undefined;
  readonly live: (Layer & { readonly box: Box }) | undefined;
  readonly area: AreaView | undefined;
  /** What the layer shows of it; undefined = all of it. */
  readonly part: ShownPart | undefined;
  readonly filters: PaintFilters | undefined;
}

/** The image, the area to fill over it, and the before/after divider. */
export class Preview implements View {
  readonly element: HTMLElement;
  readonly #canvas = el('canvas', { tabindex: 0, role: 'img', 'aria-keyshortcuts': 'Plus Minus 0 1 B [ ]' });
  readonly #divider = new Divider(() => this.draw());
  readonly #areaPaint = new AreaPaint(() => this.draw());
  readonly #before = el('span', { class: 'tag before', 'aria-hidden': true }, 'Before');
  readonly #after = el('span', { class: 'tag after', 'aria-hidden': true }, 'After');
  readonly #zoom = el('span', { class: 'tag zoom', 'aria-hidden': true });
  readonly #whole = el(
    'button',
    { type: 'button', class: 'tag whole', 'aria-pressed': false },
    'Whole image',
  );
  readonly #spinner = el('div', { class: 'spinner' }, 'Reading the image…');
  readonly #viewport = new Viewport();
  #shown: Shown | undefined;
  #frame: ViewFrame = wholeFrame({ width: 1, height: 1 });
  /** The whole image is to be seen as it is in its file, not as the layer shows it. */
  #showWhole = false;
  readonly #filters = new FilterDefinition();
  #holdBefore = false;
  /** What a drag does: pans, or draws the area with a brush this wide, CSS px. */
  #tool: Tool = 'move';
  #brush = 0;
  #stroke: Stroke | undefined;
  #pointer: readonly [x: number, y: number] | undefined;

  constructor(readonly panel: Controller) {
    this.element = el(
      'div',
      { class: 'preview' },
      this.#canvas,
      this.#whole,
      this.#before,
      this.#after,
      this.#divider.element,
      this.#zoom,
      this.#spinner,
      this.#filters.element,
    );
    this.#whole.addEventListener('click', () => {
      this.#showWhole = !this.#showWhole;
      this.#whole.setAttribute('aria-pressed', String(this.#showWhole));
      this.#place();
      this.draw();
    });
    this.#listenToPointer();
    this.#canvas.addEventListener('keydown', (event) => this.#key(event));
    addEventListener('keydown', (event) => this.#hold(event, true));
    addEventListener('keyup', (event) => this.#hold(event, false));
    addEventListener('blur', () => this.#setHold(false));
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  render(state: State): void {
    const item = activeItem(state);
    const nothing = state.phase === 'empty' || state.phase === 'unsupported';
    const unread = state.phase === 'failed' && !item?.opened;
    const visible = item !== undefined && !nothing && !unread;
    this.element.hidden = !visible;
    if (!visible) return;
    const before = item.opened;
    const run = item.status === 'running' ? state.run : undefined;
    const live = run?.preview && run.box ? { ...run.preview, box: run.box } : undefined;
    // A new run is being thought about: the last result is no part of it.
    const past = state.phase === 'ready' ? undefined : item.result;
    const after = item.status === 'running' ? live && before : past;
    const showArea = isInArea(state, item) && !after;
    this.#spinner.hidden = before !== undefined;
    const part = before && item.shown && hidesSome(item.shown, before) ? item.shown : undefined;
    const { filters } = item;
    this.#shown = before && { before, after, live, area: showArea ? item.area : undefined, part, filters };
    this.#whole.hidden = part === undefined && filters === undefined;
    setText(this.#whole, part ? 'Whole image' : 'Without filters');
    this.#place();
    // What is at work is shown whole; only a result is put beside the image as it was.
    for (const part of [this.#divider.element, this.#before])
      part.hidden = after === undefined || live !== undefined;
    this.#after.hidden = after === undefined;
    this.#canvas.setAttribute('aria-label', describe(item, this.#shown, showArea));
    this.#tool = state.operation === 'fill' && state.phase === 'ready' ? state.tool : 'move';
    this.#brush = state.brush;
    this.#canvas.classList.toggle('brush', this.#tool !== 'move');
    this.#areaPaint.march(showArea && item.area !== undefined && state.phase === 'ready');
    this.draw();
  }

  /** Puts what is to be seen into the viewport. */
  #place(): void {
    const { before, part } = this.#shown ?? {};
    if (!before) return;
    this.#frame = part && !this.#showWhole ? partFrame(part) : wholeFrame(before.bitmap);
    this.#viewport.setImage(this.#frame);
  }

  draw(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height) return;
    const ratio = devicePixelRatio;
    const canvas = this.#canvas;
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    this.#viewport.setBox({ width, height });
    const context = canvas.getContext('2d')!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const { scale } = this.#viewport.placement;
    this.#zoom.hidden = this.#viewport.isFitted;
    setText(this.#zoom, `${Math.round(100 * scale * ratio)} %`);
    if (this.#shown) this.#paint(context, this.#shown, width, height);
    else this.#placeParts([0, 0, width, height], width, height);
  }

  #paint(context: CanvasRenderingContext2D, shown: Shown, width: number, height: number): void {
    const { before, after, live, area } = shown;
    const filter = this.#filters.filterFor(this.#showWhole ? undefined : shown.filters);
    const layer = (of: Layer, box: Box) => {
      context.filter = filter;
      drawLayer(context, of, box, scale);
    };
    const rect = this.#rect(this.#frame);
    const scale = rect[2] / this.#frame.width;
    const whole = { x: 0, y: 0, width: before.bitmap.width, height: before.bitmap.height };
    this.#placeParts(rect, width, height);
    context.imageSmoothingQuality = 'high';
    context.imageSmoothingEnabled = scale * devicePixelRatio < 2;
    context.save();
    clip(context, rect);
    checkerboard(context, rect);
    this.#inImage(context, rect, () => layer(before, whole));
    if (after && !this.#holdBefore) {
      clip(context, [live ? 0 : this.#divider.split * width, 0, width, height]);
      checkerboard(context, rect);
      this.#inImage(context, rect, () => {
        layer(after, whole);
        if (live) layer(live, live.box);
      });
    }
    if (area) this.#inImage(context, rect, () => this.#areaPaint.paint(context, area, scale));
    const stroke = this.#stroke;
    if (stroke)
      this.#inImage(context, rect, () => {
        context.strokeStyle = STROKE_COLOURS[stroke.brush];
        drawStroke(context, { ...stroke, brush: 'draw' });
      });
    context.restore();
    if (this.#tool !== 'move' && this.#pointer) ring(context, this.#pointer, this.#brush / 2);
  }

  /** Where in the image a pointer is, in its pixels. */
  #inPixels({ clientX, clientY }: PointerEvent): [number, number] {
    const { left, top } = this.#canvas.getBoundingClientRect();
    const { scale, x, y } = this.#viewport.placement;
    return fromFrame(this.#frame, (clientX - left - x) / scale, (clientY - top - y) / scale);
  }

  /** Draws in pixels of the image. */
  #inImage(context: CanvasRenderingContext2D, [x, y, w, h]: Rect, paint: () => void): void {
    const { width, height, matrix } = this.#frame;
    context.save();
    context.translate(x, y);
    context.scale(w / width, h / height);
    context.transform(...matrix);
    paint();
    context.restore();
  }

  /** On whole pixels of the screen, so that no edge of the image is half transparent. */
  #rect({ width, height }: ViewFrame): Rect {
    const { scale, x, y } = this.#viewport.placement;
    const snap = (at: number) => Math.round(at * devicePixelRatio) / devicePixelRatio;
    const [left, top] = [snap(x), snap(y)];
    return [left, top, snap(x + width * scale) - left, snap(y + height * scale) - top];
  }

  /** Keeps the divider and the words on the visible part of the image. */
  #placeParts([x, y, w, h]: Rect, width: number, height: number): void {
    const place = {
      '--divider': `${this.#divider.split * width}px`,
      '--left': `${Math.max(0, x)}px`,
      '--top': `${Math.max(0, y)}px`,
      '--right': `${Math.max(0, width - x - w)}px`,
      '--bottom': `${Math.max(0, height - y - h)}px`,
    };
    for (const [name, value] of Object.entries(place)) this.element.style.setProperty(name, value);
  }

  // ---- Zoom, pan, compare ----------------------------------------------------------------------

  #listenToPointer(): void {
    const canvas = this.#canvas;
    canvas.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        const { scale } = this.#viewport.placement;
        this.#viewport.zoomTo(scale * Math.exp(-event.deltaY / 300), event.offsetX, event.offsetY);
        this.draw();
      },
      { passive: false },
    );
    canvas.addEventListener('dblclick', (event) => {
      if (this.#tool === 'move') this.#toggleOneToOne(event.offsetX, event.offsetY);
    });
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      if (this.#tool !== 'move' && event.button === 0) {
        const radius = this.#brush / 2 / this.#viewport.placement.scale;
        this.#stroke = { points: this.#inPixels(event), radius, brush: this.#tool };
        this.draw();
        return;
      }
      canvas.classList.add('dragging');
      if (this.#shown?.live) this.#setHold(true);
    });
    canvas.addEventListener('pointermove', (event) => {
      this.#pointer = [event.offsetX, event.offsetY];
      if (this.#stroke) {
        // Only secure frames tell the positions between two frames of the screen.
        const between = (event.getCoalescedEvents as (() => PointerEvent[]) | undefined)?.call(event) ?? [];
        const added = (between.length > 0 ? between : [event]).flatMap((one) => this.#inPixels(one));
        const points = [...this.#stroke.points, ...added];
        this.#stroke = { ...this.#stroke, points };
      }
      // The middle button pans, whatever the tool.
      else if (canvas.hasPointerCapture(event.pointerId))
        this.#viewport.panBy(event.movementX, event.movementY);
      if (this.#tool !== 'move' || canvas.hasPointerCapture(event.pointerId)) this.draw();
    });
    canvas.addEventListener('pointerleave', () => {
      this.#pointer = undefined;
      this.draw();
    });
    canvas.addEventListener('lostpointercapture', () => {
      if (this.#stroke) this.panel.draw(this.#stroke);
      this.#stroke = undefined;
      canvas.classList.remove('dragging');
      this.#setHold(false);
    });
  }

  #toggleOneToOne(x?: number, y?: number): void {
    const shown = this.#shown;
    if (!shown) return;
    // One pixel of the result, where there is one, on one pixel of the screen.
    const [fine, coarse] = shown.live
      ? [shown.live.bitmap.width, shown.live.box.width]
      : [(shown.after ?? shown.before).bitmap.width, shown.before.bitmap.width];
    const detail = fine / coarse;
    const full = detail / devicePixelRatio;
    const { scale } = this.#viewport.placement;
    if (Math.abs(scale / full - 1) < 0.01) this.#viewport.fit();
    else this.#viewport.zoomTo(full, x, y);
    this.draw();
  }

  #key(event: KeyboardEvent): void {
    const { scale } = this.#viewport.placement;
    const keys: Record<string, () => void> = {
      '+': () => this.#viewport.zoomTo(scale * KEY_ZOOM),
      '=': () => this.#viewport.zoomTo(scale * KEY_ZOOM),
      '-': () => this.#viewport.zoomTo(scale / KEY_ZOOM),
      '0': () => this.#viewport.fit(),
      '1': () => this.#toggleOneToOne(),
      '[': () => this.panel.changeBrush(1 / BRUSH_STEP),
      ']': () => this.panel.changeBrush(BRUSH_STEP),
      ArrowLeft: () => this.#viewport.panBy(KEY_PAN, 0),
      ArrowRight: () => this.#viewport.panBy(-KEY_PAN, 0),
      ArrowUp: () => this.#viewport.panBy(0, KEY_PAN),
      ArrowDown: () => this.#viewport.panBy(0, -KEY_PAN),
    };
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act();
    this.draw();
  }

  #hold(event: KeyboardEvent, down: boolean): void {
    const typing = event.target instanceof HTMLInputElement && event.target.type !== 'radio';
    if (event.key.toLowerCase() === 'b' && !typing && !event.ctrlKey && !event.metaKey) this.#setHold(down);
  }

  #setHold(hold: boolean): void {
    if (this.#holdBefore === hold) return;
    this.#holdBefore = hold;
    this.#after.textContent = hold ? 'Before' : 'After';
    this.draw();
  }
}

function describe(item: Item, shown: Shown | undefined, showArea: boolean): string {
  if (shown?.live) return `${item.name} as it stands. Hold B, or press, for before.`;
  if (shown?.after) return `${item.name}, before on the left and after on the right. Hold B for before.`;
  return showArea && item.area ? `${item.name} with the area to fill marked` : item.name;
}
