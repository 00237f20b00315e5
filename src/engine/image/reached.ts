/** How many of the `length` pixels within `within` no path in there joins to a goal. */
export function unreached(
  length: number,
  width: number,
  within: (i: number) => boolean,
  goal: (i: number) => boolean,
): number {
  const open = Uint8Array.from({ length }, (_, i) => (within(i) ? 1 : 0));
  const queue: number[] = [];
  const reach = (i: number) => {
    if (!open[i]) return;
    open[i] = 0;
    queue.push(i);
  };
  for (let i = 0; i < length; i++) if (goal(i)) reach(i);
  for (let i = queue.pop(); i !== undefined; i = queue.pop()) {
    if (i % width > 0) reach(i - 1);
    if (i % width < width - 1) reach(i + 1);
    if (i >= width) reach(i - width);
    if (i + width < length) reach(i + width);
  }
  return open.reduce((sum, left) => sum + left, 0);
}
