import { all, type FoundNoise, type Looks } from './noise-finder.ts';
import { type Band, bandEnergy } from './spectra.ts';

/** Level of the finest frequencies that dithering leaves, 1/255; how they compare with the middle ones; share of blocks. */
const DITHER = { least: 3, blue: 0.9, share: 0.6, blocks: 200 } as const;

/**
 * Error diffusion (Floyd & Steinberg, 1976), as files of few colours have it: in most places the finest frequencies are
 * the strongest, where pictures have least. In drawings it is meant, so it counts only where the file says that colours
 * were taken away.
 */
export function findDither({ fine }: Looks): FoundNoise | null {
  const mean = (block: number, band: Band) =>
    fine.power.reduce((sum, power) => sum + bandEnergy(power, block, band), 0) / fine.power.length;
  const blocks = all(fine).filter((b) => {
    const high = mean(b, 'high');
    return high >= (DITHER.least / 255) ** 2 && high >= DITHER.blue ** 2 * mean(b, 'middle');
  });
  const most = fine.count >= DITHER.blocks && blocks.length >= DITHER.share * fine.count;
  return most ? { kind: 'dither', spectra: fine, blocks } : null;
}

/** Whether a file's bytes are those of a GIF, whose colours are few. */
export const isGif = (file?: Uint8Array): boolean =>
  file?.[0] === 0x47 && file[1] === 0x49 && file[2] === 0x46;
