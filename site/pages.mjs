// What the site consists of. A page is put together of Markdown that stands elsewhere in the repository, so that nothing is
// written twice: a whole file, or the named sections of one.

/**
 * @typedef {object} Page
 * @property {string} path in the site.
 * @property {string} title
 * @property {'guide' | 'read' | 'more'} group where it is listed: in the header under Guide, in the header, in the footer.
 * @property {string} [lead] one sentence under the title, of pages that are put together.
 * @property {readonly (readonly [file: string, ...sections: string[]])[]} parts
 */

/** @type {readonly Page[]} */
export const PAGES = [
  {
    path: 'figma.html',
    title: 'In Figma',
    group: 'guide',
    lead: 'Restore, fill an area and enlarge, on the canvas, without a pixel leaving the machine.',
    parts: [
      ['README.md', 'Figma plugin'],
      ['docs/figma.md', 'Installing'],
      [
        'docs/panel.md',
        'What it does without being asked',
        'Keys',
        'Which engine runs',
        'What happens to the pixels',
      ],
    ],
  },
  { path: 'penpot.html', title: 'In Penpot', group: 'guide', parts: [['docs/penpot.md']] },
  { path: 'command-line.html', title: 'Command line', group: 'guide', parts: [['docs/cli.md']] },
  {
    path: 'library.html',
    title: 'Library',
    group: 'guide',
    lead: 'For Node, pages and workers; typed, without dependencies on a page.',
    parts: [['README.md', 'Library', 'Where it runs'], ['examples/README.md']],
  },
  {
    path: 'how-it-works.html',
    title: 'How it works',
    group: 'read',
    parts: [['docs/how-it-works.md'], ['docs/results/network.md', "The article's experiments"]],
  },
  { path: 'results.html', title: 'Results', group: 'read', parts: [['docs/results.md']] },
  { path: 'results-no-harm.html', title: 'No harm', group: 'more', parts: [['docs/results/no-harm.md']] },
  {
    path: 'results-denoising.html',
    title: 'Denoising',
    group: 'more',
    parts: [['docs/results/denoising.md']],
  },
  { path: 'results-jpeg.html', title: 'JPEG artefacts', group: 'more', parts: [['docs/results/jpeg.md']] },
  { path: 'results-filling.html', title: 'Filling', group: 'more', parts: [['docs/results/filling.md']] },
  {
    path: 'results-enlarging.html',
    title: 'Enlarging',
    group: 'more',
    parts: [['docs/results/enlarging.md']],
  },
  {
    path: 'results-network.html',
    title: "The network's numbers",
    group: 'more',
    parts: [['docs/results/network.md']],
  },
  { path: 'results-tables.html', title: 'Tables', group: 'more', parts: [['docs/results/tables.md']] },
  { path: 'limits.html', title: 'Limits', group: 'read', parts: [['docs/limits.md']] },
  { path: 'performance.html', title: 'Performance', group: 'more', parts: [['docs/performance.md']] },
  { path: 'reliability.html', title: 'Reliability', group: 'more', parts: [['docs/reliability.md']] },
  { path: 'architecture.html', title: 'Architecture', group: 'more', parts: [['docs/architecture.md']] },
  { path: 'panel.html', title: 'The panel', group: 'more', parts: [['docs/panel.md']] },
  { path: 'figma-platform.html', title: 'Figma, as a platform', group: 'more', parts: [['docs/figma.md']] },
  { path: 'penpot.html', title: 'In Penpot', group: 'more', parts: [['docs/penpot.md']] },
  { path: 'listing.html', title: "Figma's listing", group: 'more', parts: [['docs/listing/README.md']] },
  { path: 'examples.html', title: 'Examples', group: 'more', parts: [['examples/README.md']] },
  { path: 'samples.html', title: 'Samples', group: 'more', parts: [['samples/README.md']] },
  { path: 'contributing.html', title: 'Contributing', group: 'more', parts: [['CONTRIBUTING.md']] },
  { path: 'security.html', title: 'Security', group: 'more', parts: [['SECURITY.md']] },
  { path: 'changelog.html', title: 'Changelog', group: 'more', parts: [['CHANGELOG.md']] },
];

/** Where else links of the documents may lead. */
export const ELSEWHERE = new Map([['README.md', { path: 'index.html', title: 'prior-art' }]]);
