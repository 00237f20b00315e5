import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { createProgram } from '../../src/cli/program.ts';

const page = () => readFile(resolve(import.meta.dirname, '../../docs/cli.md'), 'utf8');

it('docs/cli.md lists every exit code, and no other', async () => {
  const listed = [...(await page()).matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(listed).toEqual(Object.values(EXIT_CODES).sort((a, b) => a - b));
});

it('docs/cli.md lists every command, and every option of each', async () => {
  const { commands } = createProgram();
  expect(commands.length).toBeGreaterThan(4);
  for (const command of commands) {
    const section = (await page())
      .split(new RegExp(`^## prior-art ${command.name()}\\b`, 'm'))[1]
      ?.split('\n## ')[0];
    expect(section, command.name()).toBeDefined();
    for (const { long } of command.options) expect(section, command.name()).toContain(long);
  }
});
