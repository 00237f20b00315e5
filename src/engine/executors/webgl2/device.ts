import { abortError, GpuUnavailableError, OutOfMemoryError } from '../../errors.ts';
import { turn } from '../../time-slicing.ts';
import type { Draw, Rect, StepNumbers, Surface } from './draw.ts';
import { Fences, lostError } from './fences.ts';
import { GL, type Gl, type GlObject } from './gl.ts';
import type { Cell } from './layout.ts';
import { type Program, Programs } from './programs.ts';

/** A draw with everything looked up: what is left to do each time is binding and drawing. */
export interface PreparedDraw {
  readonly draw: Draw;
  readonly program: Program;
  readonly framebuffer: GlObject;
  readonly textures: readonly (readonly [target: number, texture: GlObject])[];
  readonly ints: Int32Array | null;
  readonly floats: Float32Array | null;
  readonly rects: readonly Rect[];
}

/**
 * Multiply-adds after which a draw is cut, so that none takes longer than about 20 ms on a slow integrated GPU:
 * Windows resets a GPU that is busy for 2 s, and the page's own drawing waits behind ours.
 */
const DRAW_WORK = 1e9;

/** What is copied at once: about 1 ms of work. */
export const PIECE_FLOATS = 2 ** 19;

/** What is sent to the GPU before it must have taken it: where its mail is full, we would stand and wait. */
const SENT_FLOATS = 2 ** 21;

/** Textures, framebuffers and draws on one context, with its programs. Counts what is alive. */
export class Device {
  readonly cell: Cell;
  readonly maxTexture: number;
  private readonly textures = new Map<Surface, GlObject>();
  private readonly framebuffers = new Map<string, GlObject>();
  private readonly surfaceIds = new Map<Surface, number>();
  private readonly programs: Programs;
  private readonly attachments = new Set<number>();
  private readonly packBuffers = new Set<GlObject>();
  private lost = false;
  private readonly fences: Fences;
  /** Floats sent since the last wait. */
  private sent = 0;

  /** `patience`: how long the GPU may leave a question unanswered, ms. */
  constructor(
    readonly gl: Gl,
    patience: number,
  ) {
    const loss = () => (this.lost || gl.isContextLost() ? lostError() : null);
    this.fences = new Fences(gl, loss, patience);
    if (!gl.getExtension('EXT_color_buffer_float'))
      throw new GpuUnavailableError('This WebGL2 cannot draw to 32-bit float textures; choose wasm instead.');
    gl.disable(GL.BLEND);
    gl.disable(GL.DITHER);
    const wide = (gl.getParameter(GL.MAX_DRAW_BUFFERS) as number) >= 8;
    this.cell = wide ? { lx: 2, ly: 1, pixels: 8 } : { lx: 1, ly: 1, pixels: 4 };
    this.maxTexture = gl.getParameter(GL.MAX_TEXTURE_SIZE) as number;
    this.programs = new Programs(gl, this.cell, patience);
    listenForLoss(gl.canvas, () => {
      this.lost = true;
    });
  }

  /** Live objects; all 0 after the runs are disposed, except the programs, which go with the device. */
  get alive(): { textures: number; framebuffers: number; buffers: number; programs: number } {
    return {
      textures: this.textures.size,
      framebuffers: this.framebuffers.size,
      buffers: this.packBuffers.size,
      programs: this.programs.size,
    };
  }

  /**
   * Creates the texture of each surface, all 0. Throws OutOfMemoryError where one fails, an AbortError where they are
   * freed meanwhile.
   */
  async allocate(surfaces: readonly Surface[]): Promise<void> {
    const { gl } = this;
    for (const surface of surfaces) {
      const texture = gl.createTexture();
      if (!texture) throw lostError();
      this.textures.set(surface, texture);
      const { width, height, layers } = surface;
      const target = targetOf(surface);
      gl.bindTexture(target, texture);
      if (layers > 1) gl.texStorage3D(target, 1, GL.RGBA32F, width, height, layers);
      else gl.texStorage2D(target, 1, GL.RGBA32F, width, height);
      gl.texParameteri(target, GL.TEXTURE_MIN_FILTER, GL.NEAREST);
      gl.texParameteri(target, GL.TEXTURE_MAG_FILTER, GL.NEAREST);
    }
    // A question waits for the GPU process to catch up: so it is asked once, when that has happened.
    await this.finished();
    for (const surface of surfaces) this.textureOf(surface);
    if (gl.getError() === GL.NO_ERROR && !gl.isContextLost()) return;
    if (gl.isContextLost()) throw lostError();
    const bytes = surfaces.reduce((sum, { width, height, layers }) => sum + 16 * width * height * layers, 0);
    throw new OutOfMemoryError(
      `WebGL2 could not allocate ${Math.ceil(bytes / 2 ** 20)} MiB; choose a thinner network or a smaller image.`,
    );
  }

