import { averagePool, convBlock, imageHead, scalesThatFit, upsample } from './blocks.ts';
import type { Graph, NodeId } from './graph.ts';

interface UnetOptions {
  /** Channels of scale i. */
  channels: readonly number[];
  imageChannels: number;
}

/** U-Net (Ronneberger et al., MICCAI 2015): two convolutions a scale, pooling, all features over the skip. */
export function unet(g: Graph, z: NodeId, options: UnetOptions): NodeId {
  const [, height, width] = g.shape(z);
  const scales = scalesThatFit(height, width, 3, options.channels.length - 1);
  const channels = options.channels.slice(0, scales + 1);
  return imageHead(g, scale(g, z, 0, channels), options.imageChannels);
}

function scale(g: Graph, x: NodeId, i: number, channels: readonly number[]): NodeId {
  const name = `scale${i}`;
  let y = convBlock(g, `${name}.in1`, x, channels[i], 3);
  y = convBlock(g, `${name}.in2`, y, channels[i], 3);
  if (i + 1 === channels.length) return y;
  const [, height, width] = g.shape(y);
  const deep = scale(g, averagePool(g, `${name}.pool`, y), i + 1, channels);
  const up = upsample(g, `${name}.up`, deep, 'bilinear', height, width);
  const merged = g.concat(`${name}.concat`, [y, up]);
  const out = convBlock(g, `${name}.out1`, merged, channels[i], 3);
  return convBlock(g, `${name}.out2`, out, channels[i], 3);
}
