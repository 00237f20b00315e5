import * as v from 'valibot';
import {
  MASK_EDGE_RANGE,
  PIXEL_ARTS,
  PRIORS,
  QUALITIES,
  REDUCTIONS,
  SCALE_RANGE,
} from '../engine/choices.ts';
import { between, factor, flag, type Of, text } from './values.ts';

/** What the panel can do with an image. */
export const OPERATIONS = ['restore', 'fill', 'upscale'] as const;
export type Operation = (typeof OPERATIONS)[number];

export const quality = v.picklist(QUALITIES);
const pixels = between(MASK_EDGE_RANGE.min, MASK_EDGE_RANGE.max);
const panelSide = between(1, 1e4);

export const settings = v.object({
  quality,
  /** Hide the original once the restored layer is above it: the page looks the same, and nothing shows through twice. */
  hideOriginal: flag,
  /** Hide the layers that marked the area once it is filled: they would lie over the result. */
  hideMasks: flag,
  /** Up-scaling factor, 1 < factor ≤ 8. */
  factor: v.pipe(factor, v.gtValue(SCALE_RANGE.min)),
  /** Image pixels by which the area to fill grows, 0 … 64; at its default a soft mask, which reaches out itself, does not. */
  grow: pixels,
  /** Image pixels over which its edge fades, 0 … 64. */
  feather: pixels,
  /** What is known of images without data. */
  prior: v.picklist(PRIORS),
  /** Same words as the engine's `reduction` and `pixelArt` options. */
  reduction: v.picklist(REDUCTIONS),
  pixelArt: v.picklist(PIXEL_ARTS),
  /** Same words as the engine's `executor` option. */
  executor: text,
  /** Size of the panel, px. */
  width: panelSide,
  height: panelSide,
});
/** What the panel remembers between runs, in figma.clientStorage. */
export type Settings = Of<typeof settings>;

export const DEFAULT_SETTINGS: Settings = {
  quality: 'balanced',
  hideOriginal: true,
  hideMasks: true,
  factor: 2,
  grow: 1,
  feather: 0,
  prior: 'auto',
  reduction: 'lanczos',
  pixelArt: 'keep',
  executor: 'auto',
  width: 320,
  height: 560,
};

export const PANEL_MIN = { width: 280, height: 420 } as const;
const PANEL_MAX = { width: 1200, height: 1200 } as const;

/** The size of the panel, whole px, nearest to one that is asked for. */
export function panelSize(width: number, height: number): [width: number, height: number] {
  const within = (value: number, side: 'width' | 'height') =>
    Math.round(Math.min(Math.max(value, PANEL_MIN[side]), PANEL_MAX[side]));
  return [within(width, 'width'), within(height, 'height')];
}

export const isSettings = (value: unknown): value is Settings => v.is(settings, value);
