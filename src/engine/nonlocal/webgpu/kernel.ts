/**
 * The denoising of ../assembly/denoise.ts as WGSL, from the same memory and in the same rounds: a dispatch a round, a
 * workgroup for each reference patch.
 */
import { type BufferRef, ceilDiv, float, type Kernel, KernelBuilder } from '../../executors/webgpu/wgsl.ts';
import { type KernelTask, TASK_BASE } from '../kernels.ts';
import { ROUNDS, SPACING } from '../rounds.ts';
import { type DenoiseHeader, headerOf } from '../strip.ts';
import { SEARCH } from './search.ts';
import { SHRINK } from './shrink.ts';
import { WIENER } from './wiener.ts';

const THREADS = 64;

/** Sums are whole numbers, for which there are atomic additions, in any order the same: 1 is so much. Estimates are within ±2, and a sample has some hundred. */
const ONE = 2 ** 17;

/** What a dispatch reads and writes, [planes + 1, height, width] and [height, width] of it. */
const TASK: BufferRef = { kind: 'scratch', name: 'task', floats: 0 };
const SUMS: BufferRef = { kind: 'scratch', name: 'sums', floats: 0 };
const USED: BufferRef = { kind: 'scratch', name: 'used', floats: 0 };

const NOISE = /* wgsl */ `
/** Black and slope of each plane's variance, and where the tables of its correlation begin. */
var<private> noise: array<vec2<f32>, PLANES>;
var<private> tables: array<vec3<u32>, PLANES>;
const INVERSE = 0u;
const WHITENING = 1u;
const COLOURING = 2u;

fn varianceAt(plane: u32, brightness: f32) -> f32 {
  return max(1e-8, noise[plane].x + noise[plane].y * brightness);
}

fn tableAt(plane: u32, table: u32) -> u32 {
  return tables[plane][table];
}`;

const up = (n: number, multiple: number) => ceilDiv(n, multiple) * multiple;

/** What does not change within a step, so that its strips share a pipeline. */
function literals({ planes, guided, patch, radius, members, noise }: DenoiseHeader): string {
  const size = patch ** 2;
  const matrices = 2 * (guided ? members : size) ** 2;
  const whole = {
    ...{ THREADS, PATCH: patch, SIZE: size, PLANES: planes, LENGTH: (guided ? planes : 1) * size },
    ...{ MEMBERS: members, RADIUS: radius, TABLE_STRIDE: up(size, 8) },
    WORK: Math.max((2 * radius + 1) ** 2, matrices),
  };
  return [
    ...Object.entries(whole).map(([name, value]) => `const ${name} = ${value}u;`),
    `const COLOURED = array<bool, PLANES>(${noise.map(({ tables }) => tables !== null).join(', ')});`,
    'var<private> area: u32; var<private> width: u32; var<private> height: u32;',
    'var<private> level_scale: f32; var<private> noisy_at: u32; var<private> guide_at: u32;',
    'var<workgroup> work: array<f32, WORK>;',
  ].join('\n');
}

/** The dispatches of a strip, in order; `task` describes it. */
export function denoiseKernels(task: KernelTask): Kernel[] {
  const header = headerOf(task);
  return ROUNDS.map((_, round) => roundKernel(header, round)).filter(
    ({ workgroups }) => Math.min(...workgroups) > 0,
  );
}

