import { convBlock, imageHead, scalesThatFit, upsample } from './blocks.ts';
import type { Graph, NodeId } from './graph.ts';

/** The knobs of the paper's hourglass; arrays have one entry a scale. */
interface SkipOptions {
  /** Channels of scale i, on the way down and up. */
  channels: readonly number[];
  /** Channels of the skip connection at scale i; 0 = none. */
  skips: readonly number[];
  /** Default 'bilinear'; one mode, or one a scale. */
  upsampling?: 'nearest' | 'bilinear' | readonly ('nearest' | 'bilinear')[];
  /** Kernel on the way down and up, odd; default 3. */
  downKernel?: number;
  upKernel?: number;
  /** A 1×1 convolution after each merge; default true. */
  pointwise?: boolean;
  imageChannels: number;
}

/**
 * The hourglass with skip connections of Deep Image Prior (Ulyanov et al., CVPR 2018, fig. 21): at each scale
 * [skip: 1×1, deep: stride-2 conv, conv, next scale, ×2] → norm → conv → 1×1. Scales the image is too small for
 * are left out. Returns the image node, [imageChannels, height, width] of z.
 */
export function skip(g: Graph, z: NodeId, options: SkipOptions): NodeId {
  const { channels, downKernel = 3, upKernel = 3 } = options;
  const [, height, width] = g.shape(z);
  const scales = scalesThatFit(height, width, Math.max(downKernel, upKernel), channels.length);
  const fitting = { ...options, channels: channels.slice(0, Math.max(scales, 1)) };
  return imageHead(g, scale(g, z, 0, fitting), options.imageChannels);
}

function scale(g: Graph, x: NodeId, i: number, options: SkipOptions): NodeId {
  const {
    channels,
    skips,
    upsampling = 'bilinear',
    downKernel = 3,
    upKernel = 3,
    pointwise = true,
  } = options;
  const mode = typeof upsampling === 'string' ? upsampling : upsampling[i];
  const name = `scale${i}`;
  const [, height, width] = g.shape(x);
  let deep = convBlock(g, `${name}.down`, x, channels[i], downKernel, { stride: 2 });
  deep = convBlock(g, `${name}.deep`, deep, channels[i], downKernel);
  if (i + 1 < channels.length) deep = scale(g, deep, i + 1, options);
  // Built after the deep branch, so that backward meets it first and frees the merge's gradient early.
  const side = skips[i] > 0 ? [convBlock(g, `${name}.skip`, x, skips[i], 1)] : [];
  const up = upsample(g, `${name}.up`, deep, mode, height, width);
  let y = g.norm(`${name}.merge`, g.concat(`${name}.concat`, [...side, up]));
  y = convBlock(g, `${name}.conv`, y, channels[i], upKernel);
  return pointwise ? convBlock(g, `${name}.pointwise`, y, channels[i], 1) : y;
}
