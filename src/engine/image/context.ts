import type { Box } from './box.ts';

/** What around the box of a hole is looked at: px at least, and as a share of its longer side what is worked on and what may be copied. */
export const CONTEXT = { pixels: 48, share: 0.75, sources: 1.25 } as const;

/** Pixels around a box that are looked at. */
export const contextOf = ({ width, height }: Box, share: number): number =>
  Math.max(CONTEXT.pixels, Math.ceil(share * Math.max(width, height)));
