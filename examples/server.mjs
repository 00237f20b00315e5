// node server.mjs 8080: POST an image and get it restored, as PNG. One is worked on at a time, on all cores; a few may
// wait, and what its visitor waits for no longer is given up.
import { createServer } from 'node:http';
import { FileError, imageBytes, RestoreError, readImage, restore } from 'prior-art';

const MOST_WAITING = 8;
const MOST_BYTES = 20e6;
const MOST_PIXELS = 12e6;
const MOST_SECONDS = 60;

class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let waiting = 0;
let last = Promise.resolve();

/** Runs `work` after all that came before it. */
function inTurn(work) {
  if (waiting >= MOST_WAITING) throw new Refusal(503, 'Too many images are waiting: try again later.');
  waiting++;
  const mine = last.then(work).finally(() => waiting--);
  last = mine.catch(() => {});
  return mine;
}

async function bodyOf(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Refusal(413, 'The file is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function restored(bytes, signal) {
  signal.throwIfAborted(); // the visitor may have left while others were worked on
  const image = await readImage(bytes, { maxPixels: MOST_PIXELS });
  const result = await restore(image, { task: 'auto', signal, maxSeconds: MOST_SECONDS });
  return imageBytes({ ...image, ...result.image }, 'png');
}

const statusOf = (error) =>
  error.status ?? (error instanceof FileError || error instanceof RestoreError ? 422 : 500);

const server = createServer(async (request, response) => {
  const gone = new AbortController();
  response.on('close', () => gone.abort(new Error('The visitor has left.')));
  try {
    if (request.method !== 'POST') throw new Refusal(405, 'POST an image.');
    const bytes = await bodyOf(request);
    const png = await inTurn(() => restored(bytes, gone.signal));
    response.writeHead(200, { 'Content-Type': 'image/png' }).end(png);
  } catch (error) {
    if (gone.signal.aborted) return console.log(`given up: ${error.message}`);
    response.writeHead(statusOf(error), { 'Content-Type': 'text/plain' }).end(error.message);
  }
});
server.listen(Number(process.argv[2] ?? 8080), () => console.log(`listening on ${server.address().port}`));
