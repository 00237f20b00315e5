// Several tests run the built files, so every test run starts with a fresh build.
import { buildAll } from '../esbuild.config.mjs';

export async function setup() {
  await buildAll(['node', 'plugin', 'ui']);
}
