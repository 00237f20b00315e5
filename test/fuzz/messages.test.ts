import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineOptions, type RestoreFlags } from '../../src/cli/restore-options.ts';
import { InvalidOptionError } from '../../src/engine/errors.ts';
import { isToPlugin, isToUi } from '../../src/wire/messages.ts';
import { holds } from './fuzz.ts';

const anything = fc.anything({
  withBigInt: true,
  withMap: true,
  withNullPrototype: true,
  withSparseArray: true,
});

describe('messages', () => {
  const TYPES = ['ready', 'read', 'write', 'settings', 'selection', 'failed', 'source', 'resize', 'close'];
  const FIELDS = [
    'id',
    'nodeId',
    'fillIndex',
    'maskIds',
    'bytes',
    'settings',
    'targets',
    'masks',
    'problems',
  ];

  it('of any kind are taken or not, and never throw', async () => {
    const message = fc.oneof(
      anything,
      fc
        .tuple(fc.constantFrom(...TYPES), fc.dictionary(fc.constantFrom(...FIELDS), anything, { maxKeys: 4 }))
        .map(([type, fields]) => ({ ...fields, type })),
    );
    await holds(message, (value) => {
      expect(typeof isToPlugin(value)).toBe('boolean');
      expect(typeof isToUi(value)).toBe('boolean');
    });
  });
});

describe('flags of the command line', () => {
  const NAMES = [
    'task',
    'scale',
    'quality',
    'executor',
    'prior',
    'tv',
    'seed',
    'steps',
    'maxSeconds',
    'maskGrow',
  ];
  const word = fc.oneof(
    fc.constantFrom(
      'auto',
      'denoise',
      'upscale',
      'inpaint',
      'fast',
      'wasm',
      'tv',
      'nonlocal',
      '',
      '-1',
      'NaN',
    ),
    fc.string(),
    fc.double(),
    fc.constantFrom(0, 1, 2, 4.5, 1e9, -3),
  );

  it('are options or refused as one', async () => {
    await holds(
      fc.dictionary(fc.constantFrom(...NAMES, 'mask', 'maskKnown'), word, { maxKeys: 5 }),
      (flags) => {
        try {
          expect(engineOptions(flags as RestoreFlags)).toHaveProperty('task');
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidOptionError);
        }
      },
    );
  });
});
