// The frame around every page.
import { PAGES } from './pages.mjs';

const listed = (group) => PAGES.filter((page) => page.group === group);

/** @param {readonly {path: string, title: string}[]} pages */
const links = (pages, here) =>
  pages
    .map(({ path, title }) => {
      const current = path === here ? ' aria-current="page"' : '';
      return `<a href="${path}"${current}>${title}</a>`;
    })
    .join('\n');

/**
 * @param {{path: string, title: string, body: string, description: string, api: boolean}} page `api`: whether the site has
 *   the reference.
 */
export function layout({ path, title, body, description, api }) {
  const reference = api ? [{ path: 'api/index.html', title: 'API' }] : [];
  const header = [
    { path: 'playground/index.html', title: 'Playground' },
    ...listed('guide'),
    ...listed('read'),
    ...reference,
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="description" content="${description}">
<title>${title}</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="style.css">
</head>
<body>
<header class="top">
<a class="name" href="index.html">prior-art</a>
<nav aria-label="Site">
${links(header, path)}
</nav>
</header>
<main>
${body}
</main>
<footer class="bottom">
<nav aria-label="More">
${links(listed('more'), path)}
</nav>
<p>MIT. Nothing on this site asks for anything from elsewhere, and no picture leaves the page.</p>
</footer>
</body>
</html>
`;
}
