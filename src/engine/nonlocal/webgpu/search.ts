/**
 * WGSL: the patches most like one patch, by a workgroup. Distances are sums of squares of small whole numbers, so that the
 * choice does not depend on the order of summation; the same as ../assembly/search.ts makes.
 */
export const SEARCH = /* wgsl */ `
var<workgroup> own: array<f32, LENGTH>;
/** First samples of the group's patches, from the start of a plane. */
var<workgroup> members: array<u32, MEMBERS>;
var<workgroup> shares: array<vec2<u32>, THREADS>;
var<workgroup> counted: array<atomic<u32>, 32>;

/** Sample i of the patch that begins at \`offset\`, from the start of the first plane. */
fn sampleAt(offset: u32, i: u32) -> u32 {
  let c = i % SIZE;
  return (i / SIZE) * area + offset + (c / PATCH) * width + c % PATCH;
}

/** What is compared of a sample of the guide. */
fn levelAt(at: u32) -> f32 {
  return round(task[guide_at + at] * level_scale);
}

/** Most candidates, a square around the reference. */
const SIDE = 2u * RADIUS + 1u;
const CANDIDATES = SIDE * SIDE;
const OUTSIDE = 0xffffffffu;
/** The largest float that is a whole number of 32 bits. */
const FARTHEST = 4294967040.0;

/** Its first sample, or OUTSIDE the strip. */
fn candidateAt(reference: vec2<u32>, candidate: u32) -> u32 {
  let column = i32(reference.x + candidate % SIDE) - i32(RADIUS);
  let row = i32(reference.y + candidate / SIDE) - i32(RADIUS);
  let inside = column >= 0 && row >= 0 && column <= i32(width - PATCH) && row <= i32(height - PATCH);
  return select(OUTSIDE, u32(row) * width + u32(column), inside);
}

/** Fills \`members\` with the patches most like the reference's, itself among them; of equals the first. By way of \`work\`. */
fn search(reference: vec2<u32>, count: u32, li: u32) {
  let itself = reference.y * width + reference.x;
  for (var i = li; i < LENGTH; i += THREADS) { own[i] = levelAt(sampleAt(itself, i)); }
  if (li < 32u) { atomicStore(&counted[li], 0u); }
  workgroupBarrier();
  for (var c = li; c < CANDIDATES; c += THREADS) {
    let offset = candidateAt(reference, c);
    var distance = FARTHEST;
    if (offset != OUTSIDE) {
      distance = 0.0;
      for (var i = 0u; i < LENGTH; i++) {
        let difference = levelAt(sampleAt(offset, i)) - own[i];
        distance += difference * difference;
      }
      // 0 is the reference's own.
      distance = select(min(distance + 1.0, FARTHEST / 2.0), 0.0, offset == itself);
    }
    work[c] = distance;
  }
  workgroupBarrier();
  // The distance of the last member, bit by bit from the highest on: fewer than \`count\` are nearer.
  var last = 0u;
  for (var bit = 0u; bit < 32u; bit++) {
    let higher = last | (1u << (31u - bit));
    var nearer = 0u;
    for (var c = li; c < CANDIDATES; c += THREADS) { nearer += u32(u32(work[c]) < higher); }
    atomicAdd(&counted[bit], nearer);
    workgroupBarrier();
    if (atomicLoad(&counted[bit]) < count) { last = higher; }
  }
  // Each thread has neighbouring candidates: how many of them are nearer than the last member, and how many as far.
  let each = (CANDIDATES + THREADS - 1u) / THREADS;
  let end = min(CANDIDATES, (li + 1u) * each);
  var share = vec2<u32>();
  for (var c = li * each; c < end; c++) {
    let distance = u32(work[c]);
    share += vec2<u32>(u32(distance < last), u32(distance == last));
  }
  shares[li] = share;
  workgroupBarrier();
  var before = vec2<u32>();
  var nearer = 0u;
  for (var i = 0u; i < THREADS; i++) {
    if (i < li) { before += shares[i]; }
    nearer += shares[i].x;
  }
  before.y += nearer;
  for (var c = li * each; c < end; c++) {
    let distance = u32(work[c]);
    if (distance < last) {
      members[before.x] = candidateAt(reference, c);
      before.x++;
    } else if (distance == last) {
      if (before.y < count) { members[before.y] = candidateAt(reference, c); }
      before.y++;
    }
  }
  workgroupBarrier();
}
`;
