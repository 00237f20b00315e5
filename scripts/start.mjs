// npm start: builds the command line and restores the sample photograph with it.
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buildAll } from '../esbuild.config.mjs';

const root = resolve(import.meta.dirname, '..');
const sample = (name) => join('samples', `nagasaki-boats${name}.png`);
const out = (name) => join('out', `nagasaki-boats-${name}`);

await buildAll(['node']);
await mkdir(join(root, 'out'), { recursive: true });
const args = ['restore', sample('-scratched'), '--output', out('restored.png')];
args.push('--mask', sample('-mask'), '--reference', sample(''), '--quality', 'fast', '--force');
args.push('--compare', out('side-by-side.png'), '--gif', out('run.gif'), '--report', out('report.json'));
console.log(`prior-art ${args.join(' ')}\n`);
const { status } = spawnSync(
  process.execPath,
  [join(root, 'dist/cli.js'), ...args, ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (status === 0) console.log('\nA scratched photograph of 1865, restored from nothing but itself.');
process.exitCode = status ?? 1;
