import type { Backend, Tensor, Tensor2D, Tensor3D, Tensor4D } from './backend.ts';

/**
 * The reflection-padded convolution and its gradients in tf ops. Images are [height, width, channels], weights
 * PyTorch's [out, in, k, k]. tf's own gradients are not used: its mirrorPad's drops the reflected border, and
 * Conv2DBackpropFilter does not exist on wasm and runs one thread a weight on the GPU backends.
 *
 * A convolution of stride 2 is one of stride 1 with kernel m = ⌈k/2⌉ over 4 times the channels: the input's four
 * phases (even and odd rows and columns). Both gradients are written for stride 1 and reach stride 2 that way.
 */
export function conv({ tf }: Backend, x: Tensor3D, w: Tensor4D, stride: number): Tensor3D {
  const padded = reflectPad(tf, x, (w.shape[2] - 1) / 2);
  return tf.conv2d(padded, tf.transpose(w, [2, 3, 1, 0]), stride, 'valid');
}

/**
 * ∂L/∂x, [height, width, in], as a forward convolution of dy with flipped weights: 5 to 20 times as fast as
 * Conv2DBackpropInput on wasm, and faster than the naive one of webgpu.
 */
export function convBackwardInput(
  { tf }: Backend,
  dy: Tensor3D,
  w: Tensor4D,
  stride: number,
  [height, width]: readonly [number, number],
): Tensor3D {
  const [, channels, kernel] = w.shape;
  const pad = (kernel - 1) / 2;
  const phases = phaseWeights(tf, w, stride);
  const m = phases.shape[0];
  const full = tf.conv2d(dy, tf.reverse(phases, [0, 1]), 1, m - 1);
  const whole = fromPhases(tf, full, stride, channels);
  const padded = crop(tf, whole, 0, 0, height + 2 * pad, width + 2 * pad);
  return foldReflection(tf, padded, pad);
}

/**
 * ∂L/∂w, [out, in, k, k]: for every tap one matrix product (x shifted by the tap)ᵀ · dy. With dy laid out on a grid
 * as wide as x (zeros beyond its own columns) each shifted x is one contiguous stretch of pixels. On GPUs the pixels
 * are split into strips, one batch each (split-K), so that a small weight still fills the device.
 */
export function convBackwardWeight(
  b: Backend,
  x: Tensor3D,
  dy: Tensor3D,
  kernel: number,
  stride: number,
): Tensor4D {
  const { tf } = b;
  const grid = toPhases(tf, reflectPad(tf, x, (kernel - 1) / 2), stride);
  const taps = correlate(b, grid, dy, Math.ceil(kernel / stride));
  return fromPhaseWeights(tf, taps, stride, kernel);
}

/** [m, m, channels of x, out]: Σ over pixels of x[pixel + tap] · dy[pixel]. */
function correlate(b: Backend, x: Tensor3D, dy: Tensor3D, m: number): Tensor4D {
  const { tf } = b;
  const [, width, channels] = x.shape;
  const [rows, cols, out] = dy.shape;
  const widened = tf.pad(dy.reshape<Tensor2D>([rows, cols * out]), [
    [0, 0],
    [0, (width - cols) * out],
  ]);
  const pixels = rows * width - (m - 1); // the last m − 1 are zeros, and x may end before their taps
  const strips = b.name === 'wasm' ? 1 : stripCount(pixels);
  const chunk = Math.ceil(pixels / strips);
  const length = strips * chunk;
  const grid = withRows(tf, x.reshape([x.shape[0] * width, channels]), (m - 1) * (width + 1) + length);
  const flatDy = withRows(tf, widened.reshape([rows * width, out]), length);
  const product = b.name === 'wasm' ? wholeProduct(tf, grid, flatDy) : stripProduct(tf, grid, flatDy, strips);
  const taps: Tensor[] = [];
  for (let v = 0; v < m; v++) for (let u = 0; u < m; u++) taps.push(product(v * width + u));
  return tf.stack(taps).reshape([m, m, channels, out]);
}

/** [channels, out] for x from its given row on. */
type Product = (from: number) => Tensor;

/**
 * XNNPACK multiplies only untransposed matrices fast, and repacks the right one unless it is the same tensor as
 * before: x is transposed once, dy packed once, for all taps.
 */
function wholeProduct(tf: Backend['tf'], x: Tensor2D, dy: Tensor2D): Product {
  const transposed = tf.transpose(x);
  const size: [number, number] = [x.shape[1], dy.shape[0]];
  if (x.shape[0] === dy.shape[0]) return () => tf.matMul(transposed, dy);
  return (from) => tf.matMul(tf.slice(transposed, [0, from], size), dy);
}

function stripProduct(tf: Backend['tf'], x: Tensor2D, dy: Tensor2D, strips: number): Product {
  const [[length, out], channels] = [dy.shape, x.shape[1]];
  const chunk = length / strips;
  const batches = dy.reshape([strips, chunk, out]);
  return (from) => {
    const shifted = tf.slice(x, [from, 0], [length, channels]).reshape([strips, chunk, channels]);
    return tf.sum(tf.matMul(shifted, batches, true, false), 0);
  };
}

/** Strips of about 512 pixels, at most 64 of them. */
function stripCount(pixels: number): number {
  return Math.min(64, Math.max(1, Math.round(pixels / 512)));
}

