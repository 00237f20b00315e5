import { namedBuffer, type Plan } from '../../plan/plan.ts';
import type { Profile } from './profile.ts';
import { type BufferRef, planRef } from './wgsl.ts';

/** What kernel builders see of the plan under compilation. */
export interface Context {
  readonly plan: Plan;
  readonly profile: Profile;
}

export const named = ({ plan }: Context, name: string): BufferRef => planRef(namedBuffer(plan, name));

/** First float of a parameter in the arenas. */
export const parameterOffset = ({ plan }: Context, id: number): number => plan.parameters[id].offset;
