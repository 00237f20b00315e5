/** The geometry of direct.ts: which samples an output is made of, and what a block of outputs reads. */
import type { Slice } from '../../../plan/calls.ts';
import { ceilDiv, roundUp } from '../wgsl.ts';
import { type Padded, paddedPlanes } from './padded.ts';

/** Which source samples an output is made of, along either axis. */
export interface Walk {
  readonly kind: 'correlate' | 'transpose';
  readonly kernel: number;
  readonly stride: 1 | 2;
}

/** What one invocation makes: pixels across and down, and output channels. Four invocations make the same pixels. */
export interface Block {
  readonly across: number;
  readonly down: number;
  readonly channels: number;
}

/** Invocations that share their pixels and differ in channels. */
export const QUAD = 4;

/**
 * The larger a block, the more multiply-adds a load serves and the longer it takes to compile. Blocks start at whole
 * vec4s of the source, so a transposed walk of stride 2 takes 8 pixels across.
 */
export function chooseBlock({ kind, kernel }: Walk, channels: number): Block {
  if (kernel > 3) return { across: kind === 'transpose' ? 8 : 4, down: 4, channels: shareOf(channels, 4) };
  return { across: 8, down: kind === 'transpose' ? 8 : 4, channels: shareOf(channels, 9) };
}

/** Channels of each invocation of as few quads as will do, at `most` so many. */
export function shareOf(channels: number, most: number): number {
  const quads = ceilDiv(channels, QUAD * most);
  return ceilDiv(channels, QUAD * quads);
}

/** Channels that the quads of a block make, those beyond the last included. */
export const paddedChannels = (channels: number, share: number): number => roundUp(channels, QUAD * share);

/** Taps of output i of a block, and the source samples they meet, counted from the block's first. */
export function tapsOf({ kind, kernel, stride }: Walk, i: number): { tap: number; at: number }[] {
  const taps = Array.from({ length: kernel }, (_, tap) => tap);
  if (kind === 'correlate') return taps.map((tap) => ({ tap, at: i * stride + tap }));
  return taps
    .filter((tap) => (i + kernel * stride - tap) % stride === 0)
    .map((tap) => ({ tap, at: (i - tap) / stride + leadOf(kernel, stride) }));
}

/** Samples in front of the first that a transposed walk reads. */
export const leadOf = (kernel: number, stride: number): number => Math.floor((kernel - 1) / stride);

/** Source samples between neighbouring blocks, and those one block reads. */
export function reach(walk: Walk, outputs: number): { step: number; reads: number } {
  const step = walk.kind === 'correlate' ? outputs * walk.stride : outputs / walk.stride;
  const reads = 1 + Math.max(...range(outputs).flatMap((i) => tapsOf(walk, i).map(({ at }) => at)));
  return { step, reads };
}

/** Rows and vec4s a row that the blocks of an output of this size read. */
export function sourceSize(
  walk: Walk,
  block: Block,
  height: number,
  width: number,
): { rows: number; quads: number } {
  const [y, x] = [reach(walk, block.down), reach(walk, block.across)];
  return {
    rows: (ceilDiv(height, block.down) - 1) * y.step + y.reads,
    quads: ceilDiv((ceilDiv(width, block.across) - 1) * x.step + x.reads, 4),
  };
}

export const backwardWalk = (kernel: number, stride: 1 | 2): Walk => ({
  kind: stride === 1 ? 'correlate' : 'transpose',
  kernel,
  stride,
});

/** vec4s of dy, four pixels each, in a turn of the weight gradient's loop. */
export const TURN = 2;
/** vec4s of a row of dy that hold pixels, in whole turns. */
export const gradientQuads = (width: number, kernel: number, stride: number): number =>
  roundUp(ceilDiv(width + leadOf(kernel, stride), 4), TURN);

/** dy as both gradients read it, so that it is padded once for both. */
export function paddedGradient(dy: Slice, image: Slice, kernel: number, stride: 1 | 2): Padded {
  const walk = backwardWalk(kernel, stride);
  const block = chooseBlock(walk, image.channels);
  const lead = leadOf(kernel, stride);
  const read = sourceSize(walk, block, image.height + kernel - 1, image.width + kernel - 1);
  return paddedPlanes('padded dy', {
    channels: dy.channels,
    rows: Math.max(read.rows, dy.height + lead),
    quads: Math.max(read.quads, gradientQuads(dy.width, kernel, stride)),
    top: lead,
    left: lead,
  });
}

export const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
