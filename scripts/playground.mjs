// npm run playground: the plugin in a page of its own, for people without Figma.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import sharp from 'sharp';
import { buildAll } from '../esbuild.config.mjs';
import { buildUi } from './build-ui.mjs';
import { serveFolder } from './serve-folder.mjs';

const root = resolve(import.meta.dirname, '..');
const at = (path) => resolve(root, path);

/** Writes the page to a folder: static files that any host may serve. `engine` = a module in the real engine's place, for tests. */
export async function writePlayground(folder, engine) {
  await mkdir(folder, { recursive: true });
  await buildAll(['plugin']);
  const [manifest, code, ui] = await Promise.all([
    readFile(at('manifest.json'), 'utf8'),
    readFile(at('dist/code.js'), 'utf8'),
    buildUi({ outfile: '', ...(engine && { engine }) }),
  ]);
  await build({
    absWorkingDir: root,
    entryPoints: ['playground/main.ts'],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
    outfile: join(folder, 'main.js'),
  });
  const built = { manifest: JSON.parse(manifest), code, ui };
  await writeFile(join(folder, 'built.json'), JSON.stringify(built));
  await writeFile(
    join(folder, 'sample-mask.json'),
    JSON.stringify(await outlined(at('samples/nagasaki-boats-mask.png'))),
  );
  await cp(at('samples/nagasaki-boats-scratched.png'), join(folder, 'sample.png'));
  await cp(at('playground/index.html'), join(folder, 'index.html'));
}

/** A mask as a vector layer would have it: path data that covers its white pixels, row by row. */
async function outlined(path) {
  const { data, info } = await sharp(path).greyscale().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const runs = [];
  for (let y = 0; y < height; y++)
    for (let x = 0, from = -1; x <= width; x++) {
      const white = x < width && data[y * width + x] > 127;
      if (white && from < 0) from = x;
      if (white || from < 0) continue;
      runs.push(`M ${from} ${y} L ${x} ${y} L ${x} ${y + 1} L ${from} ${y + 1} Z`);
      from = -1;
    }
  return { width, height, data: runs.join(' ') };
}

/** Serves the playground; port 0 = any free one. */
export async function servePlayground({ port = 8792, engine, folder = at('dist/playground') } = {}) {
  await writePlayground(folder, engine);
  return serveFolder(folder, { port });
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const { address } = await servePlayground({ port: Number(process.env.PORT ?? 8792) });
  console.log(`The playground is at ${address} until you press Ctrl-C.`);
}
