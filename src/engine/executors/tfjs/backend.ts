import type * as Tfjs from '@tensorflow/tfjs';
import { GpuUnavailableError } from '../../errors.ts';
import type { EngineHost, GpuEntry, TfjsBackendName } from '../host.ts';
import { describeAdapter, requestAdapter, requestDevice } from '../webgpu/device.ts';

type Tf = typeof Tfjs;

export type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';

/** tf set to one backend. tf's choice of backend is global, so `activate` comes before every batch of ops. */
export interface Backend {
  readonly tf: Tf;
  readonly name: TfjsBackendName;
  /** The device in words. */
  readonly adapter: string;
  /** Floats the largest tensor may have. */
  readonly maxTensorFloats: number;
  /** Dawn's instance dies, and every promise of it hangs, when nothing refers to it any more. */
  readonly gpu: GpuEntry | undefined;
  activate(): void;
  dispose(): void;
}

/** Loads tf and one of its backends; a WebGPU device may be handed in, to share its tensors with its owner. */
export async function loadBackend(
  name: TfjsBackendName,
  host: EngineHost | undefined,
  device?: GPUDevice,
): Promise<Backend> {
  const tf = await import('@tensorflow/tfjs');
  tf.enableProdMode(); // else tf recommends its native Node package on the console
  const { adapter, maxTensorFloats, dispose } = await REGISTER[name](tf, host, device);
  if (!(await tf.setBackend(name)))
    throw new GpuUnavailableError(
      `TensorFlow.js could not start its ${name} backend here; choose wasm instead.`,
    );
  await tf.ready();
  return {
    tf,
    name,
    adapter: adapter(),
    maxTensorFloats: maxTensorFloats ?? 2 ** 29,
    gpu: host?.gpu,
    activate: () => {
      // Synchronous for a backend that has been started once, whatever the returned promise says.
      if (tf.getBackend() !== name) void tf.setBackend(name);
    },
    dispose: dispose ?? (() => undefined),
  };
}

interface Registered {
  adapter(): string;
  maxTensorFloats?: number;
  dispose?(): void;
}

type Register = (tf: Tf, host: EngineHost | undefined, device?: GPUDevice) => Promise<Registered>;

/** The backends are packages of their own. */
const missing = (name: TfjsBackendName) => (): never => {
  throw new GpuUnavailableError(
    `tfjs-${name} needs the package @tensorflow/tfjs-backend-${name}: install it, or choose wasm.`,
  );
};

const REGISTER: Record<TfjsBackendName, Register> = {
  cpu: async () => ({ adapter: () => 'plain JavaScript' }),
  webgl: async (tf) => ({ adapter: () => webglRenderer(tf.backend()) }),
  wasm: async (_tf, host) => {
    const wasm = await import('@tensorflow/tfjs-backend-wasm').catch(missing('wasm'));
    if (host?.tfjsWasmPath) wasm.setWasmPaths(host.tfjsWasmPath);
    return { adapter: () => 'WebAssembly, one thread', maxTensorFloats: 2 ** 28 };
  },
  webgpu: async (tf, host, given) => {
    const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu').catch(missing('webgpu'));
    const device = given ?? (await requestDevice(await requestAdapter(host)));
    if (tf.findBackendFactory('webgpu')) tf.removeBackend('webgpu');
    tf.registerBackend(
      'webgpu',
      () => withNavigatorGpu(() => new WebGPUBackend(device, device.adapterInfo)),
      3,
    );
    const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
    return {
      adapter: () => describeAdapter(device.adapterInfo),
      maxTensorFloats: Math.min(maxBufferSize, maxStorageBufferBindingSize) / 4,
      dispose: () => {
        tf.removeBackend('webgpu');
        if (!given) device.destroy();
      },
    };
  },
};

/** tf refuses any device where navigator.gpu is missing, as in Node, though it never uses it afterwards. */
function withNavigatorGpu<T>(make: () => T): T {
  const scope = globalThis as { navigator?: { gpu?: unknown } };
  if (scope.navigator?.gpu) return make();
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: {} }, configurable: true });
  try {
    return make();
  } finally {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else delete scope.navigator;
  }
}

interface WebglBackend {
  gpgpu?: { gl?: { getExtension(name: string): unknown; getParameter(id: number): unknown } };
}

const UNMASKED_RENDERER_WEBGL = 0x9246;

function webglRenderer(backend: object): string {
  const gl = (backend as WebglBackend).gpgpu?.gl;
  const renderer = gl?.getExtension('WEBGL_debug_renderer_info') && gl.getParameter(UNMASKED_RENDERER_WEBGL);
  return typeof renderer === 'string' ? renderer : 'WebGL';
}
