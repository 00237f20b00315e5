#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { version } from '../node/version.ts';
import { analyseCommand } from './analyse-command.ts';
import { completionCommand } from './completion-command.ts';
import { damageCommand } from './damage/command.ts';
import { doctorCommand } from './doctor-command.ts';
import { errorOf } from './exit-codes.ts';
import { restoreCommand } from './restore-command.ts';
import { outliveStreams } from './streams.ts';

const program = new Command('prior-art')
  .description(
    'Restore damaged images from nothing but themselves: no dataset, no pretrained weights, no upload.',
  )
  .version(version)
  .addCommand(restoreCommand())
  .addCommand(analyseCommand())
  .addCommand(doctorCommand())
  .addCommand(damageCommand());
program.addCommand(completionCommand(program));

// Throw instead of exiting with commander's own codes. Commands do not inherit it once made.
for (const command of [program, ...program.commands])
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(--help tells more)');

outliveStreams();
try {
  await program.parseAsync();
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
