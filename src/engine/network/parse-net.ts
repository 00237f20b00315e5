/** What `parseNet` understands. */
export const NET_FORM = "'WIDTHxSCALES' such as '32x5', or 1 to 8 channel counts such as '16,32,64'";

/** Channels a scale; undefined where it is not of NET_FORM. */
export function parseNet(net: string): number[] | undefined {
  const equal = /^(\d+)x(\d+)$/.exec(net);
  if (equal && Number(equal[2]) > 8) return undefined;
  const channels = equal
    ? Array<number>(Number(equal[2])).fill(Number(equal[1]))
    : net.split(',').map(Number);
  const valid = channels.length > 0 && channels.length <= 8;
  return valid && channels.every((c) => Number.isInteger(c) && c >= 1 && c <= 512) ? channels : undefined;
}
