// node progress.mjs scan.jpg clean.png: progress one report after the other, and an end after ten seconds of it.
import { restoration, writeImage } from 'prior-art';

const [input, output] = process.argv.slice(2);
const run = restoration(input, { task: 'denoise', quality: 'fast' });
const until = performance.now() + 10_000;
for await (const { stage, done } of run) {
  console.log(`${stage}: ${Math.round(100 * done)} %`);
  if (performance.now() > until) break; // leaving the loop keeps the best so far
}
await writeImage(output, (await run.result).image);
