/**
 * WGSL: the first step's estimate, of one plane after the other, as ../assembly/shrink.ts makes it: x̂ = μ + R^½ M R^−½ (y − μ),
 * where M keeps the directions that stand out of the noise. Directions by one-sided Jacobi rotations, of all rows at once in
 * disjoint pairs.
 */
export const SHRINK = /* wgsl */ `
/** The group [member, sample], less its mean. */
var<workgroup> x: array<f32, MEMBERS * SIZE>;
var<workgroup> mean: array<f32, SIZE>;

/** Where matrices [SIZE, SIZE] lie in \`work\`. */
const A = 0u;
const B = SIZE * SIZE;

const SWEEPS = 8u;
/** Rows count as orthogonal when the cosine between them is less. */
const ORTHOGONAL = 1e-3;
/** Rows in pairs: one has none where they are odd. */
const ROWS = (SIZE + 1u) / 2u * 2u;

/** work[out] = work[a] · the table at \`table\`, which is symmetric; or that table · work[a]. */
fn timesTable(a: u32, table: u32, tableFirst: bool, out: u32, li: u32) {
  for (var e = li; e < SIZE * SIZE; e += THREADS) {
    let i = e / SIZE;
    let j = e % SIZE;
    var sum = 0.0;
    for (var k = 0u; k < SIZE; k++) {
      sum += select(work[a + i * SIZE + k] * task[table + k * TABLE_STRIDE + j],
                    task[table + i * TABLE_STRIDE + k] * work[a + k * SIZE + j], tableFirst);
    }
    work[out + e] = sum;
  }
  workgroupBarrier();
}

/** Turns rows i and j of \`work\` until they are orthogonal. */
fn rotate(i: u32, j: u32) {
  var squares = vec3<f32>();
  for (var c = 0u; c < SIZE; c++) {
    let v = vec2<f32>(work[A + i * SIZE + c], work[A + j * SIZE + c]);
    squares += v.xyx * v.xyy;
  }
  if (squares.z == 0.0 || squares.z * squares.z <= ORTHOGONAL * ORTHOGONAL * squares.x * squares.y) { return; }
  let zeta = (squares.y - squares.x) / (2.0 * squares.z);
  let t = select(1.0, -1.0, zeta < 0.0) / (abs(zeta) + sqrt(1.0 + zeta * zeta));
  let cosine = 1.0 / sqrt(1.0 + t * t);
  let sine = cosine * t;
  for (var c = 0u; c < SIZE; c++) {
    let v = vec2<f32>(work[A + i * SIZE + c], work[A + j * SIZE + c]);
    work[A + i * SIZE + c] = cosine * v.x - sine * v.y;
    work[A + j * SIZE + c] = sine * v.x + cosine * v.y;
  }
}

/** Rows of the symmetric matrix become λᵢ vᵢ. */
fn eigenRows(li: u32) {
  for (var turn = 0u; turn < SWEEPS * (ROWS - 1u); turn++) {
    // A round of a tournament: all against all in ROWS − 1 rounds, the last player stays where it is.
    if (li < ROWS / 2u) {
      let i = (turn + li) % (ROWS - 1u);
      let j = select((turn + ROWS - 1u - li) % (ROWS - 1u), ROWS - 1u, li == 0u);
      if (max(i, j) < SIZE) { rotate(min(i, j), max(i, j)); }
    }
    workgroupBarrier();
  }
}

/** What is kept of a direction that varies \`ratio\` times as much as the noise; \`beta\`: samples of a patch by members. */
fn keptOf(ratio: f32, beta: f32) -> f32 {
  let inner = (ratio - 1.0 - beta) * (ratio - 1.0 - beta) - 4.0 * beta;
  return select(0.0, sqrt(max(inner, 0.0)) / ratio, ratio > 1.0 + beta && inner > 0.0);
}

fn estimatePlane(plane: u32, count: u32, brightness: f32, li: u32) {
  for (var e = li; e < count * SIZE; e += THREADS) {
    x[e] = task[guide_at + plane * area + sampleAt(members[e / SIZE], e % SIZE)];
  }
  workgroupBarrier();
  for (var c = li; c < SIZE; c += THREADS) {
    var sum = 0.0;
    for (var m = 0u; m < count; m++) { sum += x[m * SIZE + c]; }
    mean[c] = sum / f32(count);
  }
  workgroupBarrier();
  for (var e = li; e < count * SIZE; e += THREADS) { x[e] -= mean[e % SIZE]; }
  workgroupBarrier();
  let others = f32(max(1u, count - 1u));
  let unit = 1.0 / (others * varianceAt(plane, brightness));
  for (var e = li; e < SIZE * SIZE; e += THREADS) {
    var sum = 0.0;
    for (var m = 0u; m < count; m++) { sum += x[m * SIZE + e / SIZE] * x[m * SIZE + e % SIZE]; }
    work[A + e] = sum * unit;
  }
  workgroupBarrier();
  if (COLOURED[plane]) {
    timesTable(A, tableAt(plane, WHITENING), false, B, li);
    timesTable(B, tableAt(plane, WHITENING), true, A, li);
  }
  eigenRows(li);
  for (var i = li; i < SIZE; i += THREADS) {
    var square = 0.0;
    for (var c = 0u; c < SIZE; c++) { square += work[A + i * SIZE + c] * work[A + i * SIZE + c]; }
    let ratio = sqrt(square);
    let kept = keptOf(ratio, f32(SIZE) / others);
    let factor = select(0.0, sqrt(kept) / ratio, kept > 0.0);
    for (var c = 0u; c < SIZE; c++) { work[A + i * SIZE + c] *= factor; }
  }
  workgroupBarrier();
  for (var e = li; e < SIZE * SIZE; e += THREADS) {
    var sum = 0.0;
    for (var k = 0u; k < SIZE; k++) { sum += work[A + k * SIZE + e / SIZE] * work[A + k * SIZE + e % SIZE]; }
    work[B + e] = sum;
  }
  workgroupBarrier();
  if (COLOURED[plane]) {
    timesTable(B, tableAt(plane, WHITENING), false, A, li);
    timesTable(A, tableAt(plane, COLOURING), true, B, li);
  }
  for (var e = li; e < count * SIZE; e += THREADS) {
    let m = e / SIZE;
    let c = e % SIZE;
    var sum = mean[c];
    for (var k = 0u; k < SIZE; k++) { sum += work[B + c * SIZE + k] * x[m * SIZE + k]; }
    putBack(plane * area + sampleAt(members[m], c), sum);
  }
  workgroupBarrier();
}

fn estimate(count: u32, brightness: f32, li: u32) {
  for (var plane = 0u; plane < PLANES; plane++) { estimatePlane(plane, count, brightness, li); }
}
`;