  free(surfaces: Iterable<Surface>): void {
    for (const surface of surfaces) {
      const texture = this.textures.get(surface);
      if (!texture) continue;
      const id = `${this.idOf(surface)}`;
      for (const [key, framebuffer] of this.framebuffers)
        if (key.split(',').includes(id)) {
          this.gl.deleteFramebuffer(framebuffer);
          this.framebuffers.delete(key);
        }
      this.gl.deleteTexture(texture);
      this.textures.delete(surface);
      this.surfaceIds.delete(surface);
    }
  }

  /** Fills a surface, row after row, layer after layer, some rows at a time. */
  async upload(surface: Surface, data: Float32Array): Promise<void> {
    const { gl } = this;
    const { width, height, layers } = surface;
    const target = targetOf(surface);
    const most = Math.ceil(PIECE_FLOATS / (4 * width));
    for (let layer = 0; layer < layers; layer++)
      for (let y = 0; y < height; y += most) {
        await turn();
        const rows = Math.min(most, height - y);
        const from = 4 * width * (layer * height + y);
        const texels = data.subarray(from, from + 4 * width * rows);
        gl.bindTexture(target, this.textureOf(surface));
        if (layers > 1) gl.texSubImage3D(target, 0, 0, y, layer, width, rows, 1, GL.RGBA, GL.FLOAT, texels);
        else gl.texSubImage2D(target, 0, 0, y, width, rows, GL.RGBA, GL.FLOAT, texels);
        this.sent += texels.length;
        if (this.sent < SENT_FLOATS) continue;
        this.sent = 0;
        await this.finished();
      }
  }

  /** Starts the compilation of the program a draw needs; `prepare` waits for none of them, `ready` does. */
  startProgram(draw: Draw): void {
    this.programs.start(draw);
  }

  /** Resolves once all programs are linked; throws on a refused shader. */
  async ready(): Promise<void> {
    await this.finished(); // else the first question would wait for all that is asked for so far
    await this.programs.ready();
  }

  prepare(draw: Draw): PreparedDraw {
    const quads = (values: typeof draw.ints) => Object.values(values ?? {}).flat();
    const [ints, floats] = [quads(draw.ints), quads(draw.floats)];
    return {
      draw,
      program: this.programs.of(draw),
      framebuffer: this.framebuffer(draw.target),
      textures: Object.values(draw.textures).map((s) => [targetOf(s), this.textureOf(s)]),
      ints: ints.length > 0 ? Int32Array.from(ints) : null,
      floats: floats.length > 0 ? Float32Array.from(floats) : null,
      rects: draw.rects.flatMap((rect) => split(rect, draw.work)),
    };
  }

  run(prepared: PreparedDraw, numbers: StepNumbers): void {
    const { gl } = this;
    const { program, textures, ints, floats, draw } = prepared;
    gl.useProgram(program.handle);
    gl.bindFramebuffer(GL.FRAMEBUFFER, prepared.framebuffer);
    for (let i = 0; i < textures.length; i++) {
      gl.activeTexture(GL.TEXTURE0 + i);
      gl.bindTexture(...textures[i]);
    }
    if (ints) gl.uniform4iv(program.ints, ints);
    if (floats) gl.uniform4fv(program.floats, floats);
    let { rects } = prepared;
    if (draw.step) {
      const step = draw.step(numbers);
      if (step.floats) gl.uniform4fv(program.stepFloats, Float32Array.from(step.floats));
      if (step.key !== undefined) gl.uniform1ui(program.stepKey, step.key);
      if (step.rect) rects = [step.rect];
    }
    for (const [x, y, width, height] of rects) {
      gl.viewport(x, y, width, height);
      gl.drawArrays(GL.TRIANGLES, 0, 3);
      if (rects.length > 1) gl.flush();
    }
  }

  /** Copies texels into host memory once the GPU has come that far: layer after layer, rows of `rect`. */
  async read(surface: Surface, rect: Rect = [0, 0, surface.width, surface.height]): Promise<Float32Array> {
    const { gl } = this;
    const [x, y, width, height] = rect;
    const layerFloats = 4 * width * height;
    const data = new Float32Array(layerFloats * surface.layers);
    const buffer = gl.createBuffer();
    if (!buffer) throw lostError();
    this.packBuffers.add(buffer);
    gl.bindFramebuffer(GL.FRAMEBUFFER, this.framebuffer([surface]));
    gl.bindBuffer(GL.PIXEL_PACK_BUFFER, buffer);
    gl.bufferData(GL.PIXEL_PACK_BUFFER, data.byteLength, GL.STREAM_READ);
    for (let layer = 0; layer < surface.layers; layer++) {
      gl.readBuffer(GL.COLOR_ATTACHMENT0 + layer);
      gl.readPixels(x, y, width, height, GL.RGBA, GL.FLOAT, layer * layerFloats * 4);
    }
    gl.bindBuffer(GL.PIXEL_PACK_BUFFER, null);
    try {
      await this.fences.passed(() => this.take(buffer, data));
    } finally {
      gl.deleteBuffer(buffer);
      this.packBuffers.delete(buffer);
    }
    return data;
  }

