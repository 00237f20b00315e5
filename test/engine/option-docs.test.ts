import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { EXPERT_NUMBERS, NUMERIC_OPTIONS } from '../../src/engine/options.ts';

it('what is said of a numeric option, and so its API reference, tells the range and the default of its table', async () => {
  const source = await readFile(new URL('../../src/engine/options.ts', import.meta.url), 'utf8');
  const options = source.slice(source.indexOf('export interface ExpertOptions'));
  for (const [name, { min, max, default: usual }] of Object.entries({
    ...NUMERIC_OPTIONS,
    ...EXPERT_NUMBERS,
  })) {
    const said = options.match(new RegExp(`/\\*\\*((?:(?!\\*/).)*)\\*/\\s+${name}\\?:`, 's'))?.[1] ?? '';
    for (const value of [min, max, usual ?? 'default'])
      expect(said.toLowerCase(), name).toContain(String(value));
  }
});
