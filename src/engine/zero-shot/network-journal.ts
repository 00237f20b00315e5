import type { Journal } from '../checkpoints/journal.ts';
import { RUN } from '../run/copies.ts';
import type { Trained } from './train.ts';

const NAME = 'network';

/** A network that is done. */
export function keepNetwork(journal: Journal, { theta, ...facts }: Trained): void {
  journal.drop(RUN);
  journal.keep(NAME, { facts, planes: theta ? { theta } : {} });
}

/** The network that was kept there, if one was. */
export function keptNetwork(journal: Journal): Trained | undefined {
  const kept = journal.find(NAME);
  return kept && { ...(kept.facts as Omit<Trained, 'theta'>), theta: kept.planes.theta };
}
