import { close, constants, open, read } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { setTimeout as later } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Milliseconds between two looks whether somebody has written. */
const EVERY = 20;
const CHUNK = 2 ** 16;

/**
 * All that is written into a pipe until its writers are gone; into a named one, which may have none yet, from its first byte.
 * Never waits inside of the system, as readFile does, where no signal ends it and no process.exit either.
 */
export async function readPipe(path: string | URL): Promise<Uint8Array> {
  const fd = await promisify(open)(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const isNamed = await realpath(path).then(
    () => true,
    () => false, // a shell's <(…)
  );
  try {
    const chunks: Buffer[] = [];
    for (;;) {
      const { bytesRead, buffer } = await promisify(read)(fd, { buffer: Buffer.alloc(CHUNK) }).catch(
        nothingYet,
      );
      if (bytesRead > 0) chunks.push(buffer.subarray(0, bytesRead));
      else if (bytesRead === 0 && (chunks.length > 0 || !isNamed)) return Buffer.concat(chunks);
      else await later(EVERY);
    }
  } finally {
    await promisify(close)(fd);
  }
}

/** There are writers, who have not written. */
function nothingYet(error: NodeJS.ErrnoException) {
  if (error.code !== 'EAGAIN') throw error;
  return { bytesRead: -1, buffer: Buffer.alloc(0) };
}
