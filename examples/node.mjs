// node node.mjs scan.jpg clean.png: restores a file and says what was done.
import { restore, writeImage } from 'prior-art';

const [input, output] = process.argv.slice(2);
const { image, task, diagnosis, notes } = await restore(input, { task: 'auto' });
await writeImage(output, image); // with the file's depth, channels and metadata
console.log(task, ...(diagnosis?.findings ?? []), ...notes);
