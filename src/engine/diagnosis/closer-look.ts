/** What looks closer where no noise shows at first, or compression or few colours do: a picture that needs none of it loads none. */
export { findChroma } from '../jpeg/chroma.ts';
export { showsOlderGrid } from '../jpeg/older-grid.ts';
export { bandedColours } from './bands.ts';
export { clippedNoise } from './clipped-noise.ts';
export { hasNoiseBeneath } from './compressed-noise.ts';
export { isDithered, isOfDots } from './dither.ts';
export { noiseOver, noisePatches } from './patches.ts';
export { smallNoise } from './small-noise.ts';
export { findSureGrain } from './sure-grain.ts';
export { findWideBlotches } from './wide-blotches.ts';
