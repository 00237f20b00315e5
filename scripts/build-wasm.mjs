// Compiles src/engine/executors/wasm/assembly (AssemblyScript) to src/engine/executors/wasm/binary.js: two modules,
// without and with relaxed SIMD, as base64. Does nothing when binary.js is newer than its sources. Runs when imported.
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import asc from 'assemblyscript/asc';

const folder = resolve(import.meta.dirname, '../src/engine/executors/wasm');
const output = join(folder, 'binary.js');
/** What the two modules may take together, bytes. */
const BUDGET = 100_000;

const BUILDS = { PLAIN: 'simd,threads', RELAXED: 'simd,threads,relaxed-simd' };

async function sources() {
  const names = await readdir(join(folder, 'assembly'));
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, 'assembly', name));
}

async function isFresh() {
  const made = await stat(output).catch(() => null);
  if (!made) return false;
  const times = await Promise.all(
    [...(await sources()), import.meta.filename].map(async (file) => (await stat(file)).mtimeMs),
  );
  return times.every((time) => time < made.mtimeMs);
}

async function compile(features) {
  const options = [
    '-O3',
    '--converge',
    '--noAssert',
    '--runtime',
    'stub',
    '--importMemory',
    '--sharedMemory',
  ];
  const memory = ['--initialMemory', '1', '--maximumMemory', '65536'];
  // 201: the code is for 32-bit addresses; 112: v128 parameters never cross to JavaScript.
  const quiet = ['--disableWarning', '201', '--disableWarning', '112'];
  let binary;
  const { error, stderr } = await asc.main(
    [
      join('assembly', 'index.ts'),
      '-o',
      'module.wasm',
      ...options,
      ...memory,
      ...quiet,
      '--enable',
      features,
    ],
    {
      readFile: (name, base) => readFile(resolve(folder, base, name), 'utf8').catch(() => null),
      writeFile: (_name, contents) => {
        binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error || !binary) throw new Error(`asc failed: ${error}\n${stderr}`);
  return binary;
}

/** Position of the limits byte of the imported memory, whose bit 1 says "shared". */
function sharedFlagAt(binary) {
  const name = Buffer.from('\u0003env\u0006memory\u0002', 'latin1');
  const at = Buffer.from(binary).indexOf(name);
  if (at < 0 || binary[at + name.length] !== 3)
    throw new Error('The module does not import a shared memory.');
  return at + name.length;
}

async function build() {
  const lines = ['// Made by scripts/build-wasm.mjs; do not edit.'];
  let bytes = 0;
  for (const [name, features] of Object.entries(BUILDS)) {
    const binary = await compile(features);
    bytes += binary.byteLength;
    const base64 = Buffer.from(binary).toString('base64');
    lines.push(`export const ${name} = { sharedFlagAt: ${sharedFlagAt(binary)}, base64: '${base64}' };`);
  }
  if (bytes > BUDGET) throw new Error(`The modules have ${bytes} bytes; at most ${BUDGET} are allowed.`);
  const temporary = `${output}.${process.pid}`;
  await writeFile(temporary, `${lines.join('\n')}\n`);
  await rename(temporary, output);
}

if (!(await isFresh())) await build();
