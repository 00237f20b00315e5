/** Why a restoration was refused or given up; stable, for programs. */
export type ErrorCode =
  | 'invalid-option'
  | 'image-size'
  | 'invalid-samples'
  | 'mask'
  | 'gpu-unavailable'
  | 'device-lost'
  | 'out-of-memory'
  | 'diverged'
  | 'checkpoint';

/** The names under which errors are known, whatever a bundler makes of the classes'. */
const NAMES: Readonly<Record<ErrorCode, string>> = {
  'invalid-option': 'InvalidOptionError',
  'image-size': 'ImageSizeError',
  'invalid-samples': 'InvalidSamplesError',
  mask: 'MaskError',
  'gpu-unavailable': 'GpuUnavailableError',
  'device-lost': 'DeviceLostError',
  'out-of-memory': 'OutOfMemoryError',
  diverged: 'DivergedError',
  checkpoint: 'CheckpointError',
};

/** Any value in a sentence; not all of them have a text of their own. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value.length > 200 ? `"${value.slice(0, 200)}…"` : `"${value}"`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  const { length } = value as { length?: unknown };
  return Number.isInteger(length) ? `${kind}(${length})` : kind === 'Object' ? 'an object' : `a ${kind}`;
}

/** Base of every error the engine throws on purpose. An abort is a DOMException named AbortError instead. */
export class RestoreError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
    this.name = NAMES[code];
  }
}

/** An option outside its range or of the wrong type. */
export class InvalidOptionError extends RestoreError {
  constructor(message: string) {
    super('invalid-option', message);
  }

  static of(name: string, expected: string, received: unknown): InvalidOptionError {
    return new InvalidOptionError(`Expected ${expected} for ${name} but received ${shown(received)}.`);
  }
}

/** An image too small, too large, or whose data do not match its width × height. */
export class ImageSizeError extends RestoreError {
  constructor(message: string) {
    super('image-size', message);
  }
}

/** Samples that are not numbers, or not finite. */
export class InvalidSamplesError extends RestoreError {
  constructor(message: string) {
    super('invalid-samples', message);
  }
}

/** A mask of another size than the image, or one that leaves nothing known or nothing to fill. */
export class MaskError extends RestoreError {
  constructor(message: string) {
    super('mask', message);
  }
}

/** The executor that was asked for cannot run here. */
export class GpuUnavailableError extends RestoreError {
  constructor(message: string) {
    super('gpu-unavailable', message);
  }
}

/** The GPU, or a worker thread of the CPU engine, went away and could not be recovered. */
export class DeviceLostError extends RestoreError {
  constructor(message: string) {
    super('device-lost', message);
  }
}

/** The plan needs more memory than the executor has. */
export class OutOfMemoryError extends RestoreError {
  constructor(message: string) {
    super('out-of-memory', message);
  }
}

/** The optimisation produced values that are not finite, again and again. */
export class DivergedError extends RestoreError {
  constructor(message: string) {
    super('diverged', message);
  }
}

/** A checkpoint that is not whole, of another release, or of another restoration. */
export class CheckpointError extends RestoreError {
  constructor(message: string) {
    super('checkpoint', message);
  }
}

/** What an aborted call rejects with, as fetch does. */
export function abortError(): DOMException {
  return new DOMException('The restoration was aborted.', 'AbortError');
}
