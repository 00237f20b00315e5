import { isMonochrome } from '../diagnosis/monochrome.ts';
import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';

/**
 * Blocks of `side` px, twice that where they deviate by `noisy`, 1/255, are flat if they deviate by so many times, `flat`, what the quietest
 * quarter does, or by `rounding`; they are of one colour within what noise leaves of their means, `means` deviations. So many colours have this
 * `share` of the flat blocks of a drawing, be it of σ 25 or of JPEG quality 20, and hardly a block has almost one: by so much, `alone`, fewer do.
 * Where light falls off there are as many beside. Chosen on 78 drawings and 39 crops of photographs and wallpapers.
 */
const FEW = {
  ...{ side: 4, noisy: 10, quiet: 0.25, flat: 1.6, rounding: 1 },
  ...{ means: 2, least: 1.5, colours: 8, share: 0.72, alone: 0.45 },
} as const;
/** Greys are few in photographs, too: of a drawing without colours so many of the blocks are its paper, black or white but for noise. */
const PAPER = { share: 0.2, deviations: 1, rounding: 2 } as const;

/** Whether what is flat in a noisy or compressed picture has the few colours of a drawing: what looks like scratches is its lines. */
export function* hasFlatsOfFewColours(picture: Picture): Pieces<boolean> {
  const fine = yield* blocksOf(picture, FEW.side);
  const side = quietOf(fine) > FEW.noisy ? 2 * FEW.side : FEW.side;
  const blocks = side === FEW.side ? fine : yield* blocksOf(picture, side);
  const quiet = quietOf(blocks);
  yield;
  const flat = blocks.filter(({ deviation }) => deviation <= FEW.flat * quiet + FEW.rounding);
  if ((yield* isMonochrome(picture)) && !isOnPaper(flat, quiet, blocks.length)) return false;
  const step = Math.max(FEW.least, (FEW.means * quiet) / side);
  const counts = new Map<number, number>();
  for (const { means } of flat) {
    const code = means.reduce((sum, mean) => CODE * sum + 1 + Math.round(mean / step), 0);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const [near, around] = [1, 2].map((reach) => steps(picture.channels, reach));
  let [all, alone] = [0, 0];
  for (let i = 0; i < FEW.colours; i++) {
    yield;
    const { own, beside } = yield* takeCommonest(counts, near, around);
    all += own;
    alone += Math.max(0, own - beside);
  }
  return all >= FEW.share * flat.length && alone >= FEW.alone * flat.length;
}

/** What a quarter of the blocks deviate less than. */
const quietOf = (blocks: readonly Block[]): number =>
  Float64Array.from(blocks, ({ deviation }) => deviation).sort()[Math.floor(FEW.quiet * blocks.length)] ?? 0;

function isOnPaper(flat: readonly Block[], quiet: number, count: number): boolean {
  const near = PAPER.deviations * quiet + PAPER.rounding;
  const paper = flat.filter(({ means }) =>
    [0, 255].some((end) => means.every((mean) => Math.abs(mean - end) <= near)),
  );
  return paper.length >= PAPER.share * count;
}

/** More than the steps of a channel. */
const CODE = 256;

/** Steps to the codes of colours that are so near. */
const steps = (channels: number, reach: number): number[] =>
  Array.from({ length: channels }).reduce<number[]>(
    (codes) =>
      codes.flatMap((code) => Array.from({ length: 2 * reach + 1 }, (_, i) => CODE * code + i - reach)),
    [0],
  );

/** Colours that are looked at between two turns. */
const MANY = 1024;

/** How many blocks have the commonest colour that is left, and how many almost; they are taken away. */
function* takeCommonest(
  counts: Map<number, number>,
  near: readonly number[],
  around: readonly number[],
): Pieces<{ own: number; beside: number }> {
  const within = (at: number, reach: readonly number[]) =>
    reach.reduce((sum, step) => sum + (counts.get(at + step) ?? 0), 0);
  let [own, at, looked] = [0, 0, 0];
  for (const code of counts.keys()) {
    const count = within(code, near);
    if (count > own) [own, at] = [count, code];
    if (looked++ % MANY === 0) yield;
  }
  const beside = within(at, around) - own;
  for (const step of around) counts.delete(at + step);
  return { own, beside };
}

interface Block {
  /** Of each channel, 1/255. */
  readonly means: readonly number[];
  /** Of the channel that has most, 1/255. */
  readonly deviation: number;
}

/** Those of which all is seen. */
function* blocksOf({ colour, channels, width, height }: Picture, side: number): Pieces<Block[]> {
  const blocks: Block[] = [];
  for (let y = 0; y + side <= height; y += side) {
    for (let x = 0; x + side <= width; x += side) {
      const moments = Array.from({ length: channels }, (_, c) => {
        let [sum, squares] = [0, 0];
        for (let row = 0; row < side; row++) {
          const from = c * width * height + (y + row) * width + x;
          for (let at = from; at < from + side; at++) {
            sum += 255 * colour[at];
            squares += (255 * colour[at]) ** 2;
          }
        }
        const mean = sum / side ** 2;
        return { mean, variance: Math.max(0, squares / side ** 2 - mean ** 2) };
      });
      const deviation = Math.sqrt(Math.max(...moments.map(({ variance }) => variance)));
      if (!Number.isNaN(deviation)) blocks.push({ means: moments.map(({ mean }) => mean), deviation });
    }
    yield;
  }
  return blocks;
}
