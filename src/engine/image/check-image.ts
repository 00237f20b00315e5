import { InvalidOptionError, InvalidSamplesError, shown } from '../errors.ts';
import { isInterleaved } from './interleaved.ts';
import { isTensor } from './tensor.ts';

/** Whether a value is a typed array of one of these kinds, of whatever realm. */
export function hasTag(value: unknown, ...kinds: readonly string[]): boolean {
  return (
    ArrayBuffer.isView(value) &&
    kinds.includes((value as unknown as Record<symbol, string>)[Symbol.toStringTag])
  );
}

const FORMS =
  'an ImageData or other {data, width, height}, {planes, width, height}, sharp’s {data, info} or a tensor';

/**
 * Throws InvalidOptionError unless a value has one of the forms of an image, InvalidSamplesError unless with samples in typed arrays. Sizes and samples
 * are checked where they are read.
 */
export function checkForm(image: unknown): void {
  if (typeof image !== 'object' || image === null) throw InvalidOptionError.of('the image', FORMS, image);
  const { planes, data, info, shape } = image as Record<string, unknown>;
  if (isTensor(image)) {
    const whole = isShort(shape) && shape.every((side) => Number.isInteger(side) && (side as number) >= 0);
    if (!whole || typeof data !== 'function')
      throw new InvalidSamplesError(
        `Expected a tensor {shape, dtype, data()} but its shape is ${shown(shape)}.`,
      );
  } else if (isInterleaved(image)) {
    if (typeof info !== 'object' || info === null)
      throw new InvalidSamplesError(`Expected info {width, height, channels} but received ${shown(info)}.`);
    checkData(data, 'Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Float32Array');
  } else if ('planes' in image) {
    if (!isShort(planes) || !planes.every((plane) => hasTag(plane, 'Float32Array')))
      throw new InvalidSamplesError(`Expected planes as Float32Array but received ${shown(planes)}.`);
  } else if (data === undefined) throw InvalidOptionError.of('the image', FORMS, image);
  else checkData(data, 'Uint8Array', 'Uint8ClampedArray');
}

/** Whether it is a list that can be looked through. */
const isShort = (list: unknown): list is unknown[] => Array.isArray(list) && list.length <= 8;

function checkData(data: unknown, ...kinds: readonly string[]): void {
  if (hasTag(data, ...kinds)) return;
  throw new InvalidSamplesError(
    `Expected an image's data as ${kinds.join(' or ')} but received ${shown(data)}.`,
  );
}
