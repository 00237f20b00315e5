/** 1 where a plane's value is such; a typed array's own `from` puts every value into a list first. */
export function marks(plane: ArrayLike<number>, is: (value: number, i: number) => boolean): Uint8Array {
  const out = new Uint8Array(plane.length);
  for (let i = 0; i < out.length; i++) if (is(plane[i], i)) out[i] = 1;
  return out;
}

/** How many of a plane's values are such; `filter` puts those into a list first. */
export function countOf(plane: ArrayLike<number>, is: (value: number, i: number) => boolean): number {
  let count = 0;
  for (let i = 0; i < plane.length; i++) if (is(plane[i], i)) count++;
  return count;
}

/** Which of a plane's two values, 0 and 1, fewer pixels have. */
export const rarerOf = (plane: Uint8Array): number =>
  countOf(plane, (value) => value === 1) > plane.length / 2 ? 0 : 1;

/** Where a plane is marked. */
export function placesOf(marked: Uint8Array): number[] {
  const places: number[] = [];
  for (let i = 0; i < marked.length; i++) if (marked[i]) places.push(i);
  return places;
}
