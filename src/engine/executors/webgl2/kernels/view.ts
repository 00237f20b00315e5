/** What the kernels share: reading through a norm and an activation, and loops over a cell's pixels. */
import type { Activation } from '../../../network/graph.ts';
import type { View } from '../../../plan/calls.ts';
import type { Builder, ImageOperand } from '../builder.ts';
import type { Quad, Surface } from '../draw.ts';
import type { Cell, ImageLayout } from '../layout.ts';

interface ViewOperand extends ImageOperand {
  readonly textures: Record<string, Surface>;
  readonly ints: Record<string, Quad>;
  readonly floats: Record<string, Quad>;
  /** GLSL: LOAD_VIEW(g) fetches group g's scale and shift, SEEN(v) applies them and the activation. */
  readonly code: string;
}

/** A view as the operand `x` of a draw: sampler x, X its tiles, XS = (width, height, groups). */
export function viewOperand(b: Builder, view: View): ViewOperand {
  const x = b.operand(view);
  const affine = b.affine(view);
  return {
    ...x,
    textures: { x: x.surface, ...(affine ? { xa: affine } : {}) },
    ints: { X: x.quad, XS: [view.width, view.height, x.groups.length, 0] },
    floats: slopeOf(view.activation),
    code: `${activationCode(view.activation)}
#define LOAD_VIEW(g) ${affine ? 'vec4 scale = LIST(xa, g); vec4 shift = LIST(xa, (g) + XS.z);' : ''}
#define SEEN(v) activate(${affine ? 'scale * (v) + shift' : 'v'})`,
  };
}

const slopeOf = (activation: Activation | null): Record<string, Quad> =>
  activation?.kind === 'leakyRelu' ? { SLOPE: [activation.slope, 0, 0, 0] } : {};

/** activate(x) and slopeAt(x), its derivative. A select and not max(): a NaN must stay one, to be noticed. */
function activationCode(activation: Activation | null): string {
  if (!activation)
    return `vec4 activate(vec4 x) { return x; }
vec4 slopeAt(vec4 x) { return vec4(1.0); }`;
  if (activation.kind === 'sigmoid')
    return `vec4 activate(vec4 x) { return 1.0 / (1.0 + exp(-x)); }
vec4 slopeAt(vec4 x) { vec4 y = activate(x); return y * (1.0 - y); }`;
  return `vec4 activate(vec4 x) { return mix(SLOPE.x * x, x, greaterThan(x, vec4(0.0))); }
vec4 slopeAt(vec4 x) { return mix(vec4(SLOPE.x), vec4(1.0), greaterThan(x, vec4(0.0))); }`;
}

export interface CellPixel {
  /** Layer of the texture, output of the draw. */
  readonly i: number;
  readonly px: number;
  readonly py: number;
}

export function cellPixels({ lx, pixels }: Cell): CellPixel[] {
  return Array.from({ length: pixels }, (_, i) => ({ i, px: i & ((1 << lx) - 1), py: i >> lx }));
}

/** Lines of GLSL, one for each pixel of a cell. */
export function forPixels(cell: Cell, line: (pixel: CellPixel) => string): string {
  return cellPixels(cell).map(line).join('\n  ');
}

export const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Whether some cells reach over the image's right or lower border. */
export function isRagged({ width, height, cell }: ImageLayout): boolean {
  return width % (1 << cell.lx) !== 0 || height % (1 << cell.ly) !== 0;
}

/** GLSL: 1 for each of the first `count` components. */
export const KEEP = `vec4 keep(float count) { return vec4(lessThan(vec4(0.0, 1.0, 2.0, 3.0), vec4(count))); }`;
