/**
 * The filters of an image paint as an SVG filter, for the preview. Figma does not publish its formulas: these go the same
 * way and about as far, and leave an image alone where all are 0. Results never see them.
 */
import type { PaintFilters } from '../../wire/pictures.ts';

const SVG = 'http://www.w3.org/2000/svg';
const ID = 'paint-filters';
/** Share by which a channel gains or loses at full temperature or tint. */
const CAST = 0.2;
/** How far highlights and shadows move the tones in their half, at most. */
const REACH = 0.15;
/** Points of the tone curve. */
const TONES = 17;
/** Luma of Rec. 709. */
const LUMA = [0.2126, 0.7152, 0.0722] as const;

type Filters = Required<PaintFilters>;
const NONE: Filters = {
  exposure: 0,
  contrast: 0,
  saturation: 0,
  temperature: 0,
  tint: 0,
  highlights: 0,
  shadows: 0,
};

/** Stops, white balance and contrast about the middle: a gain and an offset a channel, as feColorMatrix wants them. */
function gains({ exposure, contrast, temperature, tint }: Filters): number[] {
  const slope = 2 ** contrast;
  const casts = [
    1 + CAST * (temperature + tint / 2),
    1 - CAST * tint,
    1 + CAST * (tint / 2 - temperature),
  ] as const;
  const [r, g, b] = casts.map((cast) => 2 ** exposure * cast * slope);
  const offset = (1 - slope) / 2;
  return [r!, 0, 0, 0, offset, 0, g!, 0, 0, offset, 0, 0, b!, 0, offset, 0, 0, 0, 1, 0];
}

/** Lifts or lowers the bright and the dark half; black and white stay. */
function tones({ highlights, shadows }: Filters): number[] {
  return Array.from({ length: TONES }, (_, i) => {
    const tone = i / (TONES - 1);
    const bump = (at: number) => Math.max(0, 1 - ((tone - at) / 0.25) ** 2);
    const moved = tone + REACH * (highlights * bump(0.75) + shadows * bump(0.25));
    return Math.min(1, Math.max(0, moved));
  });
}

/** Shows, in a canvas' `filter`, what a paint's filters do to its image. */
export class FilterDefinition {
  readonly element = document.createElementNS(SVG, 'svg');
  readonly #gains = primitive('feColorMatrix', { type: 'matrix' });
  readonly #tones = ['R', 'G', 'B'].map((channel) => primitive(`feFunc${channel}`, { type: 'table' }));
  readonly #saturation = primitive('feColorMatrix', { type: 'matrix' });
  #shown: PaintFilters | undefined;

  constructor() {
    const curve = primitive('feComponentTransfer', {});
    curve.append(...this.#tones);
    // The filters count in the samples as they are, not in linear light.
    const filter = primitive('filter', { id: ID, 'color-interpolation-filters': 'sRGB' });
    filter.append(this.#gains, curve, this.#saturation);
    for (const side of ['width', 'height']) this.element.setAttribute(side, '0');
    this.element.setAttribute('aria-hidden', 'true');
    this.element.style.position = 'absolute';
    this.element.append(filter);
  }

  /** For CanvasRenderingContext2D.filter; some browsers have none, and show the image without. */
  filterFor(filters: PaintFilters | undefined): string {
    if (!filters) return 'none';
    if (filters !== this.#shown) this.#set({ ...NONE, ...filters });
    this.#shown = filters;
    return `url(#${ID})`;
  }

  #set(filters: Filters): void {
    this.#gains.setAttribute('values', gains(filters).join(' '));
    for (const part of this.#tones) part.setAttribute('tableValues', tones(filters).join(' '));
    this.#saturation.setAttribute('values', saturated(1 + filters.saturation).join(' '));
  }
}

/** 0 = grey, 1 = as it is, 2 = twice as colourful. */
function saturated(amount: number): number[] {
  return [0, 1, 2]
    .flatMap((row) => [
      ...LUMA.map((share, column) => share * (1 - amount) + (row === column ? amount : 0)),
      0,
      0,
    ])
    .concat([0, 0, 0, 1, 0]);
}

function primitive(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const element = document.createElementNS(SVG, name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** Whether this browser's canvases can show filters. */
export const showsFilters = (): boolean => 'filter' in CanvasRenderingContext2D.prototype;
