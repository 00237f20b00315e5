// A folder of static files on this machine, as any host would serve it: with the headers of its file _headers, and none that isolate pages.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
};

const HEADERS = '_headers';

/** Port 0 = any free one. */
export async function serveFolder(folder, { port = 0 } = {}) {
  const rules = rulesOf(await readFile(join(folder, HEADERS), 'utf8').catch(() => ''));
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const name = normalize(path.endsWith('/') ? `${path}index.html` : path);
    const bytes =
      name === `/${HEADERS}` ? undefined : await readFile(join(folder, name)).catch(() => undefined);
    for (const { prefix, header, value } of rules)
      if (path.startsWith(prefix)) response.setHeader(header, value);
    const type = TYPES[extname(name)] ?? 'text/plain; charset=utf-8';
    response.writeHead(bytes ? 200 : 404, { 'content-type': type, 'cache-control': 'no-store' }).end(bytes);
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return { address: `http://localhost:${server.address().port}/`, close: () => server.close() };
}

/** Of a file of headers: paths, here with a star at their end alone, and below each the indented headers of what is there. */
function rulesOf(text) {
  const rules = [];
  let prefix = '';
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (!/^\s/.test(line)) prefix = line.trim().replace(/\*$/, '');
    else {
      const [, header, value] = /^\s+([\w-]+):\s*(.*)$/.exec(line);
      rules.push({ prefix, header, value });
    }
  }
  return rules;
}
