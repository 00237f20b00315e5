import { GpuUnavailableError } from '../../errors.ts';
import { answered } from '../answer.ts';
import type { EngineHost } from '../host.ts';
import { SOFTWARE_ADAPTER } from '../software.ts';

/** WebGPU's usage flags; Dawn for Node does not put the constants into the global scope. */
export const USAGE = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 } as const;
export const MAP_READ = 1;

/**
 * Whether an adapter runs shaders on the CPU. The automatic choice of an executor passes such adapters over: our
 * WebAssembly does the same work faster.
 */
export function isSoftwareAdapter(info: GPUAdapterInfo): boolean {
  if (info.isFallbackAdapter) return true;
  return SOFTWARE_ADAPTER.test([info.vendor, info.architecture, info.device, info.description].join(' '));
}

/** The adapter in words. */
export function describeAdapter(info: GPUAdapterInfo): string {
  const words = info.description || [info.vendor, info.architecture, info.device].filter(Boolean).join(' ');
  return words || 'an unnamed adapter';
}

/** How long an adapter or a device may take to come, ms: drivers take up to some seconds. */
const START_MS = 15_000;

const HOW_TO =
  'Use a browser with WebGPU (Chrome or Edge 113, Safari 26, Firefox 141 or newer), or in Node install the package ' +
  '"webgpu" and a Vulkan driver; or choose the executor "wasm".';

/** The adapter WebGPU offers here. Throws GpuUnavailableError, with the remedy, when there is none. */
export async function requestAdapter(host: EngineHost | undefined): Promise<GPUAdapter> {
  const how = host?.gpuHint ?? HOW_TO;
  const gpu = (host?.gpu as GPU | undefined) ?? (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  if (!gpu) throw new GpuUnavailableError(`WebGPU is not offered here. ${how}`);
  const ask = async () => gpu.requestAdapter({ powerPreference: 'high-performance' });
  const adapter = await answered(ask(), START_MS, 'offering an adapter').catch((error: Error) => {
    throw new GpuUnavailableError(`WebGPU failed to offer a graphics adapter: ${error.message} ${how}`);
  });
  if (!adapter) throw new GpuUnavailableError(`WebGPU found no graphics adapter. ${how}`);
  return adapter;
}

/** Limits that large images need beyond WebGPU's defaults; asked for as far as the adapter goes. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** Ours, and those TensorFlow.js' backend makes use of when it shares the device. */
const FEATURES: readonly GPUFeatureName[] = ['subgroups' as GPUFeatureName, 'timestamp-query', 'shader-f16'];

export async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const requiredLimits: Record<string, number> = {};
  for (const name of LIMITS) requiredLimits[name] = adapter.limits[name];
  const requiredFeatures = FEATURES.filter((feature) => adapter.features.has(feature));
  const device = (async () => adapter.requestDevice({ requiredLimits, requiredFeatures }))();
  try {
    return await answered(device, START_MS, 'making a device');
  } catch (error) {
    device.then(
      (late) => late.destroy(),
      () => {},
    );
    throw new GpuUnavailableError(
      `${describeAdapter(adapter.info)} gave no device: ${(error as Error).message}. ${HOW_TO}`,
    );
  }
}
