import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as page from '../../src/browser/index.ts';
import { checkOptions } from '../../src/engine/check-options.ts';
import {
  analyse,
  estimate,
  type RasterImage,
  type RestoreOptions,
  restoration,
  restore,
} from '../../src/engine/index.ts';
import { NUMERIC_OPTIONS } from '../../src/engine/options.ts';
import * as node from '../../src/node/index.ts';
import { holds } from './fuzz.ts';

const image: RasterImage = { data: new Uint8ClampedArray(8 * 8 * 4).fill(255), width: 8, height: 8 };

/** Everything that is no option's value, symbols, objects without a text and hostile ones among them. */
const anything = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withTypedArray: true,
  }),
  fc.constantFrom<unknown>(
    Symbol('s'),
    Object.create(null),
    () => 1,
    new Proxy([], {}),
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    -0,
    1e300,
    '',
    'fast ',
    new Array(1e9),
  ),
);

const NAMES = [
  ...Object.keys(NUMERIC_OPTIONS),
  ...['expert', 'task', 'mask', 'guide', 'file', 'diagnosis', 'quality', 'executor', 'prior'],
  ...['signal', 'stopSignal', 'onProgress', 'map', 'host'],
];

const refusal = (call: () => unknown) =>
  Promise.resolve()
    .then(call)
    .then(
      () => 'taken',
      (error) => error,
    );

describe('options', () => {
  it.each<[string, object, RegExp]>([
    [
      'misspelt',
      { task: 'denoise', qualty: 'fast' },
      /There is no option "qualty"; quality was perhaps meant\./,
    ],
    ['of another name', { task: 'denoise', verbose: true }, /There is no option "verbose"\./],
    [
      'an expert one beside the others',
      { task: 'denoise', steps: 5 },
      /no option "steps" but among the expert ones: expert: \{ steps \}\./,
    ],
    [
      'one of the others among the experts',
      { task: 'denoise', expert: { seed: 5 } },
      /no option "seed" among the expert ones: it stands beside them\./,
    ],
    [
      'misspelt among the experts',
      { task: 'denoise', expert: { stepps: 5 } },
      /There is no option "stepps"; steps was perhaps meant\./,
    ],
    ['no group', { task: 'denoise', expert: 5 }, /an object \{steps, net, …\} for expert but received 5/],
    [
      'a signal that is none',
      { task: 'denoise', signal: true },
      /an AbortSignal.* for signal but received true/,
    ],
    ['a net that is a number', { task: 'denoise', expert: { net: 32 } }, /for expert\.net but received 32/],
    ['a function that is none', { task: 'denoise', onProgress: 'log' }, /a function for onProgress .* "log"/],
    ['without a task', {}, /one of auto, .* for task but received undefined/],
    ['a symbol', { task: Symbol('x') }, /for task but received Symbol\(x\)/],
    ['without a text', { task: Object.create(null) }, /for task but received an object/],
    [
      'not flags',
      { task: 'denoise', expert: { earlyStop: 'no' } },
      /true or false for expert\.earlyStop but received "no"/,
    ],
    ['no diagnosis', { task: 'denoise', diagnosis: { task: 'denoise' } }, /what analyse\(\) returns/],
    ['no host', { task: 'denoise', host: { threads: {} } }, /an EngineHost/],
    ['no file', { task: 'dejpeg', file: 'scan.jpg' }, /Uint8Array for file but received "scan.jpg"/],
  ])('%s are refused with the remedy', async (_, options, message) => {
    const error = await refusal(() => restore(image, options as RestoreOptions));
    expect(error).toMatchObject({ name: 'InvalidOptionError', message: expect.stringMatching(message) });
  });

  it.each([null, undefined, 3, 'denoise', []])('%s instead of them is refused', async (options) => {
    const error = await refusal(() => restore(image, options as never));
    expect(error).toMatchObject({ name: 'InvalidOptionError' });
  });

  /** All that takes them, on every host. */
  it.each<[string, (options: never) => unknown]>([
    ['analyse', (options) => analyse(image, options)],
    ['estimate', (options) => estimate(image, options)],
    ['restoration', (options) => restoration(image, options).result],
    ['Node’s restore', (options) => node.restore(image, options)],
    ['Node’s restoration', (options) => node.restoration('x.png', options).result],
    ['Node’s estimate', (options) => node.estimate(image, options)],
    ['a page’s restore', (options) => page.restore(image, options)],
    ['a page’s restoration', (options) => page.restoration(image, options).result],
    ['a page’s estimate', (options) => page.estimate(image, options)],
  ])('%s refuses what is none', async (name, call) => {
    const none = [{ task: 'denoise', signal: true }, { task: 'denoise', stopSignal: 3 }, { qualty: 'fast' }];
    for (const options of name === 'analyse' ? none : [...none, null, undefined, 3, 'denoise', []])
      expect(await refusal(() => call(options as never))).toMatchObject({ name: 'InvalidOptionError' });
  });

  it('of any kind are taken or refused with InvalidOptionError', async () => {
    const some = fc.dictionary(fc.constantFrom(...NAMES), anything, { maxKeys: 3 });
    await holds(some, async (options) => {
      const result = await refusal(() => checkOptions({ task: 'denoise', ...options } as RestoreOptions));
      if (result !== 'taken') expect(result).toMatchObject({ name: 'InvalidOptionError' });
    });
  });
});

describe('images', () => {
  it.each<[string, unknown]>([
    ['floats as a raster', { ...image, data: new Float32Array(256).fill(Number.NaN) }],
    ['a list as a raster', { ...image, data: new Array(256).fill(7) }],
    ['a list of a thousand million', { ...image, data: new Array(1e9) }],
    ['planes that are lists', { planes: [new Array(64).fill(0)], width: 8, height: 8 }],
    ['planes that are none', { planes: 3, width: 8, height: 8 }],
    ['a width that is a symbol', { ...image, width: Symbol('w') }],
    ['a tensor without data', { shape: [8, 8, 3], dtype: 'float32' }],
    ['samples without info', { data: new Uint8Array(64), info: null }],
    ...[null, undefined, 7, 'scan.jpg', {}].map((value): [string, unknown] => [`${value}`, value]),
  ])('%s are refused', async (_, bad) => {
    const error = await refusal(() => restore(bad as RasterImage, { task: 'denoise' }));
    expect(error).toMatchObject({
      code: expect.stringMatching(/^(invalid-option|invalid-samples|image-size)$/),
    });
  });

  it('of any kind are refused with an error of a known code', async () => {
    const fields = ['data', 'width', 'height', 'planes', 'info', 'shape', 'dtype'];
    const spoilt = fc.record({
      base: fc.constantFrom<object>(
        image,
        { planes: [new Float32Array(64)], width: 8, height: 8 },
        { data: new Uint8Array(192), info: { width: 8, height: 8, channels: 3 } },
        { shape: [8, 8, 3], dtype: 'float32', data: async () => new Float32Array(192) },
      ),
      other: fc.dictionary(fc.constantFrom(...fields), anything, { minKeys: 1, maxKeys: 2 }),
    });
    await holds(spoilt, async ({ base, other }) => {
      const options = { task: 'auto', executor: 'wasm' } as const; // nothing is wrong with any of them
      const result = await refusal(() => restore({ ...base, ...other } as unknown as RasterImage, options));
      if (result !== 'taken')
        expect(result).toMatchObject({
          code: expect.stringMatching(/^(invalid-option|invalid-samples|image-size)$/),
        });
    });
  });
});
