import { SOFTWARE_ADAPTER } from '../../engine/executors/software.ts';
import type { Abilities, GpuAbility } from './methods.ts';

/** What this thread can compute with; never throws. */
export async function probe(): Promise<Abilities> {
  return {
    secure: globalThis.isSecureContext,
    webgpu: await probeWebGpu(),
    webgl2: probeWebGl2(),
    wasm: await probeWasm(),
    isolated: globalThis.crossOriginIsolated,
    cores: navigator.hardwareConcurrency,
  };
}

/** A function that returns a SIMD vector's bits: refused where SIMD is unknown, and by a policy against WebAssembly. */
const SIMD_MODULE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
];

async function probeWasm(): Promise<boolean> {
  try {
    await WebAssembly.compile(new Uint8Array(SIMD_MODULE));
    return true;
  } catch {
    return false;
  }
}

function missing(problem: string): GpuAbility {
  return { adapter: undefined, software: false, problem };
}

function found(adapter: string, hints = ''): GpuAbility {
  const software = SOFTWARE_ADAPTER.test(`${adapter} ${hints}`);
  return { adapter, software, problem: software ? `${adapter} only imitates one` : undefined };
}

async function probeWebGpu(): Promise<GpuAbility> {
  const gpu: GPU | undefined = navigator.gpu;
  if (!gpu) return missing(globalThis.isSecureContext ? 'not offered here' : 'this frame is not secure');
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return missing('no graphics adapter answered');
    const { description, device, architecture, vendor, isFallbackAdapter } = adapter.info;
    const name =
      description || device || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed adapter';
    return found(name, isFallbackAdapter ? 'swiftshader' : architecture);
  } catch (error) {
    return missing(error instanceof Error ? error.message : String(error));
  }
}

function probeWebGl2(): GpuAbility {
  if (typeof OffscreenCanvas === 'undefined') return missing('no OffscreenCanvas');
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2', { powerPreference: 'high-performance' });
  if (!gl) return missing('not offered here');
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  const floats = gl.getExtension('EXT_color_buffer_float') !== null;
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  if (!floats) return missing('no float textures');
  return found(shortName(String(renderer)));
}

/** "ANGLE (Apple, ANGLE Metal Renderer: Apple M2, Unspecified Version)" is an Apple M2. */
export function shortName(renderer: string): string {
  const software = SOFTWARE_ADAPTER.exec(renderer);
  if (software) return software[0];
  const parts = /^ANGLE \([^,]+, (?:ANGLE [\w ]+: )?(.+), [^,]*\)$/.exec(renderer);
  return (parts?.[1] ?? renderer).replace(/ \(0x[0-9A-F]+\).*$| Direct3D.*$| \(TM\)|\(R\)/gi, '').trim();
}
