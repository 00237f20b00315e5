// npm run docs: the site, as static files in dist/site.  --serve shows it, --no-api leaves out the API reference.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, posix, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import GithubSlugger from 'github-slugger';
import { buildAll } from '../esbuild.config.mjs';
import { home } from '../site/home.mjs';
import { layout } from '../site/layout.mjs';
import { render, sectionsOf, withoutTitle } from '../site/markdown.mjs';
import { ELSEWHERE, PAGES } from '../site/pages.mjs';
import { makePictures } from '../site/pictures.mjs';
import { writePlayground } from './playground.mjs';
import { serveFolder } from './serve-folder.mjs';

const root = resolve(import.meta.dirname, '..');
const DESCRIPTION =
  'Restores one damaged picture from nothing but that picture: Figma plugin, library, command line.';

/**
 * Writes the site to a folder, which is emptied first; its pictures by the command line as it is built.
 * @param {{out: string, api?: boolean, examples?: string[], engine?: string}} options api: with the reference, which npm fetches
 *   its tool for; examples: pictures of the first page, all unless named; engine: a module in the engine's place, for tests.
 */
export async function buildSite({ out, api = true, examples, engine }) {
  await rm(out, { recursive: true, force: true });
  await mkdir(join(out, 'pictures'), { recursive: true });
  for (const name of ['style.css', 'slider.js', 'icon.svg', '_headers'])
    await cp(join(root, 'site', name), join(out, name));
  await writePlayground(join(out, 'playground'), engine);
  const pictures = await makePictures(join(out, 'pictures'), examples);
  const body = `${home(pictures)}\n<script src="slider.js"></script>`;
  const index = { path: 'index.html', title: 'prior-art', description: DESCRIPTION, body, api };
  await writeFile(join(out, index.path), layout(index));
  for (const page of PAGES)
    await writeFile(join(out, page.path), layout({ ...(await documentOf(page, out)), api }));
  if (api) writeReference(join(out, 'api'));
}

/** A page of Markdown, with what it links to. */
async function documentOf({ path, title, lead, parts }, out) {
  const slugger = new GithubSlugger();
  const [bodies, headings] = [[], []];
  for (const [file, ...sections] of parts) {
    const markdown = await readFile(join(root, file), 'utf8');
    const chosen = withoutTitle(sectionsOf(markdown, sections)).replace(`## ${title}\n`, '');
    const linked = [];
    const linkTo = (address) => {
      const { copied, ...link } = targetOf(address, file, path);
      if (copied) linked.push(copied);
      return link;
    };
    const { html, headings: found } = render(chosen, linkTo, slugger);
    const missing = new Set();
    for (const name of linked) if (!(await copyFile(name, out))) missing.add(`files/${name}`);
    // A folder, or a file that is not there: words alone.
    bodies.push(
      html.replace(/<a href="([^"]*)">(.*?)<\/a>/gs, (all, to, words) => (missing.has(to) ? words : all)),
    );
    headings.push(...found);
  }
  const items = headings
    .filter(({ depth }) => depth === 2)
    .map(({ id, text }) => `<li><a href="#${id}">${text}</a></li>`);
  const contents =
    items.length > 2
      ? `<nav class="contents" aria-label="On this page"><ul>${items.join('')}</ul></nav>`
      : '';
  const article = `<article><h1>${title}</h1>${lead ? `<p class="lead">${lead}</p>` : ''}${bodies.join('')}</article>`;
  return {
    path,
    title: `${title} · prior-art`,
    description: lead ?? DESCRIPTION,
    body: `<div class="document">${article}${contents}</div>`,
  };
}

/** Where an address in a document leads: a page of the site, a file that is copied into it, or elsewhere. */
function targetOf(address, file, path) {
  if (/^[a-z]+:/i.test(address)) return { href: address };
  const [name, anchor] = address.split('#');
  const hash = anchor === undefined ? '' : `#${anchor}`;
  const target = name === '' ? file : posix.normalize(posix.join(posix.dirname(file), name));
  const page = ELSEWHERE.get(target) ?? PAGES.find(({ parts }) => isWhole(parts, target));
  if (page)
    return { href: page.path === path ? hash || page.path : `${page.path}${hash}`, title: page.title };
  return { href: `files/${target}${hash}`, copied: target };
}

const isWhole = (parts, file) => parts.some(([name, ...sections]) => name === file && sections.length === 0);

/** @returns whether there is such a file. */
async function copyFile(name, out) {
  const from = join(root, name);
  const found = await stat(from).catch(() => null);
  if (!found?.isFile()) return false;
  const to = join(out, 'files', name);
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to);
  return true;
}

function writeReference(out) {
  const { status } = spawnSync(
    'npm',
    ['run', '--silent', 'docs:api', '--', '--out', out, '--titleLink', '../index.html'],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  if (status !== 0) throw new Error('The API reference could not be made; --no-api leaves it out.');
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const out = join(root, 'dist/site');
  await buildAll(['node']); // not in buildSite: other tests use the build at the same time
  await buildSite({ out, api: !process.argv.includes('--no-api') });
  console.log(`The site is in ${out}.`);
  if (process.argv.includes('--serve')) {
    const { address } = await serveFolder(out, { port: Number(process.env.PORT ?? 8793) });
    console.log(`It is at ${address} until you press Ctrl-C.`);
  }
}
