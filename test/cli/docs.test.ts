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

it.each(['restore', 'damage'])('docs/cli.md lists every option of %s', async (command) => {
  const { stdout } = await runCli([command, '--help']);
  const options = [...stdout.matchAll(/^\s+(?:-\w, )?--([a-z-]+)/gm)].map(([, name]) => name);
  expect(options.length).toBeGreaterThan(8);
  const section = (await page()).split(`## prior-art ${command} `)[1].split('\n## ')[0];
  for (const name of options) if (name !== 'help') expect(section, name).toContain(`--${name}`);
});
