// A convolution's weights in the order in which its kernels read them.
import { blockRows, blockStart } from './multiply';
import { F } from './vector';

/** Where a convolution's weights are, and where its packed forms go. */
@unmanaged
class PackWeights {
  weights: usize;
  /** [block, inner, rows] or 0 where the kernel does not need it. */
  packed: usize;
  outputs: i32;
  inputs: i32;
  kernel: i32;
  /** Of dx: 0 packs for the forward convolution. */
  backwardStride: i32;
  sixes: i32;
  fives: i32;
  fours: i32;
}

/** Once a step: weights in the order in which `multiply` reads them. */
export function packWeights(args: usize, _task: i32, _scratch: usize): void {
  const t = changetype<PackWeights>(args);
  if (t.backwardStride) packBackward(t);
  else packForward(t);
}

function packForward(t: PackWeights): void {
  const inner = t.inputs * t.kernel * t.kernel;
  let to = t.packed;
  for (let b = 0; b < t.sixes + t.fives + t.fours; b++) {
    const rows = blockRows(b, t.sixes, t.fives);
    const o = blockStart(b, t.sixes, t.fives);
    for (let r = 0; r < rows; r++) {
      const from = t.weights + (o + r) * inner * F;
      const inside = o + r < t.outputs;
      for (let k = 0; k < inner; k++) store<f32>(to + (k * rows + r) * F, inside ? load<f32>(from + k * F) : 0);
    }
    to += rows * inner * F;
  }
}

function packBackward(t: PackWeights): void {
  const s = t.backwardStride;
  const k = t.kernel;
  let to = t.packed;
  for (let phase = 0; phase < s * s; phase++) {
    const row = phase / s;
    const column = phase % s;
    for (let b = 0; b < t.sixes + t.fives + t.fours; b++) {
      const rows = blockRows(b, t.sixes, t.fives);
      const first = blockStart(b, t.sixes, t.fives);
      for (let o = 0; o < t.outputs; o++)
        for (let u = row; u < k; u += s)
          for (let v = column; v < k; v += s)
            for (let r = 0; r < rows; r++) {
              const from = t.weights + (((o * t.inputs + first + r) * k + u) * k + v) * F;
              store<f32>(to, first + r < t.inputs ? load<f32>(from) : 0);
              to += F;
            }
    }
  }
}
