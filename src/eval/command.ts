import type { Command } from 'commander';

/** Runs a tool of the checkout by the process's arguments; what it throws is told in one line. */
export function run(command: Command): void {
  command.parseAsync().catch((error: unknown) => {
    console.error(error instanceof Error ? `error: ${error.message}` : error);
    process.exitCode = 1;
  });
}

/** What an option lists, comma by comma; nothing where it is empty. */
export const list = (text: string): string[] => text.split(',').filter((item) => item !== '');
