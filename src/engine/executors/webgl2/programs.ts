import { GpuUnavailableError } from '../../errors.ts';
import { breathe, turn } from '../../time-slicing.ts';
import { Waiting } from '../answer.ts';
import { type Draw, fragmentShader, VERTEX_SHADER } from './draw.ts';
import { lostError, pause } from './fences.ts';
import { GL, type Gl, type GlObject } from './gl.ts';
import type { Cell } from './layout.ts';

/** A program and where its uniforms are; they are known once it is ready. */
export interface Program {
  readonly handle: GlObject;
  readonly shader: GlObject;
  readonly source: string;
  ints: GlObject | null;
  floats: GlObject | null;
  stepFloats: GlObject | null;
  stepKey: GlObject | null;
}

/** The programs of one context, each shader written and compiled once. */
export class Programs {
  private readonly programs = new Map<string, Program>();
  /** Writing a shader takes its time. */
  private readonly sources = new WeakMap<Draw, string>();
  /** All share it. */
  private readonly vertexShader: GlObject;
  private readonly parallelCompile: boolean;

  constructor(
    private readonly gl: Gl,
    private readonly cell: Cell,
    private readonly patience: number,
  ) {
    this.parallelCompile = gl.getExtension('KHR_parallel_shader_compile') !== null;
    this.vertexShader = this.compileShader(GL.VERTEX_SHADER, VERTEX_SHADER);
  }

  get size(): number {
    return this.programs.size;
  }

  /** Starts the compilation of the program a draw needs. */
  start(draw: Draw): void {
    const source = fragmentShader(draw, this.cell);
    const program = this.programs.get(source) ?? this.build(source);
    this.programs.set(source, program);
    this.sources.set(draw, program.source);
  }

  /** The program of a draw that was started. */
  of(draw: Draw): Program {
    return this.programs.get(this.sources.get(draw)!)!;
  }

  /** Resolves once all are linked, without a task longer than one link; throws on a refused shader. */
  async ready(): Promise<void> {
    for (const program of [...this.programs.values()]) {
      const waiting = new Waiting(this.patience, 'compiling');
      while (this.parallelCompile && !this.gl.getProgramParameter(program.handle, GL.COMPLETION_STATUS)) {
        await pause(4);
        const over = this.gl.isContextLost() ? lostError() : waiting.over();
        if (over) throw over;
      }
      await (this.parallelCompile ? turn() : breathe());
      this.finish(program);
    }
  }

  dispose(): void {
    for (const { handle, shader } of this.programs.values()) {
      this.gl.deleteProgram(handle);
      this.gl.deleteShader(shader);
    }
    this.programs.clear();
    this.gl.deleteShader(this.vertexShader);
  }

  private build(source: string): Program {
    const { gl } = this;
    const shader = this.compileShader(GL.FRAGMENT_SHADER, source);
    const handle = gl.createProgram();
    if (!handle) throw lostError();
    gl.attachShader(handle, this.vertexShader);
    gl.attachShader(handle, shader);
    gl.linkProgram(handle);
    return { handle, shader, source, ints: null, floats: null, stepFloats: null, stepKey: null };
  }

  private finish(program: Program): void {
    const { gl } = this;
    const { handle, shader, source } = program;
    if (!gl.getProgramParameter(handle, GL.LINK_STATUS)) {
      if (gl.isContextLost()) throw lostError();
      const log = gl.getShaderInfoLog(shader) || gl.getProgramInfoLog(handle);
      throw new GpuUnavailableError(`This WebGL2 refused a shader: ${log?.trim()}\n${source}`);
    }
    gl.useProgram(handle);
    const samplers = [...source.matchAll(/^uniform sampler2D(?:Array)? (\w+);/gm)].map(([, name]) => name);
    samplers.forEach((name, unit) => {
      gl.uniform1i(gl.getUniformLocation(handle, name), unit);
    });
    program.ints = gl.getUniformLocation(handle, 'I');
    program.floats = gl.getUniformLocation(handle, 'F');
    program.stepFloats = gl.getUniformLocation(handle, 'D');
    program.stepKey = gl.getUniformLocation(handle, 'K');
  }

  private compileShader(type: number, source: string): GlObject {
    const shader = this.gl.createShader(type);
    if (!shader) throw lostError();
    this.gl.shaderSource(shader, source);
    this.gl.compileShader(shader);
    return shader;
  }
}
