// npm run release:dry: what would be published, and what only the owner can fill in before it is.  npm run release publishes,
// with the provenance that npm attests where a CI of a public repository runs it.
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/** Addresses of the project that package.json cannot know before there is a public repository; provenance needs the first. */
const OWNERS = ['repository', 'bugs', 'homepage'];

const root = resolve(import.meta.dirname, '..');
const manifest = JSON.parse(await readFile(resolve(root, 'package.json'), 'utf8'));
const missing = OWNERS.filter((field) => manifest[field] === undefined);
const real = process.argv.includes('--publish');

if (missing.length > 0)
  console.log(
    `package.json has no ${missing.join(', ')}: to be filled in by the owner before it is published.\n`,
  );
if (real && missing.length > 0) {
  process.exitCode = 1;
} else {
  const how = real ? ['--provenance', '--access', 'public'] : ['--dry-run'];
  const { status } = spawnSync('npm', ['publish', ...how], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
