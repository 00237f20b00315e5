/**
 * Muon (Jordan et al., 2024) on all its weights at once: about 20 draws whatever their number. Newton-Schulz runs in
 * Gram space: every iterate is Xₖ = Qₖ·X₀ with Qₖ a polynomial in A₀ = X₀X₀ᵀ, and Aₖ₊₁ = PₖAₖPₖ with Pₖ = aI + bAₖ +
 * cAₖ². So only min(rows, cols)² matrices are iterated on, and the weights are read only for A and Q·X. For
 * weights with more rows than columns the same on the other side. The padding of the weights' blocks is zero rows and
 * columns of X₀, which change nothing.
 */
import { NEWTON_SCHULZ } from '../../../kernels/optimiser.ts';
import type { MuonCall, MuonMatrix } from '../../../plan/calls.ts';
import { type Builder, LIST_TEXEL, listRects } from '../builder.ts';
import type { Draw, Surface } from '../draw.ts';

/** One weight: X₀ is groups × 4 rows by `cols` columns of texels from `texel` on; its square matrix has side n. */
interface Matrix {
  readonly texel: number;
  readonly texels: number;
  readonly groups: number;
  readonly cols: number;
  readonly wide: boolean;
  readonly n: number;
  /** First row of the square matrix in the textures that hold them all; a row of texels is 4 rows of the matrix. */
  readonly row: number;
  readonly call: MuonCall & MuonMatrix;
}

/** Iterations on one Gram matrix. */
const PHASES = [NEWTON_SCHULZ.restart, NEWTON_SCHULZ.iterations - NEWTON_SCHULZ.restart];

export function muon(b: Builder, call: MuonCall): void {
  const matrices = placeMatrices(b, call);
  const { texels } = b.arena;
  const key = `muon ${call.matrices.map(({ parameter }) => parameter).join()}`;
  const squares = new Squares(b, matrices, key);
  const scales = b.list(`${key} scales`, matrices.length);
  const update = b.list('muon update', texels);
  momentum(b, matrices, update);
  const gram = squares.gram(update);
  squares.norms(gram, scales);
  const early = squares.iterate(squares.normalise(gram, scales), PHASES[0]);
  const halfway = b.list('muon halfway', texels);
  apply(b, matrices, { ...squares.tables, x: update, scales, Q: early }, halfway, null);
  const late = squares.iterate(squares.gram(halfway), PHASES[1]);
  const theta = b.list('theta', texels);
  apply(b, matrices, { ...squares.tables, x: halfway, Q: late }, b.otherList('theta', texels), theta);
}

/** The draws of square matrices, all weights' in each draw. */
class Squares {
  readonly tables: { readonly rows: Surface; readonly table: Surface };
  private readonly width: number;
  private readonly height: number;

  constructor(
    private readonly b: Builder,
    private readonly matrices: readonly Matrix[],
    private readonly key: string,
  ) {
    const last = matrices[matrices.length - 1];
    this.width = Math.max(...matrices.map(({ n }) => n));
    this.height = last.row + last.n / 4;
    this.tables = {
      rows: b.constant(`${key} rows`, () => rowTable(matrices)),
      table: b.constant(key, () => matrixTable(matrices)),
    };
  }

  gram(x: Surface): Surface {
    const gram = this.plane('gram');
    this.draw('gram', GRAM, { x }, [gram], Math.max(...this.matrices.map(({ cols }) => 8 * cols)));
    return gram;
  }

  /** scales[i] ← 1/(‖X₀‖ + ε) */
  norms(gram: Surface, scales: Surface): void {
    this.b.draws.push({
      label: 'norms',
      code: NORMS,
      textures: { gram, table: this.tables.table },
      floats: POLYNOMIAL,
      target: [scales],
      rects: listRects(0, this.matrices.length),
      work: this.width,
    });
  }

  normalise(gram: Surface, scales: Surface): Surface {
    const normalised = this.plane('A1');
    this.draw('normalise', NORMALISE, { gram, scales }, [normalised], 1);
    return normalised;
  }

  /** Q of so many iterations on the Gram matrix A. */
  iterate(A: Surface, count: number): Surface {
    const { width } = this;
    const [S, T] = [this.plane('S'), this.plane('T')];
    let [Q, nextQ] = [this.plane('Q0'), this.plane('Q1')];
    const grams = [this.plane('A0'), this.plane('A1')];
    for (let i = 0; i < count; i++) {
      const isLast = i + 1 === count;
      this.draw('A²', PRODUCT, { A }, [S], 16 * width);
      const reads: Record<string, Surface> = i === 0 ? { A, S } : { A, S, Q };
      this.draw('P·A, P·Q', polynomials(i === 0, isLast), reads, isLast ? [nextQ] : [nextQ, T], 48 * width);
      [Q, nextQ] = [nextQ, Q];
      if (isLast) break;
      this.draw('P·A·P', NEXT_GRAM, { A, S, T }, [grams[i % 2]], 32 * width);
      A = grams[i % 2];
    }
    return Q;
  }

