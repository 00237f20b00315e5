import type { Journal } from '../checkpoints/journal.ts';
import { RUN } from '../copies.ts';
import type { Trained } from './train.ts';

/** A network that is done, as a journal has it. */
interface Network extends Trained {
  readonly losses: readonly number[];
}

const NAME = 'network';

export function keepNetwork(journal: Journal, { theta, ...facts }: Network): void {
  journal.drop(RUN);
  journal.keep(NAME, { facts, planes: theta ? { theta } : {} });
}

export function keptNetwork(journal: Journal): Network | undefined {
  const kept = journal.find(NAME);
  return kept && { ...(kept.facts as Omit<Network, 'theta'>), theta: kept.planes.theta };
}
