/**
 * The part of WebGL2 this executor uses. The engine is compiled without the DOM library; a WebGL2RenderingContext
 * satisfies this interface as it is.
 */
export type GlObject = object;

export interface Gl {
  readonly canvas: unknown;
  getExtension(name: string): unknown;
  getParameter(name: number): unknown;
  getError(): number;
  isContextLost(): boolean;
  flush(): void;
  disable(capability: number): void;

  createTexture(): GlObject | null;
  deleteTexture(texture: GlObject | null): void;
  activeTexture(unit: number): void;
  bindTexture(target: number, texture: GlObject | null): void;
  texParameteri(target: number, name: number, value: number): void;
  texStorage3D(
    target: number,
    levels: number,
    format: number,
    width: number,
    height: number,
    depth: number,
  ): void;
  texStorage2D(target: number, levels: number, format: number, width: number, height: number): void;
  texSubImage2D(
    target: number,
    level: number,
    x: number,
    y: number,
    width: number,
    height: number,
    format: number,
    type: number,
    data: Float32Array,
  ): void;
  texSubImage3D(
    target: number,
    level: number,
    x: number,
    y: number,
    z: number,
    width: number,
    height: number,
    depth: number,
    format: number,
    type: number,
    data: Float32Array,
  ): void;

  createFramebuffer(): GlObject | null;
  deleteFramebuffer(framebuffer: GlObject | null): void;
  bindFramebuffer(target: number, framebuffer: GlObject | null): void;
  framebufferTexture2D(
    target: number,
    attachment: number,
    textureTarget: number,
    texture: GlObject | null,
    level: number,
  ): void;
  framebufferTextureLayer(
    target: number,
    attachment: number,
    texture: GlObject | null,
    level: number,
    layer: number,
  ): void;
  checkFramebufferStatus(target: number): number;
  drawBuffers(buffers: number[]): void;
  readBuffer(source: number): void;

  createBuffer(): GlObject | null;
  deleteBuffer(buffer: GlObject | null): void;
  bindBuffer(target: number, buffer: GlObject | null): void;
  bufferData(target: number, size: number, usage: number): void;
  getBufferSubData(target: number, offset: number, data: Float32Array): void;
  readPixels(
    x: number,
    y: number,
    width: number,
    height: number,
    format: number,
    type: number,
    offset: number,
  ): void;

  createShader(type: number): GlObject | null;
  shaderSource(shader: GlObject, source: string): void;
  compileShader(shader: GlObject): void;
  getShaderInfoLog(shader: GlObject): string | null;
  deleteShader(shader: GlObject | null): void;
  createProgram(): GlObject | null;
  attachShader(program: GlObject, shader: GlObject): void;
  linkProgram(program: GlObject): void;
  getProgramParameter(program: GlObject, name: number): unknown;
  getProgramInfoLog(program: GlObject): string | null;
  deleteProgram(program: GlObject | null): void;
  useProgram(program: GlObject | null): void;
  getUniformLocation(program: GlObject, name: string): GlObject | null;
  uniform1i(location: GlObject | null, value: number): void;
  uniform4iv(location: GlObject | null, data: Int32Array): void;
  uniform4fv(location: GlObject | null, data: Float32Array): void;
  uniform1ui(location: GlObject | null, value: number): void;

  viewport(x: number, y: number, width: number, height: number): void;
  drawArrays(mode: number, first: number, count: number): void;

  fenceSync(condition: number, flags: number): GlObject | null;
  getSyncParameter(sync: GlObject, name: number): unknown;
  deleteSync(sync: GlObject | null): void;
}

/** The constants it needs, as the specification numbers them. */
export const GL = {
  TRIANGLES: 0x0004,
  BLEND: 0x0be2,
  DITHER: 0x0bd0,
  FLOAT: 0x1406,
  RGBA: 0x1908,
  RENDERER: 0x1f01,
  NEAREST: 0x2600,
  TEXTURE_MAG_FILTER: 0x2800,
  TEXTURE_MIN_FILTER: 0x2801,
  MAX_TEXTURE_SIZE: 0x0d33,
  MAX_DRAW_BUFFERS: 0x8824,
  RGBA32F: 0x8814,
  TEXTURE_2D: 0x0de1,
  TEXTURE_2D_ARRAY: 0x8c1a,
  TEXTURE0: 0x84c0,
  FRAMEBUFFER: 0x8d40,
  FRAMEBUFFER_COMPLETE: 0x8cd5,
  COLOR_ATTACHMENT0: 0x8ce0,
  PIXEL_PACK_BUFFER: 0x88eb,
  STREAM_READ: 0x88e1,
  FRAGMENT_SHADER: 0x8b30,
  VERTEX_SHADER: 0x8b31,
  LINK_STATUS: 0x8b82,
  SYNC_GPU_COMMANDS_COMPLETE: 0x9117,
  SYNC_STATUS: 0x9114,
  SIGNALED: 0x9119,
  NO_ERROR: 0,
  UNMASKED_RENDERER: 0x9246,
  COMPLETION_STATUS: 0x91b1,
} as const;