  private plane(name: string): Surface {
    return this.b.plane(`${this.key} ${name}`, this.width, this.height);
  }

  private draw(
    label: string,
    code: string,
    textures: Record<string, Surface>,
    target: Surface[],
    work: number,
  ): void {
    this.b.draws.push({
      label,
      code: `${SQUARE}\n${code}`,
      textures: { ...textures, ...this.tables },
      floats: POLYNOMIAL,
      target,
      rects: [[0, 0, this.width, this.height]],
      work,
    });
  }
}

function placeMatrices(b: Builder, muon: MuonCall): Matrix[] {
  let row = 0;
  return muon.matrices
    .map((matrix) => ({ call: { ...muon, ...matrix }, place: b.arena.at(matrix.parameter) }))
    .sort((p, q) => p.place.texel - q.place.texel)
    .map(({ call, place }) => {
      const { inputs, outputs, taps } = place.matrix!;
      const cols = inputs.length * taps * 4;
      const wide = call.rows <= call.cols;
      const n = wide ? 4 * outputs.length : cols;
      const matrix = { ...place, groups: outputs.length, cols, wide, n, row, call };
      row += n / 4;
      return matrix;
    });
}

/** For each row of texels: (matrix, row within the matrix, n). */
function rowTable(matrices: readonly Matrix[]): Float32Array {
  return Float32Array.from(
    matrices.flatMap(({ n }, i) => Array.from({ length: n / 4 }, (_, r) => [i, r, n, 0]).flat()),
  );
}

/** For each matrix: (first row, n, cols, groups), (first texel, is wide, learning rate, 0). */
function matrixTable(matrices: readonly Matrix[]): Float32Array {
  return Float32Array.from(
    matrices.flatMap(({ row, n, cols, groups, texel, wide, call }) => {
      const rate = call.learningRate * Math.sqrt(Math.max(1, call.rows / call.cols));
      return [row, n, cols, groups, texel, wide ? 1 : 0, rate, 0];
    }),
  );
}

/** Runs of weights that lie side by side and share their momentum. */
function spans(matrices: readonly Matrix[]): { from: number; to: number; momentum: number }[] {
  const list: { from: number; to: number; momentum: number }[] = [];
  for (const { texel, texels, call } of matrices) {
    const last = list.at(-1);
    if (last && last.to === texel && last.momentum === call.momentum) last.to += texels;
    else list.push({ from: texel, to: texel + texels, momentum: call.momentum });
  }
  return list;
}

function momentum(b: Builder, matrices: readonly Matrix[], update: Surface): void {
  const { texels } = b.arena;
  for (const { from, to, momentum } of spans(matrices))
    b.draws.push({
      label: 'momentum',
      code: `void main() {
  ${LIST_TEXEL}
  vec4 g = LIST(gradient, t), m = MU.x * LIST(moment1, t) + g;
  o0 = g + MU.x * m;
  o1 = m;
  o2 = LIST(moment2, t);
}`,
      textures: Object.fromEntries(
        ['gradient', 'moment1', 'moment2'].map((key) => [key, b.list(key, texels)]),
      ),
      ints: { span: [from, to, 0, 0] },
      floats: { MU: [momentum, 0, 0, 0] },
      target: [update, b.otherList('moment1', texels), b.otherList('moment2', texels)],
      rects: listRects(from, to),
      work: 4,
    });
}

const { a, b: bCoefficient, c, epsilon } = NEWTON_SCHULZ;
const POLYNOMIAL = { P: [a, bCoefficient, c, epsilon] } as const;

/** GLSL at the start of a draw of square matrices: this fragment is rows 4r … 4r + 3 of column k of matrix i. */
const SQUARE = `ivec2 f;
int i, r, k, n, top;
bool begin() {
  f = ivec2(gl_FragCoord.xy);
  vec4 row = LIST(rows, f.y);
  i = int(row.x); r = int(row.y); n = int(row.z);
  k = f.x;
  top = f.y - r;
  return k < n;
}
#define AT(s, r, k) texelFetch(s, ivec2(k, top + (r)), 0)
// adds rows 4r … 4r + 3 of l times column k of m to sum
#define TIMES(sum, l, m) for (int j = 0; j < n; j += 4) { vec4 v = AT(m, j >> 2, k); \\
  sum += AT(l, r, j) * v.x + AT(l, r, j + 1) * v.y + AT(l, r, j + 2) * v.z + AT(l, r, j + 3) * v.w; }`;

