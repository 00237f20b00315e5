import type { BufferId, KernelCall } from './plan.ts';

/** The buffers a call touches besides the theta and gradient arenas, which parameters are addressed in. */
export interface Uses {
  readonly reads: readonly BufferId[];
  readonly writes: readonly BufferId[];
}

const optional = (...ids: (BufferId | null)[]) => ids.filter((id): id is BufferId => id !== null);

/** What a call reads and writes; a buffer that is accumulated into stands in both lists. */
export function usesOf(call: KernelCall): Uses {
  switch (call.kind) {
    case 'noise':
      return { reads: [call.x.buffer], writes: [call.out.buffer] };
    case 'conv':
      return { reads: optional(call.x.buffer, call.x.affine), writes: [call.out.buffer] };
    case 'convBackwardInput':
      return accumulating([call.dy.buffer], call.dx.buffer, call.accumulate);
    case 'convBackwardWeight':
      return { reads: optional(call.x.buffer, call.x.affine, call.dy.buffer), writes: [] };
    case 'moments':
      return { reads: [call.x.buffer], writes: [call.affine] };
    case 'normGradients':
      return { reads: optional(call.dy.buffer, call.x.buffer, call.x.affine), writes: [call.sums] };
    case 'normBackwardInput': {
      const reads = optional(call.dy.buffer, call.x.buffer, call.x.affine, call.sums);
      return accumulating(reads, call.dx.buffer, call.accumulate);
    }
    case 'activationBackward':
      return accumulating([call.dy.buffer, call.x.buffer], call.dx.buffer, call.accumulate);
    case 'pointwise':
    case 'resample':
      return accumulating(optional(call.x.buffer, call.x.affine), call.out.buffer, call.accumulate);
    case 'dataTerm':
      return { reads: optional(call.x.buffer, call.target, call.weight), writes: [call.dx.buffer] };
    case 'totalVariation':
      return accumulating([call.x.buffer], call.dx.buffer, true);
    case 'average':
    case 'variance':
      return accumulating([call.x.buffer], call.mean, true);
    case 'keepBest':
      return { reads: [call.source], writes: [call.best] };
    case 'endStep':
      return { reads: [], writes: [call.log] };
    case 'adam':
    case 'muon':
      return { reads: [], writes: [] };
  }
}

function accumulating(reads: readonly BufferId[], out: BufferId, accumulate: boolean): Uses {
  return { reads: accumulate ? [...reads, out] : reads, writes: [out] };
}
