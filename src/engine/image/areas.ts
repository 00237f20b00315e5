/** An area of one colour of a drawing of two, and how many pixels it has. */
export interface Area {
  readonly light: boolean;
  readonly size: number;
}

/** Areas of either colour; pixels are of one that share a side. */
export function areasIn(isLight: Uint8Array, width: number): Area[] {
  const seen = new Uint8Array(isLight.length);
  const found: Area[] = [];
  for (let first = 0; first < seen.length; first++) {
    if (seen[first]) continue;
    const area = [first];
    seen[first] = 1;
    const reach = (i: number) => {
      if (seen[i] || isLight[i] !== isLight[first]) return;
      seen[i] = 1;
      area.push(i);
    };
    for (const i of area) {
      if (i % width > 0) reach(i - 1);
      if (i % width < width - 1) reach(i + 1);
      if (i >= width) reach(i - width);
      if (i + width < seen.length) reach(i + width);
    }
    found.push({ light: isLight[first] === 1, size: area.length });
  }
  return found;
}

/** How much of a border two colours have: pairs of neighbours that differ, by how many would if the colours were strewn at random. */
export function bordersIn(isLight: Uint8Array, width: number): number {
  let [differ, light] = [0, 0];
  for (let i = 0; i < isLight.length; i++) {
    light += isLight[i];
    if (i % width > 0 && isLight[i] !== isLight[i - 1]) differ++;
    if (i >= width && isLight[i] !== isLight[i - width]) differ++;
  }
  return (differ * isLight.length) / Math.max(1, 4 * light * (isLight.length - light));
}
