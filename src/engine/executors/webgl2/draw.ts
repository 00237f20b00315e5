import type { Cell } from './layout.ts';

/** A texture of RGBA32F texels; of several layers, a texture array. Software fetches from a plain one for a fifth less. */
export interface Surface {
  readonly width: number;
  readonly height: number;
  readonly layers: number;
}

export type Quad = readonly [number, number, number, number];

/** Texels to be drawn: x, y, width, height. */
export type Rect = Quad;

/** What a step's draws may depend on and the host knows: the step's number and the multipliers. */
export interface StepNumbers {
  readonly step: number;
  readonly rate: number;
  readonly noise: number;
}

/** The uniforms D and K of a draw whose numbers change from step to step, and where it draws if that does too. */
interface StepUniforms {
  readonly floats?: Quad;
  readonly key?: number;
  readonly rect?: Rect;
}

/** One draw, as data: what a kernel builder returns and the device runs. */
export interface Draw {
  readonly label: string;
  /** GLSL after the declarations: functions and main. */
  readonly code: string;
  /** Sampler name → texture. */
  readonly textures: Readonly<Record<string, Surface>>;
  /** Name → ivec4, vec4. The names become macros. */
  readonly ints?: Readonly<Record<string, Quad>>;
  readonly floats?: Readonly<Record<string, Quad>>;
  readonly step?: (numbers: StepNumbers) => StepUniforms;
  /** One surface with all its layers, or several of one layer each. */
  readonly target: readonly Surface[];
  readonly rects: readonly Rect[];
  /** Multiply-adds a fragment: what large draws are split by. */
  readonly work: number;
}

/** The outputs a draw into these surfaces has. */
const outputsOf = (target: readonly Surface[]) => target.reduce((sum, { layers }) => sum + layers, 0);

export const VERTEX_SHADER = `#version 300 es
void main() {
  gl_Position = vec4(float((gl_VertexID & 1) << 2) - 1.0, float((gl_VertexID & 2) << 1) - 1.0, 0.0, 1.0);
}`;

/** The fragment shader of a draw. Equal sources share a program, so sizes are uniforms wherever speed allows. */
export function fragmentShader(draw: Draw, cell: Cell): string {
  const list = (names: string[], declare: (name: string, i: number) => string) =>
    names.map(declare).join('\n');
  const [textures, ints, floats] = [draw.textures, draw.ints ?? {}, draw.floats ?? {}].map(Object.keys);
  const outputs = Array.from({ length: outputsOf(draw.target) }, (_, i) => `${i}`);
  return `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler2DArray;
#define LX ${cell.lx}
#define LY ${cell.ly}
#define CW ${1 << cell.lx}
#define CH ${1 << cell.ly}
${list(textures, (name) => `uniform sampler2D${draw.textures[name].layers > 1 ? 'Array' : ''} ${name};`)}
${ints.length > 0 ? `uniform ivec4 I[${ints.length}];` : ''}
${floats.length > 0 ? `uniform vec4 F[${floats.length}];` : ''}
${draw.step ? 'uniform vec4 D;\nuniform uint K;' : ''}
${list(ints, (name, i) => `#define ${name} I[${i}]`)}
${list(floats, (name, i) => `#define ${name} F[${i}]`)}
${list(outputs, (i) => `layout(location = ${i}) out vec4 o${i};`)}
${LIBRARY}
${draw.code}`;
}

/**
 * Operands: an image is an ivec4 (tile width, tile height, first group, tiles a column) beside its sampler;
 * a list of texels is its sampler and its first texel.
 */
const LIBRARY = `
// texel t of a list
ivec2 listAt(int t) { return ivec2(t & 1023, t >> 10); }
#define LIST(s, t) texelFetch(s, listAt(t), 0)
// place of group g's tile
ivec2 tile(ivec4 image, int g) {
  int a = g + image.z;
  int column = a / image.w;
  return ivec2(column, a - column * image.w) * image.xy;
}
// a pixel within a tile: texel and layer
ivec3 pixelAt(ivec2 tile, int x, int y) {
  return ivec3(tile + ivec2(x >> LX, y >> LY), ((y & (CH - 1)) << LX) | (x & (CW - 1)));
}
// (texel within the tile, group) of this fragment
ivec3 place(ivec4 image) {
  ivec2 f = ivec2(gl_FragCoord.xy);
  ivec2 cell = f / image.xy;
  return ivec3(f - cell * image.xy, cell.x * image.w + cell.y - image.z);
}
int reflectIn(int i, int n) {
  return max(n - 1 - abs(n - 1 - abs(i)), 0);
}
`;
