import { TASKS } from './choices.ts';
import { closest } from './closest.ts';
import { InvalidOptionError, shown } from './errors.ts';
import { hasTag } from './image/check-image.ts';
import { NET_FORM, parseNet } from './network/parse-net.ts';
import {
  CHOICES,
  EXPERT_CHOICES,
  EXPERT_NUMBERS,
  type ExpertOptions,
  NUMERIC_OPTIONS,
  type Range,
  type RestoreOptions,
} from './options.ts';

type Test = (value: unknown) => boolean;

/**
 * What an option may be, and the same in words, to which its name and what was received are added. A library of schemas
 * would be larger than all of this, and every page that restores would load it.
 */
interface Rule {
  readonly passes: Test;
  readonly expected: string;
}

const is =
  (type: 'boolean' | 'function' | 'number' | 'string'): Test =>
  (value) =>
    typeof value === type;

const oneOf =
  (names: readonly string[]): Test =>
  (value) =>
    names.includes(value as string);

/** A number, with the ends of its range unless `above`. */
const within =
  (min: number, max = Number.MAX_VALUE, above = false): Test =>
  (value) =>
    typeof value === 'number' && (above ? value > min : value >= min) && value <= max;

const optional =
  (passes: Test): Test =>
  (value) =>
    value === undefined || passes(value);

/** Anything that has these methods or values: hosts are classes, signals come from other realms. */
const having =
  (entries: Readonly<Record<string, Test>>): Test =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(entries).every(([name, passes]) => passes((value as Record<string, unknown>)[name]));

const choice = (names: readonly string[]): Rule => ({
  passes: oneOf(names),
  expected: `one of ${names.join(', ')}`,
});

const number = ({ min, max, integer, above }: Range): Rule => ({
  passes: (value) => within(min, max, above)(value) && (!integer || Number.isInteger(value)),
  expected: `${integer ? 'an integer' : 'a number'} ${above ? `above ${min}` : `from ${min}`} to ${max}`,
});

const flag: Rule = { passes: is('boolean'), expected: 'true or false' };
const bytes: Rule = { passes: (value) => hasTag(value, 'Uint8Array'), expected: 'bytes as a Uint8Array' };

const signal: Rule = {
  passes: having({ aborted: is('boolean'), addEventListener: is('function') }),
  expected: 'an AbortSignal, as controller.signal',
};

const side: Test = (value) => Number.isInteger(value) && (value as number) >= 1;
const mask: Rule = {
  passes: having({
    data: (data) => hasTag(data, 'Uint8Array', 'Uint8ClampedArray', 'Float32Array'),
    width: side,
    height: side,
  }),
  expected: 'a mask {data, width, height} of bytes or floats',
};

const pool = (method: string): Test => optional(having({ count: is('number'), [method]: is('function') }));
const host: Rule = {
  passes: having({
    gpu: optional(having({ requestAdapter: is('function') })),
    gpuHint: optional(is('string')),
    webgl2: optional(is('function')),
    threads: pool('spawn'),
    workers: pool('start'),
    tfjsWasmPath: optional(is('string')),
  }),
  expected: 'an EngineHost, as nodeHost() makes one',
};

/** Of all that `analyse` says, what a restoration relies on: components of a JPEG have tables of 64 steps. */
const diagnosis: Rule = {
  passes: having({
    task: oneOf(['none', ...TASKS]),
    noise: having({ sigma: within(0), growth: within(0, 1) }),
    patchy: is('boolean'),
    impulse: is('boolean'),
    dithered: optional(is('boolean')),
    jpeg: optional(
      having({
        components: (all) =>
          Array.isArray(all) &&
          all.every((one: { table?: { length?: unknown } } | null) => one?.table?.length === 64),
      }),
    ),
  }),
  expected: 'what analyse() returns',
};

type Rules<T> = { readonly [K in keyof Required<T>]: Rule };

/** A rule for each name of a table. */
const ruled = <K extends string, V>(table: Readonly<Record<K, V>>, rule: (value: V) => Rule) =>
  Object.fromEntries(Object.entries<V>(table).map(([name, value]) => [name, rule(value)])) as Record<K, Rule>;

const EXPERT: Rules<ExpertOptions> = {
  net: { passes: (net) => typeof net === 'string' && !!parseNet(net), expected: NET_FORM },
  earlyStop: flag,
  ...ruled(EXPERT_CHOICES, choice),
  ...ruled(EXPERT_NUMBERS, number),
};

const RULES: Rules<RestoreOptions> = {
  ...ruled(CHOICES, choice),
  ...ruled(NUMERIC_OPTIONS, number),
  mask,
  copyFrom: mask,
  guide: { passes: having({}), expected: 'an image' },
  file: bytes,
  diagnosis,
  map: flag,
  signal,
  stopSignal: signal,
  onProgress: { passes: is('function'), expected: 'a function' },
  control: { passes: having({ pass: is('function') }), expected: 'a RunControl, as new RunControl()' },
  checkpoint: bytes,
  host,
  expert: { passes: having({}), expected: 'an object {steps, net, …}' },
};

/** Throws InvalidOptionError on the first option that does not exist, is of another type or out of its range. */
export function checkOptions(options: RestoreOptions): void {
  if (!having({})(options)) throw InvalidOptionError.of('the second argument', 'options {task, …}', options);
  const { task, expert, prior } = options;
  checkAll(options, RULES, '');
  if (task === undefined) throw InvalidOptionError.of('task', RULES.task.expected, task);
  if (expert) checkAll(expert, EXPERT, 'expert.');
  if (prior === 'nonlocal' && task === 'upscale')
    throw new InvalidOptionError("prior 'nonlocal' cannot enlarge: use 'auto', 'network' or 'tv'.");
}

/** What is undefined counts as not given. */
function checkAll(options: object, rules: Readonly<Record<string, Rule>>, group: string): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, name)) throw unknownOption(name, rules);
    const { passes, expected } = rules[name];
    if (!optional(passes)(value)) throw InvalidOptionError.of(group + name, expected, value);
  }
}

function unknownOption(name: string, known: object): InvalidOptionError {
  const nothing = `There is no option ${shown(name)}`;
  if (known === RULES && name in EXPERT)
    return new InvalidOptionError(`${nothing} but among the expert ones: expert: { ${name} }.`);
  if (known === EXPERT && name in RULES)
    return new InvalidOptionError(`${nothing} among the expert ones: it stands beside them.`);
  const meant = closest(name, Object.keys(known));
  return new InvalidOptionError(`${nothing}${meant ? `; ${meant} was perhaps meant` : ''}.`);
}
