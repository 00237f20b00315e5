import { eigen } from './eigen.ts';
import { type NoiseModel, type PlaneNoise, REACH } from './noise-model.ts';

/** Of the noise of one plane in a patch: its correlation R, and R to the power −1, −½ and ½, [patch², patch²] each. */
export interface NoiseTables {
  readonly correlation: Float64Array;
  readonly inverse: Float64Array;
  readonly whitening: Float64Array;
  readonly colouring: Float64Array;
}

/** What a step needs to know of the noise; no tables where it is white. */
export interface StepNoise extends NoiseModel {
  readonly tables: readonly (NoiseTables | undefined)[];
}

/**
 * Least eigenvalue of a correlation: no noise is without any of its parts, were it for rounding. A measured or cut off
 * autocorrelation may even have negative ones.
 */
const LEAST_PART = 0.01;

export function stepNoise({ planes }: NoiseModel, patch: number): StepNoise {
  return { planes, tables: planes.map((plane) => (isWhite(plane) ? undefined : tablesOf(plane, patch))) };
}

const CENTRE = (2 * REACH + 1) * REACH + REACH;
const isWhite = ({ correlation }: PlaneNoise) =>
  correlation.every((value, i) => i === CENTRE || Math.abs(value) < LEAST_PART);

function tablesOf(noise: PlaneNoise, patch: number): NoiseTables {
  const n = patch * patch;
  const { values, vectors } = eigen(correlationMatrix(noise, patch), n);
  /** The matrix with the same eigenvectors, and f of the eigenvalues. */
  const matrixOf = (f: (value: number) => number) => {
    const out = new Float64Array(n * n);
    for (let k = 0; k < n; k++) {
      const value = f(Math.max(LEAST_PART, values[k]));
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) out[i * n + j] += value * vectors[i * n + k] * vectors[j * n + k];
    }
    return out;
  };
  return {
    correlation: matrixOf((value) => value),
    inverse: matrixOf((value) => 1 / value),
    whitening: matrixOf((value) => 1 / Math.sqrt(value)),
    colouring: matrixOf(Math.sqrt),
  };
}

/** Correlation between any two samples of a patch; samples farther apart than REACH have none. */
function correlationMatrix({ correlation }: PlaneNoise, patch: number): Float64Array {
  const n = patch * patch;
  const matrix = new Float64Array(n * n);
  for (let a = 0; a < n; a++)
    for (let b = 0; b < n; b++) {
      const dy = Math.floor(a / patch) - Math.floor(b / patch);
      const dx = (a % patch) - (b % patch);
      if (Math.max(Math.abs(dy), Math.abs(dx)) > REACH) continue;
      const lag = dy * (2 * REACH + 1) + dx;
      // Either of two opposite lags: as measured they may differ.
      matrix[a * n + b] = (correlation[CENTRE + lag] + correlation[CENTRE - lag]) / 2;
    }
  return matrix;
}
