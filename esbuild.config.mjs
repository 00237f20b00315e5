// Builds everything under dist/:  node esbuild.config.mjs [target ...]  with targets node, plugin, ui, penpot, bench, eval, assets, corpus, defects, harm, experiment (default: all).
import { existsSync } from 'node:fs';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { buildUi } from './scripts/build-ui.mjs';

const root = import.meta.dirname;
const at = (path) => resolve(root, path);
const { version } = JSON.parse(await readFile(at('package.json'), 'utf8'));

const shared = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  logLevel: 'warning',
  legalComments: 'none',
  define: { __VERSION__: JSON.stringify(version) },
};

/** The library (dist/engine.js, dist/browser.js, dist/webgpu.js and dist/tfjs.js, free of Node; dist/node.js) and the command line, sharing their chunks. */
async function buildNode() {
  await rm(at('dist/chunks'), { recursive: true, force: true });
  await build({
    ...shared,
    packages: 'external', // the engine has none, since a page that loads dist/engine.js has none
    splitting: true,
    platform: 'node',
    target: 'es2022',
    entryPoints: {
      engine: 'src/engine/index.ts',
      browser: 'src/browser/index.ts',
      webgpu: 'src/engine/webgpu.ts',
      tfjs: 'src/engine/tfjs.ts',
      node: 'src/node/index.ts',
      cli: 'src/cli/main.ts',
    },
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
  });
}

/** Figma's sandbox runs an ES2017 script, not a module. */
function buildPlugin() {
  return build({
    ...shared,
    format: 'iife',
    target: 'es2017',
    minify: true,
    charset: 'ascii',
    entryPoints: ['src/plugin/main.ts'],
    outfile: 'dist/code.js',
  });
}

/** Penpot loads what its manifest names from wherever that is served: a script for its sandbox, and the panel. */
async function buildPenpot() {
  await build({
    ...shared,
    format: 'iife',
    target: 'es2022',
    minify: true,
    charset: 'ascii',
    entryPoints: ['src/penpot/main.ts'],
    outfile: 'dist/penpot/code.js',
  });
  await copyFile(at('penpot/manifest.json'), at('dist/penpot/manifest.json'));
  await buildUi({ outfile: 'dist/penpot/ui.html' });
}

/** A tool of this checkout, not of the package: beside it, in dist/tools. */
function buildTool(name, entry) {
  return build({
    ...shared,
    packages: 'external',
    splitting: true,
    platform: 'node',
    target: 'es2022',
    entryPoints: { [name]: entry },
    outdir: 'dist/tools',
    chunkNames: 'chunks/[name]-[hash]',
  });
}

const TARGETS = {
  node: { entry: 'src/engine/index.ts', build: buildNode },
  plugin: { entry: 'src/plugin/main.ts', build: buildPlugin },
  ui: { entry: 'src/ui/main.ts', build: () => buildUi() },
  penpot: { entry: 'src/penpot/main.ts', build: buildPenpot },
  bench: { entry: 'bench/main.ts', build: () => buildTool('bench', 'bench/main.ts') },
  'bench-memory': { entry: 'bench/memory.ts', build: () => buildTool('bench-memory', 'bench/memory.ts') },
  'bench-cpu': { entry: 'bench/cpu.ts', build: () => buildTool('bench-cpu', 'bench/cpu.ts') },
  'bench-nonlocal': {
    entry: 'bench/nonlocal.ts',
    build: () => buildTool('bench-nonlocal', 'bench/nonlocal.ts'),
  },
  'bench-turns': { entry: 'bench/turns.ts', build: () => buildTool('bench-turns', 'bench/turns.ts') },
  'bench-estimate': {
    entry: 'bench/estimate.ts',
    build: () => buildTool('bench-estimate', 'bench/estimate.ts'),
  },
  eval: { entry: 'src/eval/main.ts', build: () => buildTool('eval', 'src/eval/main.ts') },
  assets: { entry: 'src/eval/assets/main.ts', build: () => buildTool('assets', 'src/eval/assets/main.ts') },
  corpus: { entry: 'src/eval/corpus/main.ts', build: () => buildTool('corpus', 'src/eval/corpus/main.ts') },
  defects: {
    entry: 'src/eval/defects/main.ts',
    build: () => buildTool('defects', 'src/eval/defects/main.ts'),
  },
  harm: { entry: 'src/eval/harm/main.ts', build: () => buildTool('harm', 'src/eval/harm/main.ts') },
  experiment: {
    entry: 'src/eval/experiments/main.ts',
    build: () => buildTool('experiment', 'src/eval/experiments/main.ts'),
  },
};

/** Compiles the WebAssembly kernels unless they are there and newer than their sources. */
async function buildWasm() {
  const script = at('scripts/build-wasm.mjs');
  if (existsSync(script)) await import(pathToFileURL(script).href);
}

export async function buildAll(names = Object.keys(TARGETS)) {
  await buildWasm();
  for (const name of names) {
    const target = TARGETS[name];
    if (!target) throw new Error(`No build target "${name}"; there are ${Object.keys(TARGETS).join(', ')}.`);
    if (existsSync(at(target.entry))) await target.build();
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const names = process.argv.slice(2);
  await buildAll(names.length > 0 ? names : undefined);
}