const GRAM = `void main() {
  if (!begin()) discard;
  vec4 size = LIST(table, 2 * i), place = LIST(table, 2 * i + 1);
  int cols = int(size.z), groups = int(size.w), texel = int(place.x);
  vec4 sum = vec4(0.0);
  if (place.y > 0.5) {
    int left = texel + r * cols, right = texel + (k >> 2) * cols;
    for (int j = 0; j < cols; j++) sum += LIST(x, left + j) * LIST(x, right + j)[k & 3];
  } else {
    for (int g = 0; g < groups; g++) {
      vec4 v = LIST(x, texel + g * cols + k);
      int left = texel + g * cols + 4 * r;
      sum += vec4(dot(v, LIST(x, left)), dot(v, LIST(x, left + 1)), dot(v, LIST(x, left + 2)), dot(v, LIST(x, left + 3)));
    }
  }
  o0 = sum;
}`;

/** The trace of the Gram matrix is the squared norm of X₀. */
const NORMS = `void main() {
  int i = int(gl_FragCoord.x) + 1024 * int(gl_FragCoord.y);
  vec4 size = LIST(table, 2 * i);
  float trace = 0.0;
  for (int j = 0; j < int(size.y); j++) trace += texelFetch(gram, ivec2(j, int(size.x) + (j >> 2)), 0)[j & 3];
  o0 = vec4(1.0 / (sqrt(trace) + P.w));
}`;

const NORMALISE = `void main() {
  if (!begin()) discard;
  float s = LIST(scales, i).x;
  o0 = AT(gram, r, k) * s * s;
}`;

const PRODUCT = `void main() {
  if (!begin()) discard;
  vec4 sum = vec4(0.0);
  TIMES(sum, A, A)
  o0 = sum;
}`;

/** o0: the next Q = P·Q; o1: T = P·A. */
function polynomials(isFirst: boolean, isLast: boolean): string {
  const q = isFirst
    ? `vec4 one = vec4(equal(ivec4(4 * r) + ivec4(0, 1, 2, 3), ivec4(k)));
  o0 = P.x * one + P.y * AT(A, r, k) + P.z * AT(S, r, k);`
    : `vec4 aq = vec4(0.0), sq = vec4(0.0);
  TIMES(aq, A, Q)
  TIMES(sq, S, Q)
  o0 = P.x * AT(Q, r, k) + P.y * aq + P.z * sq;`;
  const t = isLast
    ? ''
    : `vec4 as = vec4(0.0);
  TIMES(as, A, S)
  o1 = P.x * AT(A, r, k) + P.y * AT(S, r, k) + P.z * as;`;
  return `void main() {
  if (!begin()) discard;
  ${q}
  ${t}
}`;
}

const NEXT_GRAM = `void main() {
  if (!begin()) discard;
  vec4 ta = vec4(0.0), ts = vec4(0.0);
  TIMES(ta, T, A)
  TIMES(ts, T, S)
  o0 = P.x * AT(T, r, k) + P.y * ta + P.z * ts;
}`;

/** target ← Q·X, scaled where `scales` is given; with `theta`, target ← theta − rate · Q·X. */
function apply(
  b: Builder,
  matrices: readonly Matrix[],
  textures: Draw['textures'],
  target: Surface,
  theta: Surface | null,
): void {
  const value = `sum${'scales' in textures ? ' * LIST(scales, low).x' : ''}`;
  for (const { from, to } of spans(matrices))
    b.draws.push({
      label: theta ? 'muon' : 'Q·X',
      code: `void main() {
  ${LIST_TEXEL}
  int low = 0, high = span.z;
  while (high - low > 1) {
    int middle = (low + high) >> 1;
    if (int(LIST(table, 2 * middle + 1).x) <= t) low = middle; else high = middle;
  }
  vec4 size = LIST(table, 2 * low), place = LIST(table, 2 * low + 1);
  int top = int(size.x), n = int(size.y), cols = int(size.z), texel = int(place.x);
  int group = (t - texel) / cols, column = (t - texel) - group * cols;
  vec4 sum = vec4(0.0);
  if (place.y > 0.5) {
    for (int j = 0; j < n; j += 4) {
      vec4 v = LIST(x, texel + (j >> 2) * cols + column);
      for (int k = 0; k < 4; k++) sum += texelFetch(Q, ivec2(j + k, top + group), 0) * v[k];
    }
  } else {
    for (int j = 0; j < n; j += 4) {
      vec4 v = texelFetch(Q, ivec2(column, top + (j >> 2)), 0);
      for (int k = 0; k < 4; k++) sum += LIST(x, texel + group * cols + j + k) * v[k];
    }
  }
  o0 = ${theta ? `LIST(theta, t) - (D.x * place.z) * (${value})` : value};
}`,
      textures: { ...textures, ...(theta ? { theta } : {}) },
      ints: { span: [from, to, matrices.length, 0] },
      ...(theta ? { step: ({ rate }) => ({ floats: [rate, 0, 0, 0] as const }) } : {}),
      target: [target],
      rects: listRects(from, to),
      work: 16 * Math.max(...matrices.map(({ n }) => n)),
    });
}
