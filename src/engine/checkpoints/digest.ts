/** What tells one checkpoint's restoration from another's: not meant against forgery. */
export type Digest = string;

/**
 * Two 32-bit MurmurHash3 (Appleby, 2011) of the parts one after the other, by their words, 16 hexadecimal digits. The
 * Web's own digests are not there on pages without HTTPS, and answer later.
 */
export function digestOf(parts: readonly ArrayBufferView[]): Digest {
  let [a, b] = [0x9747b28c, 0x3c6ef372];
  for (const part of parts) {
    for (const words of wordsOf(part))
      for (let i = 0; i < words.length; i++) {
        const word = words[i];
        a = mixed(a, word);
        b = mixed(b, Math.imul(word, 0x9e3779b1) ^ a);
      }
    a = mixed(a, part.byteLength);
  }
  const hex = (h: number) => finished(h).toString(16).padStart(8, '0');
  return hex(a) + hex(b);
}

/** Whole words where they lie, and the bytes after them filled up to one. */
function wordsOf({ buffer, byteOffset, byteLength }: ArrayBufferView): readonly Uint32Array[] {
  const whole = byteLength >> 2;
  const aligned = byteOffset % 4 === 0;
  const words = aligned
    ? new Uint32Array(buffer, byteOffset, whole)
    : new Uint32Array(buffer.slice(byteOffset, byteOffset + 4 * whole));
  const rest = new Uint8Array(4);
  rest.set(new Uint8Array(buffer, byteOffset + 4 * whole, byteLength % 4));
  return [words, new Uint32Array(rest.buffer)];
}

function mixed(h: number, word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  const x = h ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  return (Math.imul((x << 13) | (x >>> 19), 5) + 0xe6546b64) | 0;
}

function finished(h: number): number {
  let x = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
