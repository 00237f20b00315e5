import { type FillSettings, type FillTile, LEVELS } from './fill-tile.ts';

/** What assembly/fill.ts computes, by plain loops in doubles: [planes + 1, height, width], sums and numbers. */
export function referenceFill(tile: FillTile, settings: FillSettings): Float64Array {
  const { width, height, planes, estimate, known, references } = tile;
  const { patch, variance } = settings;
  const area = width * height;
  const out = new Float64Array((planes + 1) * area);
  const samples = Array.from({ length: planes * patch * patch }, (_, c) => {
    const [p, inPlane] = [Math.floor(c / patch ** 2), c % patch ** 2];
    return p * area + Math.floor(inPlane / patch) * width + (inPlane % patch);
  });
  const levels = estimate.map((value) => Math.round(value * LEVELS));
  for (const reference of references) {
    const group = similar(levels, samples, reference, tile, settings);
    const isKnown = (s: number) => known[(reference + s) % area] > 0;
    const [given, missing] = [samples.filter(isKnown), samples.filter((s) => !isKnown(s))];
    const mean = (s: number) => group.reduce((sum, o) => sum + estimate[o + s], 0) / group.length;
    const means = new Map(samples.map((s) => [s, mean(s)]));
    const covariance = (s: number, t: number) =>
      group.reduce(
        (sum, o) => sum + (estimate[o + s] - means.get(s)!) * (estimate[o + t] - means.get(t)!),
        0,
      ) / Math.max(1, group.length - 1);
    const matrix = given.map((s) => given.map((t) => covariance(s, t) + (s === t ? variance : 0)));
    const weights = solved(
      matrix,
      given.map((s) => estimate[reference + s] - means.get(s)!),
    );
    for (const s of missing) {
      const change = given.reduce((sum, t, i) => sum + covariance(s, t) * weights[i], 0);
      out[reference + s] += means.get(s)! + change;
      if (s < area) out[planes * area + reference + s]++;
    }
  }
  return out;
}

/** Offsets of the patches most like the reference, itself among them. */
function similar(
  levels: Float32Array,
  samples: readonly number[],
  reference: number,
  { width, height }: FillTile,
  { patch, radius, members }: FillSettings,
): number[] {
  const [row, column] = [Math.floor(reference / width), reference % width];
  const found: { offset: number; distance: number }[] = [];
  for (let i = Math.max(0, row - radius); i <= Math.min(height - patch, row + radius); i++)
    for (let j = Math.max(0, column - radius); j <= Math.min(width - patch, column + radius); j++) {
      const offset = i * width + j;
      const squares = samples.reduce((sum, s) => sum + (levels[offset + s] - levels[reference + s]) ** 2, 0);
      found.push({ offset, distance: offset === reference ? -1 : squares });
    }
  found.sort((a, b) => a.distance - b.distance || a.offset - b.offset);
  return found.slice(0, members).map(({ offset }) => offset);
}

/** a⁻¹ b by elimination; a is symmetric and positive definite. */
function solved(a: readonly number[][], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]]);
  rows.forEach((pivot, k) => {
    for (const row of rows.slice(k + 1)) {
      const factor = row[k] / pivot[k];
      for (let j = k; j < row.length; j++) row[j] -= factor * pivot[j];
    }
  });
  const x = b.map(() => 0);
  for (let i = b.length - 1; i >= 0; i--) {
    const rest = rows[i].slice(i + 1, -1).reduce((sum, value, j) => sum + value * x[i + 1 + j], 0);
    x[i] = (rows[i][b.length] - rest) / rows[i][i];
  }
  return x;
}
