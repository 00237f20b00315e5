// npm run figma:hosted -- https://plugins.example.com/prior-art/: the plugin whose panel goes to a copy of itself at that
// address, where it may use WebGPU, and in dist/hosted/web what is to be served there.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildUi } from './build-ui.mjs';

const root = resolve(import.meta.dirname, '..');
const at = (path) => resolve(root, path);

/** Writes the panel and the headers to send with it, files for any host; `engine`: a module in its place, for tests. */
export async function writeHosted(folder, engine) {
  await mkdir(folder, { recursive: true });
  await buildUi({ outfile: join(folder, 'ui.html'), engine });
  await copyFile(at('site/hosted.headers'), join(folder, '_headers'));
}

async function main([address]) {
  const url = URL.canParse(address ?? '') ? new URL('ui.html', address) : undefined;
  if (url?.protocol !== 'https:')
    throw new Error(
      `Expected the address of a folder that is served by https, and ending in /, but received ${address}.`,
    );
  const manifest = JSON.parse(await readFile(at('manifest.json'), 'utf8'));
  const { buildAll } = await import(pathToFileURL(at('esbuild.config.mjs')).href);
  await buildAll(['plugin']);
  await writeHosted(at('dist/hosted/web'));
  await copyFile(at('dist/code.js'), at('dist/hosted/code.js'));
  await buildUi({ outfile: 'dist/hosted/ui.html', hosted: `${url}?plugin=${manifest.id}` });
  const networkAccess = { ...manifest.networkAccess, allowedDomains: [url.origin] };
  const hosted = { ...manifest, main: 'code.js', ui: 'ui.html', networkAccess };
  await writeFile(at('dist/hosted/manifest.json'), `${JSON.stringify(hosted, null, 2)}\n`);
  console.log(
    `The plugin is in dist/hosted; serve dist/hosted/web as ${new URL('.', url)}, with the headers of its file _headers.`,
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href)
  await main(process.argv.slice(2));
