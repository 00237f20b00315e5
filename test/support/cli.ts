import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** Standard output as it is. */
  readonly bytes: Buffer;
  readonly stderr: string;
}

interface Running {
  /** Resolves when stderr first contains the text, rejects when the process ends without it. */
  said(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

const CLI = resolve(import.meta.dirname, '../../dist/cli.js');

/** Starts the built command line as a process of its own. */
export function startCli(
  args: readonly string[],
  env: Record<string, string> = {},
  input: Uint8Array | string = '',
): Running {
  const child = spawn(process.execPath, [CLI, ...args], { env: { ...process.env, ...env } });
  child.stdin.on('error', () => {}); // a command that reads nothing may be gone already
  child.stdin.end(input);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    child.emit('said');
  });
  const ended = new Promise<Ended>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => {
      const bytes = Buffer.concat(chunks);
      done({ code, signal, stdout: bytes.toString(), bytes, stderr });
    });
  });
  const said = (text: string) =>
    new Promise<void>((done, fail) => {
      const look = () => stderr.includes(text) && done();
      child.on('said', look);
      child.on('close', () => fail(new Error(`Ended without saying "${text}": ${stderr}`)));
      look();
    });
  return { said, kill: (signal) => child.kill(signal), ended };
}

/** Runs the built command line to its end. */
export function runCli(
  args: readonly string[],
  env?: Record<string, string>,
  input?: Uint8Array | string,
): Promise<Ended> {
  return startCli(args, env, input).ended;
}
