import { namedBuffer, type Plan } from '../../plan/plan.ts';
import { type BufferRef, planRef } from './wgsl.ts';

/** What kernel builders may know of the device. */
export interface Profile {
  /** An adapter that runs shaders on CPU threads: barriers are dear, caches are plenty, few threads run at once. */
  readonly software: boolean;
  /** Kernels may use quad operations (the feature "subgroups"). */
  readonly quads: boolean;
  /** Bytes of workgroup memory a kernel may use. */
  readonly workgroupMemory: number;
  /** Workgroups that should run at once to keep the device busy. */
  readonly parallelism: number;
  /** Most multiply-adds of a dispatch, about 100 ms of a weak device. Fewer would leave a strong one idle at each end. */
  readonly dispatchWork: number;
}

/** What kernel builders see of the plan under compilation. */
export interface Context {
  readonly plan: Plan;
  readonly profile: Profile;
}

export const named = ({ plan }: Context, name: string): BufferRef => planRef(namedBuffer(plan, name));

/** First float of a parameter in the arenas. */
export const parameterOffset = ({ plan }: Context, id: number): number => plan.parameters[id].offset;
