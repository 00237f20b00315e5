/** Bytes from base64 of their zlib stream, as the modules lie in scripts: less than half of what they are without. */
export async function inflate(base64: string): Promise<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new DecompressionStream('deflate');
  const writer = writable.getWriter();
  const written = writer.write(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
  const ended = Promise.all([written, writer.close()]);
  const bytes: number[] = [];
  // No Response, whose loading takes Node addresses that may be few.
  const reader = readable.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read())
    for (const byte of read.value) bytes.push(byte);
  await ended;
  return Uint8Array.from(bytes);
}
