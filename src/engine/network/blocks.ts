import type { Activation, Graph, NodeId } from './graph.ts';
import { averageTable, upsampleTable } from './tables.ts';

/** The paper's activation: leaky ReLU, slope 0.2. */
export const LEAKY: Activation = { kind: 'leakyRelu', slope: 0.2 };
const RELU: Activation = { kind: 'leakyRelu', slope: 0 };

/** conv → norm → act; the conv has no bias, since the norm would remove it. */
export function convBlock(
  g: Graph,
  name: string,
  x: NodeId,
  out: number,
  kernel: number,
  options: { stride?: 1 | 2; activation?: Activation } = {},
): NodeId {
  const { stride = 1, activation = LEAKY } = options;
  const y = g.conv(`${name}.conv`, x, out, kernel, { stride, bias: false });
  return g.act(g.norm(`${name}.norm`, y), activation);
}

/** Deep Decoder's order: conv → act → norm. */
export function convActNorm(g: Graph, name: string, x: NodeId, out: number, kernel: number): NodeId {
  const y = g.conv(`${name}.conv`, x, out, kernel, { bias: false });
  return g.norm(`${name}.norm`, g.act(y, RELU));
}

/** ×2, cropped to height × width (2n or 2n − 1 of the input's). */
export function upsample(
  g: Graph,
  name: string,
  x: NodeId,
  mode: 'nearest' | 'bilinear',
  height: number,
  width: number,
): NodeId {
  const [, h, w] = g.shape(x);
  return g.resample(name, x, upsampleTable(mode, h, height), upsampleTable(mode, w, width));
}

/** Mean of 2 × 2 pixels. */
export function averagePool(g: Graph, name: string, x: NodeId): NodeId {
  const [, h, w] = g.shape(x);
  return g.resample(name, x, averageTable(h), averageTable(w));
}

/** conv 1×1 → sigmoid: the image in [0, 1]. */
export function imageHead(g: Graph, x: NodeId, channels: number): NodeId {
  return g.act(g.conv('image.conv', x, channels, 1), { kind: 'sigmoid' });
}

/** How many times a side can be halved so that a kernel's reflection padding still fits the deepest layer. */
export function scalesThatFit(height: number, width: number, kernel: number, wanted: number): number {
  let side = Math.min(height, width);
  let scales = 0;
  while (scales < wanted && Math.ceil(side / 2) > (kernel - 1) / 2 && side >= 4) {
    side = Math.ceil(side / 2);
    scales++;
  }
  return scales;
}
