/** The weights of ITU-R BT.601; a plane alone is grey. */
export function luminance([r, g = r, b = r]: readonly Float32Array[]): Float32Array {
  return r.map((red, i) => 0.299 * red + 0.587 * g[i] + 0.114 * b[i]);
}
