// npm test: finds or installs a browser and a Vulkan driver, sets what Dawn needs, then runs vitest.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { findChromium, findVulkan, testEnvironment } from './machine.mjs';

const HOW_TO = [
  'On Debian: sudo apt-get install chromium (it brings SwiftShader, a Vulkan driver in software).',
  "On Ubuntu, whose chromium is a snap without that driver: install Google Chrome's own package.",
  'Elsewhere: Chromium or Chrome and, for WebGPU in Node, a Vulkan driver such as mesa-vulkan-drivers 25 or newer.',
  'If they are not found by themselves, set PRIOR_ART_CHROMIUM to the browser and VK_ICD_FILENAMES to the driver.',
].join('\n');

function run(command, args) {
  const { status } = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}

/** Debian's chromium package gives both. Asked for only where it needs no password. */
function installChromium() {
  const root = process.getuid?.() === 0;
  const prefix = root ? [] : ['sudo', '-n'];
  if (process.platform !== 'linux' || spawnSync('apt-get', ['--version']).status !== 0) return false;
  if (!root && spawnSync('sudo', ['-n', 'true']).status !== 0) return false;
  console.log('No Chromium with a Vulkan driver found: installing the chromium package with apt-get.');
  const apt = (...args) => {
    const [command, ...rest] = [...prefix, 'apt-get', ...args];
    return run(command, rest);
  };
  const install = () => apt('install', '-y', '--no-install-recommends', 'chromium');
  return install() || (apt('update') && install());
}

if (!(findChromium() && findVulkan())) installChromium();
const chromium = findChromium();
const vulkan = findVulkan();
console.log(`Browser: ${chromium ?? 'none, so the tests that need one are skipped'}`);
console.log(`Vulkan for WebGPU in Node: ${vulkan?.kind ?? 'none, so the tests that need it are skipped'}`);
if (!(chromium && vulkan)) console.log(`\n${HOW_TO}\n`);

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: resolve(import.meta.dirname, '..'),
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, ...testEnvironment() },
});
process.exitCode = status ?? 1;
