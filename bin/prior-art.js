#!/usr/bin/env node
// The command's entry: always there, so that npx can link it in a checkout that is not built yet.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const FRUGAL = '--disable-wasm-trap-handler';

if (!existsSync(new URL('../dist/cli.js', import.meta.url))) {
  const { buildAll } = await import('../esbuild.config.mjs');
  await buildAll(['node']);
}
/** Addresses that Node, the reading of images and one thread take, bytes. */
const LEAST = 1.6e9;

const limit = addressLimit();
if (limit < LEAST) {
  const told = `${(limit / 1e9).toFixed(1)} GB of addresses are too few, ${LEAST / 1e9} GB are needed: raise the limit (ulimit -v, or that of the container)`;
  process.stderr.write(`error: ${told}.\n`);
  process.exitCode = 10;
} else if (isShortOfAddresses()) startFrugally();
else await import('../dist/cli.js');

/** Bytes of addresses that Linux lets a process reserve. */
function addressLimit() {
  try {
    const told = /^Max address space\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return told ? Number(told[1]) : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * Each WebAssembly memory reserves about 10 GB of addresses, which a limit (ulimit -v, some containers) may forbid; then
 * Node can check bounds instead, a little slower.
 */
function isShortOfAddresses() {
  const known = process.allowedNodeEnvironmentFlags.has(FRUGAL) && !process.execArgv.includes(FRUGAL);
  try {
    // As many as there will be: one a thread, and some shared.
    const count = known ? availableParallelism() + 3 : 0;
    return !Array.from({ length: count }, () => new WebAssembly.Memory({ initial: 1, maximum: 1 }));
  } catch {
    return true;
  }
}

function startFrugally() {
  const args = [FRUGAL, ...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  process.on('SIGINT', () => {}); // a terminal's goes to both
  for (const name of ['SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 1;
    if (signal) process.kill(process.pid, signal);
  });
}
