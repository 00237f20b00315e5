import { CommanderError } from 'commander';
import { errorOf } from './exit-codes.ts';
import { createProgram } from './program.ts';
import { outliveStreams } from './streams.ts';

outliveStreams();
try {
  await createProgram().parseAsync();
} catch (error) {
  const { stack, ...told } = errorOf(error);
  process.exitCode = told.exitCode;
  // Commander has printed its own message already.
  if (!(error instanceof CommanderError)) console.error(`error: ${stack ?? told.message}`);
  if (told.code !== 'done' && process.argv.includes('--json')) console.log(JSON.stringify({ error: told }));
}

// Dawn keeps the process alive while its GPU object exists, so leave once everything is printed.
// What could not be printed is known a moment later.
process.stdout.write('', () => process.stderr.write('', () => setImmediate(() => process.exit())));
