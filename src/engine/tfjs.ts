/**
 * prior-art/tfjs: what needs TensorFlow.js, an optional peer: tensors out of restored images, tensors on the WebGPU
 * executor's own device, and executors over tf's backends, a second opinion for checks.
 *
 * Installed for it: `@tensorflow/tfjs`; for its webgpu and wasm backends `@tensorflow/tfjs-backend-webgpu` and
 * `@tensorflow/tfjs-backend-wasm`.
 *
 * @example
 * const { image } = await restore(tensor, { task: 'denoise' });
 * const restored = toTensor(image, tensor);
 * @example // in a browser; Node's `restore` knows where it is
 * await restore(image, { task: 'denoise', executor: 'tfjs-webgl', host: { tfjs: () => import('prior-art/tfjs') } });
 */
export { createTfjsExecutor } from './executors/tfjs/executor.ts';
export { readTensor, shareWithTfjs, writeTensor } from './executors/tfjs/share.ts';
export { toTensor } from './executors/tfjs/tensor.ts';
