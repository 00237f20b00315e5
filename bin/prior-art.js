#!/usr/bin/env node
// The command's entry: always there, so that npx can link it in a checkout that is not built yet.
import { existsSync } from 'node:fs';

if (!existsSync(new URL('../dist/cli.js', import.meta.url))) {
  const { buildAll } = await import('../esbuild.config.mjs');
  await buildAll(['node']);
}
await import('../dist/cli.js');
