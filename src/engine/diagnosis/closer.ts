import { awaited, type Pieces } from '../time-slicing.ts';

export type Closer = typeof import('./closer-look.ts');

/** What looks closer, if it is not at hand: loaded then, for which only work `inTurns` can wait. */
export function* closerLook(atHand?: Closer): Pieces<Closer> {
  return atHand ?? (yield* awaited(import('./closer-look.ts')));
}
