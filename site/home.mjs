// The first page: what it is in one screen, with pictures to try it on, then the playground itself.

/** @param {Awaited<ReturnType<typeof import('./pictures.mjs').makePictures>>} pictures the first one is the large one. */
export function home(pictures) {
  const [first, ...rest] = pictures;
  return `<section class="hero">
<div>
<h1>Restores one damaged picture from nothing but that picture.</h1>
<p class="lead">Noise, JPEG artefacts, low resolution, scratches, holes. No data set, no pretrained weights, no upload: what repeats
in the picture tells what is damage, and what the damage does not explain stays as it was. An undamaged picture comes back
unchanged.</p>
<p class="actions"><a class="button" href="#try">Try it here</a>
<a href="figma.html">Figma plugin</a> <a href="library.html">Library</a> <a href="command-line.html">Command line</a></p>
</div>
${slider(first, 'eager')}
</section>
<section class="grid" aria-label="More examples">
${rest.map((picture) => slider(picture, 'lazy')).join('\n')}
</section>
<p class="note">Each picture was damaged on purpose and restored on a processor, with the command under it, when this page was built.
How near it comes to the undamaged one is its PSNR, before → after. <a href="results.html">All results</a>,
<a href="limits.html">and what it cannot do</a>.</p>
<section id="try">
<h2>Try it</h2>
<p>The Figma plugin itself, on this page: it fills the scratches of the photograph, in seconds, on your processor or graphics card. Then
<em>Open a picture…</em> for one of your own. <a href="playground/index.html">On a page of its own</a></p>
<iframe class="playground" src="playground/index.html" title="Playground" loading="lazy"></iframe>
</section>
<section class="ways">
<div><h2><a href="figma.html">Figma</a></h2><p>Select an image and restore it; draw over what is damaged and fill it; enlarge in place. One
undo takes it back. The plugin asks for no network.</p></div>
<div><h2><a href="command-line.html">Command line</a></h2>
<pre><code>prior-art restore scans -o restored</code></pre><p>Folders, pipes, reports; 16 bits, profiles and dates are kept.</p></div>
<div><h2><a href="library.html">Library</a></h2>
<pre><code>const { image } = await restore(file,
  { task: 'auto' });</code></pre><p>TypeScript, for Node, pages and workers.</p></div>
</section>`;
}

function slider({ title, words, command, gain, before, after, width, height }, loading) {
  const img = (src, alt, kind) =>
    `<img class="${kind}" src="${src}" alt="${alt}" width="${width}" height="${height}" loading="${loading}">`;
  return `<figure class="example">
<div class="slider" style="--shape: ${width} / ${height}">
${img(after, `${title}, restored`, 'after')}
${img(before, `${title}, damaged`, 'before')}
<input type="range" min="0" max="100" value="50" aria-label="${title}: damaged to the left, restored to the right">
</div>
<figcaption><strong>${title}</strong> <span class="gain">${gain}</span><br>${words}<br><code>${command}</code></figcaption>
</figure>`;
}
