#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { version } from '../node/version.ts';
import { damageCommand } from './damage/command.ts';
import { EXIT_CODES, outcomeOf } from './exit-codes.ts';
import { restoreCommand } from './restore-command.ts';

const program = new Command('prior-art')
  .description(
    'Restore one damaged image with a deep image prior: no dataset, no pretrained weights, no upload.',
  )
  .version(version)
  .addCommand(restoreCommand())
  .addCommand(damageCommand());

// Throw instead of exiting with commander's own codes. Commands do not inherit it once made.
for (const command of [program, ...program.commands])
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(--help tells more)');

try {
  await program.parseAsync();
} catch (error) {
  const outcome = outcomeOf(error);
  process.exitCode = EXIT_CODES[outcome];
  const message = error instanceof Error ? error.message : String(error);
  // Commander has printed its own message already.
  if (!(error instanceof CommanderError)) {
    const stack = outcome === 'internal' && error instanceof Error ? error.stack : undefined;
    console.error(`error: ${stack ?? message}`);
  }
  if (outcome !== 'done' && process.argv.includes('--json'))
    console.log(JSON.stringify({ error: { code: outcome, message, exitCode: EXIT_CODES[outcome] } }));
}

// Dawn keeps the process alive while its GPU object exists, so leave once everything is printed.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
