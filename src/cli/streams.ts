import { FileError, reasonOf } from '../node/file-error.ts';
import { EXIT_CODES } from './exit-codes.ts';

/**
 * Keeps a run going whose reader went away (`| head`, a closed terminal): its result is a file. What else keeps a report
 * from standard output, such as a full disk, is told by the exit code.
 */
export function outliveStreams(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode = EXIT_CODES.unwritable;
  });
}

/** What its bytes are called in errors. */
export const STANDARD_INPUT = 'standard input';

/** All of standard input. Throws FileError 'unreadable' where nothing is piped in. */
export async function readStandardInput(): Promise<Uint8Array> {
  if (process.stdin.isTTY)
    throw new FileError('unreadable', '- reads the image from standard input, but nothing is piped into it.');
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Writes pixels to standard output and waits for them to be gone. Throws FileError 'unwritable'. */
export async function writeStandardOutput(bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error) =>
      reject(
        new FileError('unwritable', `Cannot write to standard output: ${reasonOf(error)}.`, { cause: error }),
      );
    process.stdout.once('error', failed);
    process.stdout.write(bytes, (error) => (error ? failed(error) : resolve()));
  });
}

/** Throws FileError 'unwritable' where pixels would end on a terminal. */
export function checkStandardOutput(): void {
  if (process.stdout.isTTY)
    throw new FileError(
      'unwritable',
      'The picture would go to the terminal: pipe it on, or name a file with --output.',
    );
}
