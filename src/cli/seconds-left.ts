import { cutPlane } from '../engine/image/box.ts';
import { encodeAs, type OutputFormat } from '../node/encode.ts';
import type { FileImage } from '../node/image-file.ts';

/** Side of the middle of the image that is encoded to know how long its result will take, px. */
const SIDE = 384;
/** What is left is more than nothing: the engine then says that the time was too short. */
export const LEAST_SECONDS = 0.001;

export interface Given {
  /** Seconds that a command may take. */
  readonly seconds: number;
  /** When it began, as performance.now() counts; 0 = with the process. */
  readonly began: number;
}

/** Whether a share of the time, all of it by default, went by. */
export type TimeIsOver = (share?: number) => boolean;

/** By the seconds that a command may take; undefined = it has all the time in the world. */
export const timeOf =
  (seconds: number | undefined, began: number): TimeIsOver =>
  (share = 1) =>
    seconds !== undefined && performance.now() - began >= 1000 * share * seconds;

/** Seconds that are left for the restoration: without those that went by, and what writing its result is going to take. */
export async function secondsLeft(
  { seconds, began }: Given,
  image: FileImage,
  { format, scale }: { readonly format: OutputFormat; readonly scale: number },
): Promise<number> {
  const size = { width: Math.min(SIDE, image.width), height: Math.min(SIDE, image.height) };
  const box = { x: (image.width - size.width) >> 1, y: (image.height - size.height) >> 1, ...size };
  const planes = image.planes.map((plane) => cutPlane(plane, image.width, box));
  const before = performance.now();
  // Where it fails for want of something, that is found out with the result, which is then kept elsewhere.
  await encodeAs(format, { planes, ...size }, image.format).catch(() => undefined);
  const pixels = (image.width * image.height * scale ** 2) / (size.width * size.height);
  const writing = (performance.now() - before) * pixels;
  return Math.max(LEAST_SECONDS, seconds - (performance.now() - began + writing) / 1000);
}
