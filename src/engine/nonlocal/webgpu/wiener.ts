/**
 * WGSL: the second step's estimate, of all planes together, as ../assembly/wiener.ts makes it:
 * x̂ = μ + Xᵀ (m + X Σ⁻¹ Xᵀ)⁻¹ X Σ⁻¹ (y − μ). Patches do not fit into workgroup memory, so they are gone through a few samples
 * at a time.
 */
export const WIENER = /* wgsl */ `
const CHUNK = 8u;
/** Of a chunk [sample, member]: what differs from the guide's mean in the guide, and in the noisy planes; Σ⁻¹ · the first. */
var<workgroup> x: array<f32, CHUNK * MEMBERS>;
var<workgroup> z: array<f32, CHUNK * MEMBERS>;
var<workgroup> w: array<f32, CHUNK * MEMBERS>;
var<workgroup> mean: array<f32, LENGTH>;

/** Where matrices [MEMBERS, MEMBERS] lie in \`work\`. */
const A = 0u;
const B = MEMBERS * MEMBERS;

/** \`samples\` of them from sample \`first\` of a plane on. */
fn loadChunk(plane: u32, first: u32, samples: u32, count: u32, li: u32) {
  for (var e = li; e < samples * count; e += THREADS) {
    let i = plane * SIZE + first + e / count;
    x[e] = task[guide_at + sampleAt(members[e % count], i)] - mean[i];
  }
}

fn weighChunk(plane: u32, first: u32, samples: u32, count: u32, brightness: f32, li: u32) {
  let weight = 1.0 / varianceAt(plane, brightness);
  for (var e = li; e < samples * count; e += THREADS) {
    let c = first + e / count;
    let member = members[e % count];
    z[e] = task[noisy_at + sampleAt(member, plane * SIZE + c)] - mean[plane * SIZE + c];
    var value = x[e];
    if (COLOURED[plane]) {
      value = 0.0;
      let row = tableAt(plane, INVERSE) + c * TABLE_STRIDE;
      for (var k = 0u; k < SIZE; k++) {
        let i = plane * SIZE + k;
        value += task[row + k] * (task[guide_at + sampleAt(member, i)] - mean[i]);
      }
    }
    w[e] = value * weight;
  }
}

/** A ← m + X Σ⁻¹ Xᵀ, B ← X Σ⁻¹ (y − μ) */
fn equations(count: u32, brightness: f32, li: u32) {
  for (var e = li; e < count * count; e += THREADS) {
    work[A + e] = select(0.0, f32(max(1u, count - 1u)), e / count == e % count);
    work[B + e] = 0.0;
  }
  for (var plane = 0u; plane < PLANES; plane++) {
    for (var first = 0u; first < SIZE; first += CHUNK) {
      let samples = min(CHUNK, SIZE - first);
      loadChunk(plane, first, samples, count, li);
      weighChunk(plane, first, samples, count, brightness, li);
      workgroupBarrier();
      for (var e = li; e < count * count; e += THREADS) {
        var sums = vec2<f32>();
        for (var c = 0u; c < samples * count; c += count) {
          sums += w[c + e / count] * vec2<f32>(x[c + e % count], z[c + e % count]);
        }
        work[A + e] += sums.x;
        work[B + e] += sums.y;
      }
      workgroupBarrier();
    }
  }
}

/** B ← A⁻¹ B by Gauss and Jordan's elimination; A is positive definite. */
fn solve(count: u32, li: u32) {
  for (var k = 0u; k < count; k++) {
    let pivot = work[A + k * count + k];
    for (var e = li; e < count * count; e += THREADS) {
      let row = e / count;
      let j = e % count;
      if (row == k) { continue; }
      let factor = work[A + row * count + k] / pivot;
      // Neither row k nor column k changes, so that all may read them.
      if (j > k) { work[A + e] -= factor * work[A + k * count + j]; }
      work[B + e] -= factor * work[B + k * count + j];
    }
    workgroupBarrier();
  }
  for (var e = li; e < count * count; e += THREADS) { work[B + e] /= work[A + e / count * (count + 1u)]; }
  workgroupBarrier();
}

fn estimate(count: u32, brightness: f32, li: u32) {
  for (var i = li; i < LENGTH; i += THREADS) {
    var sum = 0.0;
    for (var m = 0u; m < count; m++) { sum += task[guide_at + sampleAt(members[m], i)]; }
    mean[i] = sum / f32(count);
  }
  workgroupBarrier();
  equations(count, brightness, li);
  solve(count, li);
  for (var plane = 0u; plane < PLANES; plane++) {
    for (var first = 0u; first < SIZE; first += CHUNK) {
      let samples = min(CHUNK, SIZE - first);
      loadChunk(plane, first, samples, count, li);
      workgroupBarrier();
      for (var e = li; e < samples * count; e += THREADS) {
        let i = plane * SIZE + first + e / count;
        var sum = mean[i];
        for (var k = 0u; k < count; k++) { sum += x[e / count * count + k] * work[B + k * count + e % count]; }
        putBack(sampleAt(members[e % count], i), sum);
      }
      workgroupBarrier();
    }
  }
}
`;
