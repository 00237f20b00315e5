import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { runCli } from '../support/cli.ts';

const page = () => readFile(resolve(import.meta.dirname, '../../docs/cli.md'), 'utf8');

it('docs/cli.md lists every exit code, and no other', async () => {
  const listed = [...(await page()).matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(listed).toEqual(Object.values(EXIT_CODES).sort((a, b) => a - b));
});

it('docs/cli.md lists every command, and every option of each', async () => {
  const commands = ['restore', 'analyse', 'doctor', 'damage', 'completion'];
  const help = await Promise.all(
    ['', ...commands].map(async (name) => (await runCli([name, '--help'].filter(Boolean))).stdout),
  );
  const listed = [...help[0].matchAll(/^ {2}([a-z]+)[ |]/gm)].map(([, name]) => name);
  expect(listed).toEqual([...commands, 'help']);
  for (const [i, command] of commands.entries()) {
    const options = [...help[i + 1].matchAll(/^\s+(?:-\w, )?--([a-z-]+)/gm)].map(([, name]) => name);
    expect(options.length).toBeGreaterThan(0);
    const section = (await page()).split(new RegExp(`^## prior-art ${command}\\b`, 'm'))[1].split('\n## ')[0];
    for (const name of options) if (name !== 'help') expect(section, name).toContain(`--${name}`);
  }
});
