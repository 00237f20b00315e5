import { convActNorm, imageHead, scalesThatFit, upsample } from './blocks.ts';
import type { Graph, NodeId } from './graph.ts';

interface DecoderOptions {
  /** Channels of every layer; the paper's 128. */
  channels: number;
  /** How often the input is doubled; the paper's 5. */
  scales: number;
  imageChannels: number;
}

/** The sizes of an n-sample axis halved `scales` times, coarsest first, n last. */
function halvings(n: number, scales: number): number[] {
  const sizes = [n];
  for (let i = 0; i < scales; i++) sizes.unshift(Math.ceil(sizes[0] / 2));
  return sizes;
}

/**
 * Deep Decoder (Heckel & Hand, ICLR 2019): 1×1 convolutions, bilinear ×2, ReLU, norm; no noise can hide in it. Its
 * input is small: z must be [any, height / 2^scales, width / 2^scales] as `decoderInput` says.
 */
export function decoder(g: Graph, z: NodeId, height: number, width: number, options: DecoderOptions): NodeId {
  const scales = scalesThatFit(height, width, 1, options.scales);
  const [rows, cols] = [halvings(height, scales), halvings(width, scales)];
  let x = z;
  for (let i = 1; i <= scales; i++) {
    x = g.conv(`layer${i}.conv`, x, options.channels, 1, { bias: false });
    x = upsample(g, `layer${i}.up`, x, 'bilinear', rows[i], cols[i]);
    x = g.norm(`layer${i}.norm`, g.act(x, { kind: 'leakyRelu', slope: 0 }));
  }
  return imageHead(g, convActNorm(g, 'last', x, options.channels, 1), options.imageChannels);
}

/** Height and width of the decoder's input for an image. */
export function decoderInput(
  height: number,
  width: number,
  options: DecoderOptions,
): [height: number, width: number] {
  const scales = scalesThatFit(height, width, 1, options.scales);
  return [halvings(height, scales)[0], halvings(width, scales)[0]];
}
