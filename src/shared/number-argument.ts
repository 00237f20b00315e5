import { InvalidArgumentError } from 'commander';

/** Parses a decimal number for commander; ranges are checked by whoever knows the option. */
export function number(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isNaN(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}
