// npm run playground: the plugin in a page of its own, for people without Figma.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { buildAll } from '../esbuild.config.mjs';
import { buildUi } from './build-ui.mjs';

const root = resolve(import.meta.dirname, '..');
const at = (path) => resolve(root, path);

/** What the page asks for, by its path. `engine` = a module in the real engine's place, for tests. */
async function contents(engine) {
  await buildAll(['plugin']);
  const [manifest, code, ui] = await Promise.all([
    readFile(at('manifest.json'), 'utf8'),
    readFile(at('dist/code.js'), 'utf8'),
    buildUi({ outfile: '', ...(engine && { engine }) }),
  ]);
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['playground/main.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
  return {
    '/': ['text/html; charset=utf-8', await readFile(at('playground/index.html'))],
    '/main.js': ['text/javascript; charset=utf-8', outputFiles[0].contents],
    '/built.json': ['application/json', JSON.stringify({ manifest: JSON.parse(manifest), code, ui })],
    '/sample.png': ['image/png', await readFile(at('samples/nagasaki-boats-scratched.png'))],
  };
}

/** Serves the playground; port 0 = any free one. */
export async function servePlayground({ port = 8792, engine } = {}) {
  const files = await contents(engine);
  const server = createServer((request, response) => {
    const found = files[new URL(request.url ?? '/', 'http://localhost').pathname];
    if (!found) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': found[0], 'cache-control': 'no-store' }).end(found[1]);
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return { address: `http://localhost:${server.address().port}/`, close: () => server.close() };
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const { address } = await servePlayground({ port: Number(process.env.PORT ?? 8792) });
  console.log(`The playground is at ${address} until you press Ctrl-C.`);
}
