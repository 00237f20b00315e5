import { upsample } from './blocks.ts';
import type { Activation, Graph, NodeId } from './graph.ts';

interface ResidualUnetOptions {
  /** Channels at every scale. */
  readonly channels: number;
  /** How often the sides are halved; they must be divisible by 2 as often. */
  readonly scales: number;
  /** Planes of what is predicted. */
  readonly outputs: number;
}

const ACTIVATION: Activation = { kind: 'leakyRelu', slope: 0.1 };

/**
 * U-Net (Ronneberger et al., MICCAI 2015) with strided convolutions and without norms: what it makes of a place does not
 * depend on the size of the picture, so it may learn on crops and be applied to all of it. Its output is a difference,
 * not an image: no sigmoid.
 */
export function residualUnet(
  g: Graph,
  x: NodeId,
  { channels, scales, outputs }: ResidualUnetOptions,
): NodeId {
  const block = (name: string, y: NodeId, stride: 1 | 2 = 1) => {
    const first = g.act(g.conv(`${name}.1`, y, channels, 3, { stride }), ACTIVATION);
    return g.act(g.conv(`${name}.2`, first, channels, 3), ACTIVATION);
  };
  const levels = [block('head', x)];
  for (let i = 1; i <= scales; i++) levels.push(block(`down${i}`, levels[i - 1], 2));
  let y = levels[scales];
  for (let i = scales - 1; i >= 0; i--) {
    const [, height, width] = g.shape(levels[i]);
    const up = upsample(g, `up${i}.bilinear`, y, 'bilinear', height, width);
    y = block(`up${i}`, g.concat(`up${i}.concat`, [up, levels[i]]));
  }
  return g.conv('difference', y, outputs, 3);
}