/** Exactly `rows` rows: cut, or filled up with zeros. */
function withRows(tf: Backend['tf'], x: Tensor2D, rows: number): Tensor2D {
  const [have, cols] = x.shape;
  if (rows === have) return x;
  if (rows < have) return tf.slice(x, [0, 0], [rows, cols]);
  return tf.pad(x, [
    [0, rows - have],
    [0, 0],
  ]);
}

function reflectPad(tf: Backend['tf'], x: Tensor3D, pad: number): Tensor3D {
  if (pad === 0) return x;
  const sides: [number, number] = [pad, pad];
  return tf.mirrorPad(x, [sides, sides, [0, 0]], 'reflect');
}

/** The adjoint of reflectPad: what fell on the border is added to the pixel it mirrors. */
function foldReflection(tf: Backend['tf'], dx: Tensor3D, pad: number): Tensor3D {
  if (pad === 0) return dx;
  const [height, width, channels] = dx.shape;
  const [rows, cols] = [height - 2 * pad, width - 2 * pad];
  const folded = foldAxis(tf, dx.reshape([height, width * channels]), 0, pad, rows, 1);
  return foldAxis(tf, folded, 1, pad, cols, channels).reshape([rows, cols, channels]);
}

/** One axis of the fold; `unit` floats make one of the axis' n pixels. */
function foldAxis(
  tf: Backend['tf'],
  x: Tensor2D,
  axis: 0 | 1,
  pad: number,
  n: number,
  unit: number,
): Tensor2D {
  const take = (at: number, count: number) => {
    const [begin, size] = [[0, 0], [...x.shape]];
    begin[axis] = at * unit;
    size[axis] = count * unit;
    return tf.slice(x, begin as [number, number], size as [number, number]);
  };
  const place = (part: Tensor2D, at: number) => {
    const sides: [number, number][] = [
      [0, 0],
      [0, 0],
    ];
    sides[axis] = [at * unit, (n - 1 - at) * unit];
    return tf.pad(part, sides);
  };
  let sum = take(pad, n);
  for (let j = 1; j <= pad; j++) {
    sum = tf.add(sum, place(take(pad - j, 1), j));
    sum = tf.add(sum, place(take(pad + n - 1 + j, 1), n - 1 - j));
  }
  return sum;
}

function crop(
  tf: Backend['tf'],
  x: Tensor3D,
  top: number,
  left: number,
  rows: number,
  cols: number,
): Tensor3D {
  const [height, width, channels] = x.shape;
  if (rows === height && cols === width) return x;
  // As a matrix: tf's wasm slice of 3 axes copies pixel by pixel, of 2 axes row by row.
  const matrix = x.reshape<Tensor2D>([height, width * channels]);
  return tf.slice(matrix, [top, left * channels], [rows, cols * channels]).reshape([rows, cols, channels]);
}

/** [h, w, c] → [⌈h/2⌉, ⌈w/2⌉, 4c], channels ordered (row phase, column phase, c); unchanged at stride 1. */
function toPhases(tf: Backend['tf'], x: Tensor3D, stride: number): Tensor3D {
  if (stride === 1) return x;
  const [height, width, channels] = x.shape;
  const [rows, cols] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  const even = tf.pad(x.reshape<Tensor2D>([height, width * channels]), [
    [0, 2 * rows - height],
    [0, (2 * cols - width) * channels],
  ]);
  return tf
    .transpose(even.reshape([rows, 2, cols, 2 * channels]), [0, 2, 1, 3])
    .reshape([rows, cols, 4 * channels]);
}

/** The inverse of toPhases, without its cut. */
function fromPhases(tf: Backend['tf'], x: Tensor3D, stride: number, channels: number): Tensor3D {
  if (stride === 1) return x;
  const [rows, cols] = x.shape;
  return tf
    .transpose(x.reshape([rows, cols, 2, 2 * channels]), [0, 2, 1, 3])
    .reshape([2 * rows, 2 * cols, channels]);
}

/** [out, in, k, k] → [m, m, out, phases · in]: the weights of the stride-1 convolution over phases. */
function phaseWeights(tf: Backend['tf'], w: Tensor4D, stride: number): Tensor4D {
  const [out, channels, kernel] = w.shape;
  if (stride === 1) return tf.transpose(w, [2, 3, 0, 1]);
  const m = Math.ceil(kernel / 2);
  const extra: [number, number] = [0, 2 * m - kernel];
  const even = tf.transpose(tf.pad(w, [[0, 0], [0, 0], extra, extra]), [2, 3, 0, 1]);
  const split = tf.transpose(even.reshape([m, 2, m, 2, out * channels]), [0, 2, 1, 3, 4]);
  return tf
    .transpose(split.reshape([m * m, 4, out, channels]), [0, 2, 1, 3])
    .reshape([m, m, out, 4 * channels]);
}

/** [m, m, phases · in, out] → [out, in, k, k]: from the gradient of the stride-1 convolution over phases. */
function fromPhaseWeights(tf: Backend['tf'], taps: Tensor4D, stride: number, kernel: number): Tensor4D {
  if (stride === 1) return tf.transpose(taps, [3, 2, 0, 1]);
  const [m, , wide, out] = taps.shape;
  const channels = wide / 4;
  const even = tf
    .transpose(taps.reshape([m, m, 2, 2, channels * out]), [0, 2, 1, 3, 4])
    .reshape<Tensor4D>([2 * m, 2 * m, channels, out]);
  return tf.slice(tf.transpose(even, [3, 2, 0, 1]), [0, 0, 0, 0], [out, channels, kernel, kernel]);
}
