import { Command } from 'commander';
import { version } from '../node/version.ts';
import { analyseCommand } from './analyse-command.ts';
import { completionCommand } from './completion-command.ts';
import { damageCommand } from './damage-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { restoreCommand } from './restore-command.ts';

const EXAMPLES = `
Examples:
  prior-art restore scan.jpg              what is wrong is found; if nothing is, nothing is done
  prior-art analyse scans --recursive     what is wrong, what would be done, how long it takes
  prior-art restore --help                all options, more examples, all formats`;

/** `prior-art` with all its commands. It throws CommanderError instead of exiting with commander's own codes. */
export function createProgram(): Command {
  const program = new Command('prior-art')
    .description(
      'Restore damaged images from nothing but themselves: no dataset, no pretrained weights, no upload.',
    )
    .version(version)
    .addCommand(restoreCommand())
    .addCommand(analyseCommand())
    .addCommand(doctorCommand())
    .addCommand(damageCommand())
    .addHelpText('after', EXAMPLES);
  program.addCommand(completionCommand(program));
  // Commands do not inherit these once made.
  for (const command of [program, ...program.commands])
    command
      .exitOverride()
      .configureHelp({ showGlobalOptions: false })
      .showHelpAfterError('(--help tells more)');
  return program;
}
