import { convBlock, imageHead, LEAKY } from './blocks.ts';
import type { Graph, NodeId } from './graph.ts';

interface ResnetOptions {
  channels: number;
  blocks: number;
  imageChannels: number;
}

/** A chain of residual blocks at full resolution (He et al., CVPR 2016): the prior without scales. */
export function resnet(g: Graph, z: NodeId, options: ResnetOptions): NodeId {
  let x = convBlock(g, 'stem', z, options.channels, 3);
  for (let i = 0; i < options.blocks; i++) {
    let y = convBlock(g, `block${i}.a`, x, options.channels, 3);
    y = g.norm(`block${i}.b.norm`, g.conv(`block${i}.b.conv`, y, options.channels, 3, { bias: false }));
    x = g.act(g.add(`block${i}`, x, y), LEAKY);
  }
  return imageHead(g, x, options.imageChannels);
}
