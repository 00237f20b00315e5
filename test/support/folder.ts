import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** A temporary folder for the tests of one file: `at('name')` gives a path in it. */
export function temporaryFolder(): { at(name: string): string } {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'prior-art-test-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return { at: (name) => join(folder, name) };
}
