import { existsSync, readdirSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { EngineHost } from '../engine/executors/host.ts';

/** Where Linux distributions keep Vulkan's loader, and the list of its drivers. */
const LOADER_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/lib',
];
const DRIVER_FOLDERS = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];
/** Where browsers bring a loader and SwiftShader, a driver in software. */
const BROWSER_FOLDERS = [
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
  '/opt/google/chrome',
  '/usr/lib64/chromium',
];

const HOW_TO =
  'A graphics card needs its Vulkan driver (on Debian and Ubuntu: apt-get install mesa-vulkan-drivers, version 25 or ' +
  'newer, or the card maker’s own). Without a card, apt-get install chromium brings SwiftShader, a driver in software.';

/** dlopen's flag to keep a library loaded; Node does not name it. */
const RTLD_NODELETE = 0x1000;

/** Dawn lives as long as this is referenced; its devices crash when it goes first. */
let instance: GPU | undefined;

/** WebGPU through Dawn, the optional package `webgpu`; or why there is none, and what to install. */
export async function nodeGpu(): Promise<Pick<EngineHost, 'gpu' | 'gpuHint'>> {
  if (instance) return { gpu: instance };
  const dawn = await import('webgpu').catch(() => undefined);
  if (!dawn) return { gpuHint: 'Node needs the package "webgpu" for WebGPU: npm install webgpu.' };
  if (process.platform === 'linux' && !prepareVulkan())
    return { gpuHint: `Node’s WebGPU needs a Vulkan driver, and none was found. ${HOW_TO}` };
  // GPUBuffer, GPUBufferUsage and the like, which TensorFlow.js expects in the global scope.
  for (const [name, value] of Object.entries(dawn.globals))
    if (!(name in globalThis)) Object.assign(globalThis, { [name]: value });
  instance = dawn.create([]) as GPU;
  return { gpu: instance, gpuHint: HOW_TO };
}

/**
 * Lets Dawn find Vulkan: the system's, else SwiftShader from a browser's folder. Its loader is opened here by its
 * full path, because LD_LIBRARY_PATH counts only when set before the process starts; Dawn then finds it loaded.
 */
function prepareVulkan(): boolean {
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
  const folders = [
    ...(process.env.LD_LIBRARY_PATH ?? '').split(delimiter).filter(Boolean),
    ...LOADER_FOLDERS,
  ];
  const loader = folders.some((folder) => existsSync(join(folder, 'libvulkan.so.1')));
  const drivers =
    process.env.VK_ICD_FILENAMES !== undefined ||
    process.env.VK_DRIVER_FILES !== undefined ||
    DRIVER_FOLDERS.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
  if (loader && drivers) return true;
  const browser = BROWSER_FOLDERS.find(
    (folder) =>
      existsSync(join(folder, 'libvulkan.so.1')) && existsSync(join(folder, 'vk_swiftshader_icd.json')),
  );
  if (!browser) return false;
  if (!drivers) process.env.VK_ICD_FILENAMES = join(browser, 'vk_swiftshader_icd.json');
  keepLoaded(join(browser, 'libvulkan.so.1'));
  return true;
}

function keepLoaded(library: string): void {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // Always: it is no Node add-on. It stays loaded all the same, which is what this is for.
  }
}
