import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  /** Resolves when stderr first contains the text, rejects when the process ends without it. */
  said(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

const CLI = resolve(import.meta.dirname, '../../dist/cli.js');

/** Starts the built command line as a process of its own. */
export function startCli(args: readonly string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      out[name] += text;
      child.emit('said');
    });
  const ended = new Promise<Ended>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => done({ code, signal, ...out }));
  });
  const said = (text: string) =>
    new Promise<void>((done, fail) => {
      const look = () => out.stderr.includes(text) && done();
      child.on('said', look);
      child.on('close', () => fail(new Error(`Ended without saying "${text}": ${out.stderr}`)));
      look();
    });
  return { said, kill: (signal) => child.kill(signal), ended };
}

/** Runs the built command line to its end. */
export function runCli(args: readonly string[], env?: Record<string, string>): Promise<Ended> {
  return startCli(args, env).ended;
}
