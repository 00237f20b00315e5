// Builds the panel into one file. Figma gives its page no origin to load anything from, so everything goes inline:
// the style, the page's script, and as data the worker script, which runs as a worker or is put on the page when needed.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { build } from 'esbuild';
import { licencesOf } from './licences.mjs';

const root = resolve(import.meta.dirname, '..');
const at = (path) => resolve(root, path);

/** Puts another module in the engine's place, for tests of the panel alone. */
const withEngine = (path) => ({
  name: 'with-engine',
  setup({ onResolve }) {
    onResolve({ filter: /\/engine\/index\.ts$/ }, () => ({ path: at(path) }));
  },
});

/**
 * @param {{outfile?: string, engine?: string, hosted?: string}} options
 *   engine: a module to use instead of src/engine/index.ts; hosted: address of a copy of the panel to go to where the
 *   frame at hand may not use WebGPU.
 * @returns {Promise<string>} the page, which is also written to `outfile` unless that is empty.
 */
export async function buildUi({ outfile = 'dist/ui.html', engine, hosted = '' } = {}) {
  const { version } = JSON.parse(await readFile(at('package.json'), 'utf8'));
  const bundle = async (entry, plugins) => {
    const { outputFiles, metafile } = await build({
      absWorkingDir: root,
      bundle: true,
      format: 'iife',
      target: 'es2022',
      minify: true,
      charset: 'ascii',
      legalComments: 'none', // all of them are in the page's comment
      metafile: true,
      logLevel: 'warning',
      define: {
        __VERSION__: JSON.stringify(version),
        __HOSTED__: JSON.stringify(hosted),
        'import.meta.url': '""',
      },
      loader: { '.wasm': 'base64', '.woff2': 'dataurl' },
      entryPoints: [entry],
      outdir: 'out',
      write: false,
      plugins,
    });
    const text = (ending) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
    return { text, metafile };
  };
  const page = await bundle('src/ui/main.ts', []);
  const plugins = engine ? [withEngine(engine)] : [];
  const worker = await bundle('src/ui/worker/entry.ts', plugins);
  // Inside a script element these two sequences would end it or change how its end is found.
  const script = (text) => text.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const comment = (text) => text.replaceAll('--', '- -').replaceAll('>', '&gt;');
  const template = await readFile(at('src/ui/index.html'), 'utf8');
  const licences = await licencesOf(root, [page.metafile, worker.metafile]);
  const html = template
    .replace(
      '<!-- licences -->',
      () => `<!--\nBuilt in, each under its own licence:\n\n${comment(licences)}-->`,
    )
    .replace('<!-- style -->', () => `<style>${page.text('.css').replaceAll('</style', '<\\/style')}</style>`)
    .replace(
      '<!-- worker -->',
      () => `<script type="text/plain" id="worker">${script(worker.text('.js'))}</script>`,
    )
    .replace('<!-- script -->', () => `<script>${script(page.text('.js'))}</script>`);
  if (outfile) {
    await mkdir(dirname(at(outfile)), { recursive: true });
    await writeFile(at(outfile), html);
  }
  return html;
}