function roundKernel(header: DenoiseHeader, round: number): Kernel {
  const { width, height, patch, firstRow, endRow, members, stride, radius, planes, noise } = header;
  const k = new KernelBuilder();
  const [task, sums, used] = [k.read(TASK), k.write(SUMS, 'atomic<i32>'), k.write(USED, 'atomic<u32>')];
  const [row, column] = ROUNDS[round];
  const word = (address: number) => (address - TASK_BASE) / 4;
  k.u32('strip_width', width);
  k.u32('strip_height', height);
  k.u32('first_row', firstRow + row);
  k.u32('first_column', column);
  k.u32('noisy', word(header.noisy));
  k.u32('guide', word(header.guide));
  k.f32('scale', header.scale);
  k.f32('brightness_factor', header.brightness);
  k.u32('mark', ROUNDS.length - round);
  k.u32('end_row', endRow);
  k.u32('only_last', row % stride === 0 && column % stride === 0 ? 0 : 1);
  const planeNoise = noise.map(({ black, slope, tables }, p) => {
    const [inverse, whitening, colouring] = (tables ?? [TASK_BASE, TASK_BASE, TASK_BASE]).map((address, t) =>
      k.u32(`table${p}_${t}`, word(address)),
    );
    return `noise[${p}] = vec2<f32>(${k.f32(`black${p}`, black)}, ${k.f32(`slope${p}`, slope)});
  tables[${p}] = vec3<u32>(${inverse}, ${whitening}, ${colouring});`;
  });
  const functions = [literals(header), NOISE, SEARCH, header.guided ? WIENER : SHRINK, shared(sums)]
    .join('\n')
    .replaceAll(/\btask\[/g, `${task}[`);
  const body = `
  width = strip_width; height = strip_height; area = width * height;
  level_scale = scale; noisy_at = noisy; guide_at = guide;
  ${planeNoise.join('\n  ')}
  let reference = vec2<u32>(first_column, first_row) + ${SPACING}u * wg.xy;
  let is_last = reference.y + 1u == end_row || reference.x + PATCH == strip_width;
  if (only_last == 1u && !is_last) { return; }
  // What this round marks is no news to it.
  if (li == 0u) { fresh = u32(atomicLoad(&${used}[reference.y * strip_width + reference.x]) <= mark); }
  if (workgroupUniformLoad(&fresh) == 0u) { return; }
  let span = vec2<u32>(strip_width, strip_height) - PATCH;
  let found = min(reference + RADIUS, span) - (max(reference, vec2<u32>(RADIUS)) - RADIUS) + 1u;
  let count = min(MEMBERS, found.x * found.y);
  search(reference, count, li);
  estimate(count, brightness_factor * meanOfFirst(count, li), li);
  for (var m = li; m < count; m += THREADS) {
    atomicMax(&${used}[members[m]], mark);
    for (var c = 0u; c < SIZE; c++) { atomicAdd(&${sums}[PLANES * area + sampleAt(members[m], c)], 1); }
  }`;
  const across = ceilDiv(width - patch + 1 - column, SPACING);
  const down = ceilDiv(endRow - firstRow - row, SPACING);
  const length = (header.guided ? planes : 1) * patch ** 2;
  const each = length * ((2 * radius + 1) ** 2 + 3 * members ** 2);
  const label = `denoise ${patch}×${patch}×${planes}${header.guided ? ' by a guide' : ''}, round ${round}`;
  const grid = [Math.max(0, across), Math.max(0, down), 1] as const;
  return k.finish({
    label,
    size: [THREADS, 1, 1],
    workgroups: grid,
    work: across * down * each,
    body,
    functions,
  });
}

const shared = (sums: string) => /* wgsl */ `
var<workgroup> fresh: u32;
var<workgroup> parts: array<f32, THREADS>;

/** Adds an estimate of a sample. */
fn putBack(at: u32, value: f32) {
  atomicAdd(&${sums}[at], i32(round(value * ${float(ONE)})));
}

/** The mean of the group's first plane. */
fn meanOfFirst(count: u32, li: u32) -> f32 {
  var part = 0.0;
  for (var e = li; e < count * SIZE; e += THREADS) {
    part += task[guide_at + sampleAt(members[e / SIZE], e % SIZE)];
  }
  parts[li] = part;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < THREADS; i++) { sum += parts[i]; }
  return sum / f32(count * SIZE);
}`;

/** The task's answer, from the sums as they were read back. */
export function answerOf(task: KernelTask, sums: Int32Array): Float32Array {
  const { planes, width, height } = headerOf(task);
  const estimates = planes * width * height;
  return Float32Array.from(sums, (sum, i) => (i < estimates ? sum / ONE : sum));
}
