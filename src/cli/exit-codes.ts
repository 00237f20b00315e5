import { CommanderError } from 'commander';
import { type ErrorCode, RestoreError } from '../engine/errors.ts';
import { FileError } from '../node/file-error.ts';

/** What a command line ends with; documented in docs/cli.md. */
export const EXIT_CODES = {
  done: 0,
  /** Not foreseen: a defect. */
  internal: 1,
  /** A command, option or value that does not exist or does not fit. */
  'invalid-option': 2,
  unreadable: 3,
  unwritable: 4,
  'image-size': 5,
  mask: 6,
  'invalid-samples': 7,
  'gpu-unavailable': 8,
  'device-lost': 9,
  'out-of-memory': 10,
  diverged: 11,
  /** Of several images: the others are done. */
  'some-failed': 12,
  /** A checkpoint of something else, or not whole. */
  checkpoint: 13,
  /** Ctrl-C twice, or before there was anything to keep: 128 + SIGINT, as shells count. */
  interrupted: 130,
} as const satisfies Record<
  ErrorCode | FileError['code'] | 'done' | 'internal' | 'interrupted' | 'some-failed',
  number
>;

export type Outcome = keyof typeof EXIT_CODES;

/** The outcome that an error stands for. */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof RestoreError || error instanceof FileError) return error.code;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 'done' : 'invalid-option';
  if (error instanceof Error && error.name === 'AbortError') return 'interrupted';
  return 'internal';
}

/** What is told of an error: the message alone, with the stack where it is a defect. */
export function errorOf(error: unknown) {
  const code = outcomeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const stack = code === 'internal' && error instanceof Error ? error.stack : undefined;
  return { code, message, exitCode: EXIT_CODES[code], stack };
}
