// Compiles the AssemblyScript of src/engine/executors/wasm/assembly and src/engine/nonlocal/assembly to binary.js and
// binary-relaxed.js beside them: without and with relaxed SIMD, as base64 of what zlib makes of them, each to be loaded
// alone. The network's kernels are found in their sources: `execute`, which calls them by number, is made of their names,
// and so is kernel-names.ts. Does nothing where all this is newer than its sources. Runs when imported.
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { deflateSync } from 'node:zlib';
import asc from 'assemblyscript/asc';

const engine = resolve(import.meta.dirname, '../src/engine');

/**
 * `budget`: what the two builds may take together, bytes; `shared`: on a memory that threads share, which it imports, by a
 * list of kernels.
 */
const MODULES = [
  { folder: join(engine, 'executors/wasm'), budget: 100_000, shared: true },
  { folder: join(engine, 'nonlocal'), budget: 40_000, shared: false },
];

const BUILDS = { 'binary.js': 'simd', 'binary-relaxed.js': 'simd,relaxed-simd' };
const NAMES = 'kernel-names.ts';

/** What tells a kernel from other functions: it works on one task of an argument block. */
const KERNEL = /^export function (\w+)\(args: usize, _?task: i32, _?scratch: usize\): void/gm;

async function sources(folder) {
  const names = await readdir(join(folder, 'assembly'));
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, 'assembly', name));
}

/** The kernels of each file of a folder's assembly/, by its name. */
async function kernelsOf(folder) {
  const found = {};
  for (const file of (await sources(folder)).sort()) {
    const names = [...(await readFile(file, 'utf8')).matchAll(KERNEL)].map(([, name]) => name);
    if (names.length > 0) found[basename(file, '.ts')] = names;
  }
  return found;
}

/** assembly/execute.ts: any kernel by its number, its place in kernel-names.ts. */
function executeSource(kernels) {
  const imports = Object.entries(kernels).map(
    ([file, names]) => `import { ${names.join(', ')} } from './${file}';`,
  );
  const cases = Object.values(kernels)
    .flat()
    .map((name, i) => `    case ${i}: ${name}(args, task, scratch); return;`);
  return `${imports.join('\n')}
export function execute(op: i32, args: usize, task: i32, scratch: usize): void {
  switch (op) {
${cases.join('\n')}
    default: unreachable();
  }
}
`;
}

async function isFresh({ folder, shared }) {
  const made = await Promise.all(
    [...Object.keys(BUILDS), ...(shared ? [NAMES] : [])].map(
      async (name) => (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0,
    ),
  );
  const oldest = Math.min(...made);
  const times = await Promise.all(
    [...(await sources(folder)), import.meta.filename].map(async (file) => (await stat(file)).mtimeMs),
  );
  return times.every((time) => time < oldest);
}

async function compile(folder, features, kernels) {
  const shared = kernels !== undefined;
  const options = ['-O3', '--converge', '--noAssert', '--runtime', 'stub'];
  const memory = shared
    ? ['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536']
    : [];
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
      shared ? `${features},threads` : features,
    ],
    {
      readFile: (name, base) =>
        shared && name === join('assembly', 'execute.ts')
          ? executeSource(kernels)
          : readFile(resolve(folder, base, name), 'utf8').catch(() => null),
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

const HEAD = '// Made by scripts/build-wasm.mjs; do not edit.\n';

async function build({ folder, budget, shared }) {
  const made = {};
  const kernels = shared ? await kernelsOf(folder) : undefined;
  let bytes = 0;
  for (const [name, features] of Object.entries(BUILDS)) {
    const binary = await compile(folder, features, kernels);
    bytes += binary.byteLength;
    const packed = deflateSync(binary, { level: 9 }).toString('base64');
    const value = shared ? `{ sharedFlagAt: ${sharedFlagAt(binary)}, packed: '${packed}' }` : `'${packed}'`;
    made[name] = `${HEAD}export default ${value};\n`;
  }
  if (kernels)
    made[NAMES] =
      `${HEAD}export const KERNELS = ${JSON.stringify(Object.values(kernels).flat())} as const;\n`;
  if (bytes > budget)
    throw new Error(`The modules of ${folder} have ${bytes} bytes; at most ${budget} are allowed.`);
  for (const [name, text] of Object.entries(made)) {
    const temporary = join(folder, `${name}.${process.pid}`);
    await writeFile(temporary, text);
    await rename(temporary, join(folder, name));
  }
}

for (const module of MODULES) if (!(await isFresh(module))) await build(module);
