import { createRequire } from 'node:module';
import { availableParallelism, cpus, freemem } from 'node:os';
import { Command } from 'commander';
import sharp from 'sharp';
import type { ExecutorChoice, Prior } from '../engine/choices.ts';
import { estimate } from '../engine/estimate/estimate.ts';
import { createExecutor } from '../engine/executors/choose.ts';
import type { EngineHost } from '../engine/executors/host.ts';
import { READABLE } from '../node/formats.ts';
import { HOW_TO_READ_HEIC, heicReader } from '../node/heic.ts';
import { nodeHost } from '../node/host.ts';
import { version } from '../node/version.ts';
import { duration } from './progress.ts';
import { table } from './table.ts';

/** What is measured with, px: a megapixel like those of photographs. */
const SUBJECT = { width: 1000, height: 1000 } as const;

/** What is told, under the keys of --json. */
const LABELS = {
  version: 'prior-art',
  processor: 'processor',
  memory: 'memory',
  files: 'reads',
  automatic: 'the network runs on',
  webgpu: 'WebGPU',
  tfjs: 'TensorFlow.js',
  megapixel: 'a noisy megapixel',
  megapixelByNetwork: 'by the network alone',
} as const;

type Facts = Readonly<Partial<Record<keyof typeof LABELS, string>>>;

/** `prior-art doctor`. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Say what this machine has to restore with, how fast it is, and what would help.')
    .option('--no-times', 'do not measure')
    .option('--json', 'print it as one line of JSON')
    .action(run);
}

async function run({ json, times }: { readonly json?: boolean; readonly times: boolean }): Promise<void> {
  const host = await nodeHost();
  const facts: Facts = {
    version: `${version} on Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} threads`,
    memory: `${(freemem() / 2 ** 30).toFixed(1)} GiB free`,
    files: `${READABLE}${await heic()}`,
    automatic: await chosen('auto', host),
    webgpu: await chosen('webgpu', host),
    tfjs: hasTfjs() ? 'installed' : 'not installed: nothing but prior-art/tfjs needs it',
    ...(times
      ? { megapixel: await measured('nonlocal', host), megapixelByNetwork: await measured('network', host) }
      : {}),
  };
  const rows = Object.entries(LABELS).map(([key, label]) => [
    label,
    facts[key as keyof Facts] ?? 'not measured',
  ]);
  console.log(json ? JSON.stringify(facts) : table(rows[0], rows.slice(1)));
}

/** sharp's own builds read AVIF alone of the kinds of HEIF. */
async function heic(): Promise<string> {
  if (sharp.format.heif.input.fileSuffix?.includes('.heic')) return ' and HEIC';
  const program = await heicReader();
  return program ? `; HEIC by ${program}` : `; HEIC not: ${HOW_TO_READ_HEIC}`;
}

async function chosen(name: ExecutorChoice, host: EngineHost): Promise<string> {
  try {
    const { executor, reason } = await createExecutor(name, host);
    executor.dispose();
    return `${executor.name}, ${executor.adapter}${name === 'auto' ? ` (${reason})` : ''}`;
  } catch (error) {
    return (error as Error).message;
  }
}

function hasTfjs(): boolean {
  try {
    createRequire(import.meta.url).resolve('@tensorflow/tfjs');
    return true;
  } catch {
    return false;
  }
}

/** What `balanced` takes for a megapixel's noise: by its repetitions, or by the network. */
async function measured(prior: Prior, host: EngineHost): Promise<string> {
  const { balanced } = await estimate(SUBJECT, { task: 'denoise', prior, host }, ['balanced']);
  return duration(1000 * balanced.seconds);
}
