import type { Box } from '../../engine/image/box.ts';
import type { AreaView } from '../worker/methods.ts';
import { AVOIDED, edgeOf, TINT, tinted } from './paint.ts';

/** Milliseconds between two positions of the marching edge. */
const MARCH_EVERY = 120;
const DASH = 4;

/** An area in its colours. */
interface Tinted {
  readonly area: AreaView;
  readonly tint: OffscreenCanvas | undefined;
  readonly avoided: OffscreenCanvas | undefined;
  readonly edge: Path2D;
}

/** Paints the area to fill over an image, with an edge that marches where motion is welcome. */
export class AreaPaint {
  readonly #calm = matchMedia('(prefers-reduced-motion: reduce)');
  #tinted: Tinted | undefined;
  #march: ReturnType<typeof setInterval> | undefined;
  #dashOffset = 0;

  constructor(private readonly redraw: () => void) {}

  /** In pixels of the image, of which the screen has `scale` each. */
  paint(context: CanvasRenderingContext2D, area: AreaView, scale: number): void {
    if (this.#tinted?.area !== area)
      this.#tinted = {
        area,
        tint: area.overlay && tinted(area.overlay, TINT),
        avoided: area.avoided && tinted(area.avoided.overlay, AVOIDED),
        edge: edgeOf(area.outlines),
      };
    const { tint, avoided, edge } = this.#tinted;
    const lay = (overlay: OffscreenCanvas | undefined, { x, y, width, height }: Box) => {
      if (overlay) context.drawImage(overlay, x, y, width, height);
    };
    if (area.avoided) lay(avoided, area.avoided.box);
    lay(tint, area.box);
    context.lineWidth = 1 / scale;
    for (const [colour, offset] of [
      ['#fff', 0],
      ['#000', DASH],
    ] as const) {
      context.strokeStyle = colour;
      context.setLineDash([DASH / scale, DASH / scale]);
      context.lineDashOffset = -(this.#dashOffset + offset) / scale;
      context.stroke(edge);
    }
  }

  march(on: boolean): void {
    const wanted = on && !this.#calm.matches;
    if (wanted === (this.#march !== undefined)) return;
    clearInterval(this.#march);
    this.#march = wanted
      ? setInterval(() => {
          this.#dashOffset = (this.#dashOffset + 1) % (2 * DASH);
          this.redraw();
        }, MARCH_EVERY)
      : undefined;
  }
}
