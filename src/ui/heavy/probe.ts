import type { Abilities } from './methods.ts';

/** What this thread can compute with; never throws. */
export async function probe(): Promise<Abilities> {
  const gpu = await probeGpu();
  return {
    secure: globalThis.isSecureContext,
    webgpu: gpu.adapter,
    software: gpu.software ?? false,
    webgpuProblem: gpu.problem,
    webgl2: probeWebGl2(),
    wasm: typeof WebAssembly === 'object',
    isolated: globalThis.crossOriginIsolated,
    cores: navigator.hardwareConcurrency,
  };
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;

async function probeGpu(): Promise<{ adapter?: string; software?: boolean; problem?: string }> {
  const gpu: GPU | undefined = navigator.gpu;
  if (!gpu) return { problem: globalThis.isSecureContext ? 'not offered here' : 'this frame is not secure' };
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return { problem: 'no graphics adapter answered' };
    const { description, device, architecture, vendor, isFallbackAdapter } = adapter.info;
    const name =
      description || device || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed adapter';
    const software = isFallbackAdapter || SOFTWARE.test(`${name} ${architecture}`);
    return { adapter: name, software, ...(software && { problem: `only a software adapter (${name})` }) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function probeWebGl2(): string | undefined {
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (!gl) return undefined;
  const renderer: unknown = gl.getParameter(gl.RENDERER);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return typeof renderer === 'string' ? renderer : 'unnamed';
}
