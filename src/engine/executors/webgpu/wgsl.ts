import type { Activation } from '../../network/graph.ts';
import type { BufferId, Slice, View } from '../../plan/plan.ts';

/** What a kernel's binding points at: a buffer of the plan, executor scratch shared by name, or constant data. */
export type BufferRef =
  | { readonly kind: 'plan'; readonly id: BufferId }
  | { readonly kind: 'scratch'; readonly name: string; readonly floats: number }
  | { readonly kind: 'constant'; readonly name: string; readonly data: Float32Array | Int32Array | Uint32Array };

export type ElementType = 'f32' | 'i32' | 'u32' | 'vec4f';
export type Access = 'read' | 'read_write';

export interface Binding {
  readonly buffer: BufferRef;
  readonly access: Access;
}

/** One dispatch as data. Whoever builds it knows the shapes; the executor knows the device. */
export interface Kernel {
  /** Kernel and shapes, for compile errors and timings. */
  readonly label: string;
  readonly code: string;
  readonly bindings: readonly Binding[];
  readonly workgroups: readonly [x: number, y: number, z: number];
  /** Multiply-adds, or elements touched where there are none: what splitting a long submission goes by. */
  readonly work: number;
}

export const planRef = (id: BufferId): BufferRef => ({ kind: 'plan', id });

const sameBuffer = (a: BufferRef, b: BufferRef): boolean =>
  (a.kind === 'plan' && b.kind === 'plan' && a.id === b.id) ||
  (a.kind === 'scratch' && b.kind === 'scratch' && a.name === b.name) ||
  (a.kind === 'constant' && b.kind === 'constant' && a.data === b.data);

/**
 * Collects the buffers of one kernel. A buffer named twice is bound once, with the stronger access: WebGPU forbids
 * binding it for reading and for writing in the same dispatch.
 */
export class Bindings {
  private readonly entries: { buffer: BufferRef; access: Access; element: ElementType }[] = [];

  read(buffer: BufferRef, element: ElementType = 'f32'): string {
    return this.bind(buffer, 'read', element);
  }

  write(buffer: BufferRef, element: ElementType = 'f32'): string {
    return this.bind(buffer, 'read_write', element);
  }

  get list(): Binding[] {
    return this.entries.map(({ buffer, access }) => ({ buffer, access }));
  }

  /** The module-scope variables. */
  get declarations(): string {
    return this.entries
      .map(
        ({ access, element }, i) =>
          `@group(0) @binding(${i}) var<storage, ${access}> b${i}: array<${element === 'vec4f' ? 'vec4<f32>' : element}>;`,
      )
      .join('\n');
  }

  private bind(buffer: BufferRef, access: Access, element: ElementType): string {
    const at = this.entries.findIndex((entry) => sameBuffer(entry.buffer, buffer));
    if (at < 0) return `b${this.entries.push({ buffer, access, element }) - 1}`;
    const entry = this.entries[at];
    if (entry.element !== element)
      throw new Error(`One buffer bound both as ${entry.element} and as ${element}.`);
    if (access === 'read_write') entry.access = access;
    return `b${at}`;
  }
}

/** A WGSL f32 literal with all its bits. */
export function float(value: number): string {
  const f = Math.fround(value);
  if (!Number.isFinite(f)) throw new Error(`No WGSL literal for ${value}.`);
  const text = String(f);
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** activation(v) as an expression. */
export function activate(activation: Activation | null, v: string): string {
  if (activation === null) return v;
  if (activation.kind === 'sigmoid') return `(1.0 / (1.0 + exp(-(${v}))))`;
  if (activation.slope === 0) return `max(${v}, 0.0)`;
  return `select(${v} * ${float(activation.slope)}, ${v}, ${v} > 0.0)`;
}

/** activation'(n) as an expression of the pre-activation n. */
export function activateSlope(activation: Activation | null, n: string): string {
  if (activation === null) return '1.0';
  if (activation.kind === 'leakyRelu') return `select(${float(activation.slope)}, 1.0, ${n} > 0.0)`;
  const s = activate(activation, n);
  return `(${s} * (1.0 - ${s}))`;
}

/** Declares scale and shift of channel `c` as `name_scale`, `name_shift`; nothing where the view has no affine. */
export function affineLoad(view: View, bindings: Bindings, c: string, name = 'x'): string {
  if (view.affine === null) return '';
  const affine = bindings.read(planRef(view.affine));
  return `let ${name}_scale = ${affine}[${c}]; let ${name}_shift = ${affine}[${view.channels}u + ${c}];`;
}

/** The pre-activation of a raw sample, given what `affineLoad` declared. */
export function affineApply(view: View, raw: string, name = 'x'): string {
  return view.affine === null ? raw : `(${name}_scale * ${raw} + ${name}_shift)`;
}

export const planeSize = (slice: Slice): number => slice.height * slice.width;
export const sliceFloats = (slice: Slice): number => slice.channels * slice.height * slice.width;

export const ceilDiv = (a: number, b: number): number => Math.ceil(a / b);
export const roundUp = (a: number, b: number): number => ceilDiv(a, b) * b;

/** "32×64×64", for labels. */
export const shapeText = (slice: Slice): string => `${slice.channels}×${slice.height}×${slice.width}`;
