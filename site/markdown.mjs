// Markdown as GitHub shows it: tables, and headings that links can name.
import GithubSlugger from 'github-slugger';
import { Marked } from 'marked';

/**
 * The named sections (## …) of a document, all of it if none is named.
 * @param {string} markdown
 * @param {readonly string[]} names
 */
export function sectionsOf(markdown, names) {
  if (names.length === 0) return markdown;
  const sections = markdown.split(/^(?=## )/m);
  return names
    .map((name) => {
      const found = sections.find((section) => section.startsWith(`## ${name}\n`));
      if (!found) throw new Error(`There is no section "${name}".`);
      return found;
    })
    .join('\n');
}

/** A document's own title (# …) and the rest of it. */
export function withoutTitle(markdown) {
  return markdown.replace(/^# .*\n/m, '');
}

/**
 * @param {string} markdown
 * @param {(address: string) => {href: string, title?: string}} linkTo what an address in the document is in the site; `title`:
 *   of the page there, shown where the document has its file's name.
 * @param {GithubSlugger} slugger of the page.
 * @returns {{html: string, headings: readonly {id: string, text: string, depth: number}[]}}
 */
export function render(markdown, linkTo, slugger = new GithubSlugger()) {
  const headings = [];
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth }) {
        const text = this.parser.parseInline(tokens, this.parser.textRenderer);
        const id = slugger.slug(text);
        headings.push({ id, text, depth });
        return `<h${depth} id="${id}"><a href="#${id}">${this.parser.parseInline(tokens)}</a></h${depth}>\n`;
      },
      link({ href, tokens }) {
        const words = this.parser.parseInline(tokens);
        const { href: address, title } = linkTo(href);
        return `<a href="${address}">${title && words.endsWith('.md') ? title : words}</a>`;
      },
      image({ href, text }) {
        return `<img src="${linkTo(href).href}" alt="${text}" loading="lazy">`;
      },
      html: ({ text }) => text.replace(/<!--.*?-->/gs, ''),
    },
  });
  const html = marked.parse(markdown).replaceAll('<table>', '<div class="wide"><table>');
  return { html: html.replaceAll('</table>', '</table></div>'), headings };
}
