// npm run figma:local: a development build of the plugin whose panel goes to a copy of itself on localhost, where
// WebGPU is allowed. Without the running server the very same build works, on the processor.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildUi } from './build-ui.mjs';

const root = resolve(import.meta.dirname, '..');
const at = (path) => resolve(root, path);
const FOLDER = 'dist/local';

/** Serves the panel, built anew for every request, so that reopening the plugin shows the last change. */
export async function serveUi({ port = 8791, build = () => buildUi({ outfile: '' }) } = {}) {
  const server = createServer(async (request, response) => {
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/ui.html') {
      response.writeHead(404).end();
      return;
    }
    try {
      const html = await build();
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'cross-origin-resource-policy': 'cross-origin',
      });
      response.end(html);
    } catch (error) {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
    }
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return { port: server.address().port, close: () => server.close() };
}

async function main() {
  const { port } = await serveUi({ port: Number(process.env.PORT ?? 8791) });
  const origin = `http://localhost:${port}`;
  const manifest = JSON.parse(await readFile(at('manifest.json'), 'utf8'));
  const { buildAll } = await import(pathToFileURL(at('esbuild.config.mjs')).href);
  await buildAll(['plugin']);
  await mkdir(at(FOLDER), { recursive: true });
  await copyFile(at('dist/code.js'), at(`${FOLDER}/code.js`));
  await buildUi({ outfile: `${FOLDER}/ui.html`, hosted: `${origin}/ui.html?plugin=${manifest.id}` });
  const local = {
    ...manifest,
    name: `${manifest.name} (local)`,
    main: 'code.js',
    ui: 'ui.html',
    networkAccess: { ...manifest.networkAccess, devAllowedDomains: [origin] },
  };
  await writeFile(at(`${FOLDER}/manifest.json`), `${JSON.stringify(local, null, 2)}\n`);
  console.log(`The panel is served at ${origin}/ui.html until you press Ctrl-C.`);
  console.log(`In Figma: Plugins → Development → Import plugin from manifest… → ${FOLDER}/manifest.json`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) await main();
