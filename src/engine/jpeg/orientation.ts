/** How a picture is to be turned to stand upright, 1 … 8, by the body of an EXIF segment: tag 0x0112 of its first directory. */
export function exifOrientation(body: Uint8Array): number | undefined {
  if (body.length < 14 || ![...'Exif\0\0'].every((letter, i) => body[i] === letter.charCodeAt(0)))
    return undefined;
  const view = new DataView(body.buffer, body.byteOffset + 6, body.byteLength - 6);
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > view.byteLength) return undefined;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + 12 * i;
    if (entry + 12 > view.byteLength) return undefined;
    const value = view.getUint16(entry + 8, little);
    if (view.getUint16(entry, little) === 0x0112 && value >= 1 && value <= 8) return value;
  }
  return undefined;
}
