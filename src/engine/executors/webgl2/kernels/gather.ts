/**
 * Which places of dy the pixels of a cell gather in the gradient of a padded convolution, along one axis of n pixels:
 * dx[q] = Σ_t W[t] · dy[(q + pad − t) / s] over the taps t that divide and stay inside. Reflection shows pixel j also at
 * −j and pixel n − 1 − j also at n − 1 + j, 1 ≤ j ≤ pad; what is gathered there is added to what the tap meets anyway.
 * A cell starts at a multiple of the stride and n is known, so that all this is decided before the shader is written.
 */
export interface Place {
  /** Of dy, relative to the cell's first. */
  readonly index: number;
  /** GLSL name of a float, 1 in the only cell that this holds for; null if it holds for all. */
  readonly flag: string | null;
}

interface Axis {
  /** What a pixel of the cell gathers through a tap; empty where the stride skips it. */
  places(pixel: number, tap: number): readonly Place[];
  /** GLSL name of an index: an ivec2 (texel, layer bits). */
  name(index: number): string;
  /** GLSL factors, 0 where the index is outside of dy; none if it never is. */
  inside(index: number): readonly string[];
  /** GLSL that declares all those names. */
  readonly declarations: string;
}

interface AxisShape {
  /** First letter of the names, and the GLSL function that makes an ivec2 of a pixel's coordinate. */
  readonly letter: string;
  readonly convert: string;
  /** GLSL: the cell's number, the pixels of dx, the pixels of dy. */
  readonly cell: string;
  readonly n: string;
  readonly outputs: string;
  /** Pixels of a cell. */
  readonly side: number;
  readonly pixels: number;
  readonly kernel: number;
  readonly stride: number;
}

export function gatherAxis({
  letter,
  convert,
  cell,
  n,
  outputs,
  side,
  pixels,
  kernel,
  stride,
}: AxisShape): Axis {
  const pad = (kernel - 1) / 2;
  const last = Math.floor(((pixels - 1) % side) / stride);
  const flags = new Map<string, string>();
  const indices = new Set<number>();
  const mayMiss = (index: number) => index < 0 || index > last;
  const name = (index: number) => `${letter}${index < 0 ? `m${-index}` : index}`;

  function places(pixel: number, tap: number): Place[] {
    if ((pixel + pad - tap + stride * kernel) % stride !== 0) return [];
    const found: Place[] = [];
    const add = (at: number, flag: string | null) => {
      const index = (at + pad - tap) / stride;
      indices.add(index);
      found.push({ index, flag });
    };
    const isAt = (coordinate: number) => coordinate >= pixel && (coordinate - pixel) % side === 0;
    const flag = (where: string, coordinate: string) => {
      flags.set(`${where}${pixel}`, `${cell} * ${side} + ${pixel} == ${coordinate}`);
      return `${where}${pixel}`;
    };
    add(pixel, null);
    for (let j = 1; j <= pad; j++) {
      if (isAt(j) && tap <= pad - j) add(pixel - 2 * j, flag(`${letter}First${j}_`, `${j}`));
      if (isAt(pixels - 1 - j) && tap >= pad + j)
        add(pixel + 2 * j, flag(`${letter}Last${j}_`, `${n} - ${1 + j}`));
    }
    return found;
  }

  for (let pixel = 0; pixel < side; pixel++) for (let tap = 0; tap < kernel; tap++) places(pixel, tap);
  const declare = (index: number) => {
    const at = `${cell} * ${side / stride} + ${index}`;
    if (!mayMiss(index)) return `ivec2 ${name(index)} = ${convert}(${at});`;
    return (
      `ivec2 ${name(index)} = ${convert}(clamp(${at}, 0, ${outputs} - 1)); ` +
      `float ${name(index)}in = float(${at} >= 0 && ${at} < ${outputs});`
    );
  };
  return {
    places,
    name,
    inside: (index) => (mayMiss(index) ? [`${name(index)}in`] : []),
    declarations: [
      ...[...indices].map(declare),
      ...[...flags].map(([flag, condition]) => `float ${flag} = float(${condition});`),
    ].join('\n  '),
  };
}
