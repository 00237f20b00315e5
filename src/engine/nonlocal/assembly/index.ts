// The non-local stage's kernels. Each works on a task laid out in memory by the caller, in pieces.
import { tile } from './matrix';

export { denoise } from './denoise';
export { cosines } from './cosines';
export { fill } from './fill';
export { windows } from './windows';
// Exported only so that the optimiser does not inline it: inlined it loses registers.
export { tile };