  /** Copies what a buffer holds, some of it at a time. */
  private async take(buffer: GlObject, data: Float32Array): Promise<void> {
    const { gl } = this;
    for (let from = 0; from < data.length; from += PIECE_FLOATS) {
      await turn();
      if (this.lost || gl.isContextLost() || !this.packBuffers.has(buffer)) throw lostError();
      gl.bindBuffer(GL.PIXEL_PACK_BUFFER, buffer);
      gl.getBufferSubData(GL.PIXEL_PACK_BUFFER, 4 * from, data.subarray(from, from + PIECE_FLOATS));
      gl.bindBuffer(GL.PIXEL_PACK_BUFFER, null);
    }
  }

  /**
   * Resolves when the GPU has done all that was asked for so far, after all that was asked for before. Rejects with
   * DeviceLostError when the context is lost meanwhile.
   */
  finished(): Promise<void> {
    return this.fences.passed(async () => {});
  }

  dispose(): void {
    this.free([...this.textures.keys()]);
    this.programs.dispose();
  }

  private textureOf(surface: Surface): GlObject {
    const texture = this.textures.get(surface);
    if (!texture) throw abortError(); // freed while somebody still worked on it
    return texture;
  }

  private idOf(surface: Surface): number {
    const id = this.surfaceIds.get(surface) ?? nextSurfaceId++;
    this.surfaceIds.set(surface, id);
    return id;
  }

  private framebuffer(target: readonly Surface[]): GlObject {
    const { gl } = this;
    const key = target.map((surface) => this.idOf(surface)).join();
    const known = this.framebuffers.get(key);
    if (known) return known;
    const framebuffer = gl.createFramebuffer();
    if (!framebuffer) throw lostError();
    gl.bindFramebuffer(GL.FRAMEBUFFER, framebuffer);
    const attachments: number[] = [];
    for (const surface of target)
      for (let layer = 0; layer < surface.layers; layer++) {
        const attachment = GL.COLOR_ATTACHMENT0 + attachments.length;
        const texture = this.textureOf(surface);
        if (surface.layers > 1) gl.framebufferTextureLayer(GL.FRAMEBUFFER, attachment, texture, 0, layer);
        else gl.framebufferTexture2D(GL.FRAMEBUFFER, attachment, GL.TEXTURE_2D, texture, 0);
        attachments.push(attachment);
      }
    gl.drawBuffers(attachments);
    this.framebuffers.set(key, framebuffer);
    this.checkAttachments(attachments.length);
    return framebuffer;
  }

  /** Asks once for each number of attachments: all else about framebuffers is alike, and the answer takes its time. */
  private checkAttachments(count: number): void {
    if (this.attachments.has(count)) return;
    const { gl } = this;
    const status = gl.checkFramebufferStatus(GL.FRAMEBUFFER);
    if (status !== GL.FRAMEBUFFER_COMPLETE && !gl.isContextLost())
      throw new GpuUnavailableError(
        `This WebGL2 cannot draw to ${count} float textures at once (status 0x${status.toString(16)}); choose wasm instead.`,
      );
    this.attachments.add(count);
  }
}

const targetOf = ({ layers }: Surface) => (layers > 1 ? GL.TEXTURE_2D_ARRAY : GL.TEXTURE_2D);

let nextSurfaceId = 0;

/** A context may be lost and restored between two questions: its objects are gone all the same. */
function listenForLoss(canvas: unknown, onLoss: () => void): void {
  const target = canvas as { addEventListener?(type: string, listener: () => void): void } | null;
  target?.addEventListener?.('webglcontextlost', onLoss);
}

/** Cuts a rectangle into rows so that no part exceeds the work of one draw. */
function split(rect: Rect, work: number): Rect[] {
  const [x, y, width, height] = rect;
  const rows = Math.max(1, Math.floor(DRAW_WORK / (width * work)));
  const parts: Rect[] = [];
  for (let row = 0; row < height; row += rows) parts.push([x, y + row, width, Math.min(rows, height - row)]);
  return parts;
}
