import { countOf, placesOf } from '../image/binary-plane.ts';
import type { Pieces } from '../time-slicing.ts';
import { inUse, markSeams, twice } from './finer.ts';
import type { Labels } from './labelling.ts';
import type { Level } from './level.ts';

/**
 * What takes how long, in times of what it takes to search a pixel of the coarsest level for copies. There, for each pixel of the hole and
 * label: what that costs alone, and whether it is taken, in one of `rounds`; at each finer level a label's offset, and a pixel along
 * seams; in the end a pixel that is blended. Counted of eight holes of 455 to 98,552 px in seven photographs.
 */
const TAKES = { alone: 0.006, taken: 0.021, rounds: 3, offset: 80, seam: 2, blended: 0.4 } as const;

/** What one of the coarsest level's labellings looks like after its first round. */
interface Glance {
  /** Labels to choose from. */
  readonly offered: number;
  readonly labels: Labels;
  /** How many labellings are tried in all. */
  readonly trials: number;
}

/** What filling a photograph's hole takes once it was searched for copies, in times of the search. */
export function* timesOfSearch(
  levels: readonly Level[],
  { offered, labels, trials }: Glance,
): Pieces<number> {
  const coarsest = levels[levels.length - 1];
  const hole = placesOf(coarsest.hole);
  const { alone, taken, rounds, offset, seam, blended } = TAKES;
  const again = (rounds - 1) * inUse(labels, hole).length;
  let pixels = trials * hole.length * (alone * offered + taken * (offered + again));
  pixels += blended * countOf(levels[0].hole, (h) => h === 1);
  let coarse = labels;
  for (let depth = levels.length - 2; depth >= 0; depth--) {
    const level = levels[depth];
    coarse = twice(level, coarse, levels[depth + 1].width);
    const moving = new Uint8Array(coarse.length);
    yield* markSeams(level, coarse, moving);
    pixels += offset * offered + seam * countOf(moving, (m) => m === 1);
  }
  return pixels / coarsest.hole.length;
}
