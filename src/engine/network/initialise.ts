import type { Wave } from '../image/spectrum.ts';
import type { Plan } from '../plan/plan.ts';
import { streamKey, uniform } from '../random.ts';
import { atOnce, type Pieces } from '../time-slicing.ts';

/** Streams of the generator that are not training steps; steps count from 0. */
const PARAMETER_STREAM = 0x80000000;
const INPUT_STREAM = 0xc0000000;

/** Random numbers drawn in a millisecond or so. */
const PIECE = 2 ** 16;

/** The initial theta arena: each parameter by its own stream, so that one layer's size never moves another's values. */
export function initialParameters(plan: Plan, seed: number): Float32Array {
  return atOnce(parametersInPieces(plan, seed));
}

/** The same, a parameter a piece. */
export function* parametersInPieces(plan: Plan, seed: number): Pieces<Float32Array> {
  const theta = new Float32Array(plan.arenaFloats);
  for (const { id, offset, size, init } of plan.parameters) {
    const values = theta.subarray(offset, offset + size);
    if (init.kind === 'constant') values.fill(init.value);
    else {
      const key = streamKey(seed, PARAMETER_STREAM + id);
      for (let i = 0; i < size; i++) values[i] = (2 * uniform(key, i) - 1) * init.bound;
    }
    yield;
  }
  return theta;
}

/** The network's fixed input z: uniform in [0, amplitude), the paper's 0.1. */
export function randomInput(floats: number, seed: number, amplitude: number): Float32Array {
  return atOnce(inputInPieces(floats, seed, amplitude));
}

/** The same in pieces. */
export function* inputInPieces(floats: number, seed: number, amplitude: number): Pieces<Float32Array> {
  const z = new Float32Array(floats);
  const key = streamKey(seed, INPUT_STREAM);
  for (let from = 0; from < floats; from += PIECE) {
    const end = Math.min(floats, from + PIECE);
    for (let i = from; i < end; i++) z[i] = uniform(key, i) * amplitude;
    yield;
  }
  return z;
}

/** The meshgrid input for large holes: x and y ramps in [0, 1], 2 planes. */
export function meshgrid(height: number, width: number): Float32Array {
  const z = new Float32Array(2 * height * width);
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) {
      z[i * width + j] = j / Math.max(1, width - 1);
      z[(height + i) * width + j] = i / Math.max(1, height - 1);
    }
  return z;
}

/**
 * Each wave as two planes of [0, amplitude], a quarter period apart: their weighted sums are that wave at any phase and
 * strength, which the network would have to grow out of noise otherwise.
 */
export function* wavePlanes(
  waves: readonly Wave[],
  height: number,
  width: number,
  amplitude: number,
): Pieces<Float32Array> {
  const z = new Float32Array(2 * waves.length * height * width);
  let at = 0;
  for (const { down, across } of waves)
    for (const phase of [0, 0.25])
      for (let i = 0; i < height; i++) {
        for (let j = 0; j < width; j++)
          z[at++] = (amplitude / 2) * (1 + Math.cos(2 * Math.PI * (down * i + across * j + phase)));
        yield;
      }
  return z;
}
