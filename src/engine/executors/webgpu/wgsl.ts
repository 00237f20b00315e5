import type { Activation } from '../../network/graph.ts';
import type { BufferId, Slice, View } from '../../plan/calls.ts';

/** What a kernel's binding points at: a buffer of the plan, executor scratch shared by name, or constant data. */
export type BufferRef =
  | { readonly kind: 'plan'; readonly id: BufferId }
  | { readonly kind: 'scratch'; readonly name: string; readonly floats: number }
  | {
      readonly kind: 'constant';
      readonly name: string;
      readonly data: Float32Array | Int32Array | Uint32Array;
    };

type ElementType = 'f32' | 'i32' | 'u32' | 'vec4f' | 'atomic<i32>' | 'atomic<u32>';
type Access = 'read' | 'read_write';

interface Binding {
  readonly buffer: BufferRef;
  readonly access: Access;
}

/** One dispatch as data. Whoever builds it knows the shapes; the executor knows the device. */
export interface Kernel {
  /** Kernel and shapes, for compile errors and timings. */
  readonly label: string;
  readonly code: string;
  readonly bindings: readonly Binding[];
  /** Contents of the uniform block: sizes and offsets, so that layers of the same structure share one pipeline. */
  readonly constants: Uint32Array<ArrayBuffer>;
  readonly workgroups: readonly [x: number, y: number, z: number];
  /** Multiply-adds, or elements touched where there are none: what splitting a long submission goes by. */
  readonly work: number;
  /** It only overwrites what it writes, from what it reads: a repetition can be left out. */
  readonly fills?: boolean;
}

/** What `finish` makes a kernel of, besides buffers and constants. */
interface KernelBody extends Pick<Kernel, 'label' | 'workgroups' | 'work'> {
  /** Threads of a workgroup. */
  readonly size: readonly [x: number, y: number, z: number];
  /** WGSL of main: may use wg, lid, li (index in the workgroup), gid, and every name handed out before. */
  readonly body: string;
  /** WGSL before main. */
  readonly functions?: string;
}

/** The constants of every kernel that say which workgroup is the first, along each axis. */
const FIRST_WORKGROUP = ['first_x', 'first_y', 'first_z'] as const;

export const planRef = (id: BufferId): BufferRef => ({ kind: 'plan', id });

export const sameBuffer = (a: BufferRef, b: BufferRef): boolean =>
  (a.kind === 'plan' && b.kind === 'plan' && a.id === b.id) ||
  (a.kind === 'scratch' && b.kind === 'scratch' && a.name === b.name) ||
  (a.kind === 'constant' && b.kind === 'constant' && a.data === b.data);

/**
 * Collects the buffers and constants of one kernel. A buffer named twice is bound once, with the stronger access:
 * WebGPU forbids binding it for reading and for writing in the same dispatch.
 */
export class KernelBuilder {
  private readonly entries: { buffer: BufferRef; access: Access; element: ElementType }[] = [];
  /** First of all where the workgroups of this dispatch start, so that a long one can be cut (cut.ts). */
  private readonly constants: { name: string; bits: number; type: 'u32' | 'f32' }[] = FIRST_WORKGROUP.map(
    (name) => ({ name, bits: 0, type: 'u32' }),
  );
  private readonly shared: string[] = [];
  private directives = '';

  read(buffer: BufferRef, element: ElementType = 'f32'): string {
    return this.bind(buffer, 'read', element);
  }

  write(buffer: BufferRef, element: ElementType = 'f32'): string {
    return this.bind(buffer, 'read_write', element);
  }

  /** A whole number from the uniform block, as a `let` of this name at the top of main. */
  u32(name: string, value: number): string {
    if (!(Number.isInteger(value) && value >= 0 && value < 2 ** 32))
      throw new Error(`Kernel constant ${name} must be a whole number below 2³², got ${value}.`);
    return this.constant(name, value, 'u32');
  }

  f32(name: string, value: number): string {
    return this.constant(name, new Uint32Array(Float32Array.of(value).buffer)[0], 'f32');
  }

  /** A workgroup array. */
  workgroup(name: string, element: string, length: number): string {
    this.shared.push(`var<workgroup> ${name}: array<${element}, ${length}>;`);
    return name;
  }

  /** The kernel uses quad operations, and quads end together: WGSL cannot prove that where it depends on an index. */
  usesQuads(): void {
    this.directives = 'enable subgroups;\ndiagnostic(off, subgroup_uniformity);\n';
  }

  finish({ label, size, workgroups, work, body, functions = '' }: KernelBody): Kernel {
    const names = 'xyzw';
    const lets = this.constants.map(({ name, type }, i) => {
      const at = `constants[${i >> 2}].${names[i & 3]}`;
      return `let ${name} = ${type === 'u32' ? at : `bitcast<f32>(${at})`};`;
    });
    const block = ceilDiv(this.constants.length, 4);
    const code = `${this.directives}${this.declarations(block)}
${functions}
@compute @workgroup_size(${size.join(', ')})
fn main(@builtin(workgroup_id) in_part: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>,
        @builtin(local_invocation_index) li: u32) {
  ${lets.join('\n  ')}
  let wg = in_part + vec3<u32>(${FIRST_WORKGROUP.join(', ')});
  let gid = wg * vec3<u32>(${size.join(', ')}) + lid;
${body}
}`;
    const constants = new Uint32Array(block * 4);
    this.constants.forEach(({ bits }, i) => {
      constants[i] = bits;
    });
    const bindings = this.entries.map(({ buffer, access }) => ({ buffer, access }));
    return { label, code, bindings, constants, workgroups, work };
  }

  private declarations(block: number): string {
    const buffers = this.entries.map(({ access, element }, i) => {
      const type = element === 'vec4f' ? 'vec4<f32>' : element;
      return `@group(0) @binding(${i + 1}) var<storage, ${access}> b${i}: array<${type}>;`;
    });
    const uniform = `@group(0) @binding(0) var<uniform> constants: array<vec4<u32>, ${block}>;`;
    return [uniform, ...buffers, ...this.shared].join('\n');
  }

  private constant(name: string, bits: number, type: 'u32' | 'f32'): string {
    const known = this.constants.find((constant) => constant.name === name);
    if (known && known.bits !== bits) throw new Error(`Kernel constant ${name} has two values.`);
    if (!known) this.constants.push({ name, bits, type });
    return name;
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

/** Declares scale and shift of channel `c` as `scale`, `shift`; nothing where the view has no affine. */
export function affineLoad(view: View, k: KernelBuilder, c: string): string {
  if (view.affine === null) return '';
  const affine = k.read(planRef(view.affine));
  const channels = k.u32('affine_channels', view.channels);
  return `let scale = ${affine}[${c}]; let shift = ${affine}[${channels} + ${c}];`;
}

/** The pre-activation of a raw sample, given what `affineLoad` declared. */
export function affineApply(view: View, raw: string): string {
  return view.affine === null ? raw : `(scale * ${raw} + shift)`;
}

export const planeSize = (slice: Slice): number => slice.height * slice.width;
export const sliceFloats = (slice: Slice): number => slice.channels * slice.height * slice.width;

export const ceilDiv = (a: number, b: number): number => Math.ceil(a / b);
export const roundUp = (a: number, b: number): number => ceilDiv(a, b) * b;

/** "32×64×64", for labels. */
export const shapeText = (slice: Slice): string => `${slice.channels}×${slice.height}×${slice.width}`;
