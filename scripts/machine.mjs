// What this machine offers to the tests: a Chromium, and a Vulkan driver for Dawn (WebGPU in Node).
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
/** Where distributions keep the browser's own libraries, SwiftShader (a Vulkan driver in software) among them. */
const LIBRARY_FOLDERS = [
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
  '/opt/google/chrome',
  '/usr/lib64/chromium',
];
const SYSTEM_DRIVERS = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'];

/** Path of a Chromium, or undefined. PRIOR_ART_CHROMIUM overrides the search. */
export function findChromium(env = process.env) {
  if (env.PRIOR_ART_CHROMIUM) return existsSync(env.PRIOR_ART_CHROMIUM) ? env.PRIOR_ART_CHROMIUM : undefined;
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const candidates = BROWSERS.flatMap((name) => folders.map((folder) => join(folder, name)));
  candidates.push('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome');
  return candidates.find((path) => existsSync(path));
}

/**
 * How Dawn can reach Vulkan: `{kind: 'swiftshader', env}` with the variables that must be set before Node starts,
 * `{kind: 'system'}`, or undefined. SwiftShader is preferred: the same driver everywhere gives the same results.
 */
export function findVulkan(env = process.env) {
  if (process.platform === 'darwin' || process.platform === 'win32') return { kind: 'system', env: {} };
  const runtime = { XDG_RUNTIME_DIR: env.XDG_RUNTIME_DIR ?? tmpdir() };
  if (env.VK_ICD_FILENAMES) return { kind: 'environment', env: runtime };
  const chromium = findChromium(env);
  const folders = chromium ? [dirname(chromium), ...LIBRARY_FOLDERS] : LIBRARY_FOLDERS;
  const folder = folders.find((path) => existsSync(join(path, 'vk_swiftshader_icd.json')));
  if (folder) {
    const libraries = [folder, env.LD_LIBRARY_PATH].filter(Boolean).join(':');
    const driver = join(folder, 'vk_swiftshader_icd.json');
    return { kind: 'swiftshader', env: { ...runtime, LD_LIBRARY_PATH: libraries, VK_ICD_FILENAMES: driver } };
  }
  const system = SYSTEM_DRIVERS.some((path) => existsSync(path) && readdirSync(path).length > 0);
  return system ? { kind: 'system', env: runtime } : undefined;
}

/** The environment the tests run in. */
export function testEnvironment(env = process.env) {
  const chromium = findChromium(env);
  return { ...(chromium ? { PRIOR_ART_CHROMIUM: chromium } : {}), ...findVulkan(env)?.env };
}
