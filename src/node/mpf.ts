const [START_OF_SCAN, APP2] = [0xda, 0xe2];
const IDENTIFIER = 'MPF\0';
/** Tag of the number of images; its value lies at this offset in the entry. */
const NUMBER = { tag: 0xb001, value: 8 } as const;
const ENTRY = 12;

/** How many pictures a JPEG says it has: stereo pairs and cameras' previews lie one after the other (CIPA DC-007, 5). */
export function picturesOf(bytes: Uint8Array): number {
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (
    let at = 2;
    at + 4 <= file.byteLength && file.getUint8(at) === 0xff;
    at += 2 + file.getUint16(at + 2)
  ) {
    const marker = file.getUint8(at + 1);
    if (marker === START_OF_SCAN) break;
    if (marker !== APP2) continue;
    const segment = bytes.subarray(at + 4, at + 2 + file.getUint16(at + 2));
    if (Buffer.from(segment.subarray(0, IDENTIFIER.length)).toString('latin1') === IDENTIFIER)
      return numberIn(segment.subarray(IDENTIFIER.length)) ?? 1;
  }
  return 1;
}

function numberIn(index: Uint8Array): number | undefined {
  const view = new DataView(index.buffer, index.byteOffset, index.byteLength);
  if (view.byteLength < 8) return undefined;
  const little = view.getUint8(0) === 0x49;
  const first = view.getUint32(4, little);
  if (first + 2 > view.byteLength) return undefined;
  const entries = view.getUint16(first, little);
  for (let k = 0, at = first + 2; k < entries && at + ENTRY <= view.byteLength; k++, at += ENTRY)
    if (view.getUint16(at, little) === NUMBER.tag) return view.getUint32(at + NUMBER.value, little);
  return undefined;
}
