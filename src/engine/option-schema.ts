import * as v from 'valibot';
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

/** Each entry's message says what is expected; the option's name and what was received are added. */
const choice = <const T extends readonly string[]>(names: T) =>
  v.picklist(names, `one of ${names.join(', ')}`);

function number(range: Range) {
  const { min, max, integer, above } = range;
  const expected = `${integer ? 'an integer' : 'a number'} ${above ? `above ${min}` : `from ${min}`} to ${max}`;
  const isInside = (value: number) =>
    (above ? value > min : value >= min) && value <= max && (!integer || Number.isInteger(value));
  return v.pipe(v.number(expected), v.check(isInside, expected));
}

const flag = v.boolean('true or false');
const callable = v.function('a function');

/** Anything that has these methods or values: hosts are classes, signals come from other realms. */
const withEntries = (entries: Record<string, v.GenericSchema>, expected: string) =>
  v.custom<object>((value) => v.is(v.object(entries), value), expected);

const signal = withEntries(
  { aborted: v.boolean(), addEventListener: v.function() },
  'an AbortSignal, as controller.signal',
);

const control = withEntries({ pass: v.function() }, 'a RunControl, as new RunControl()');
const bytes = v.custom((value) => hasTag(value, 'Uint8Array'), 'bytes as a Uint8Array');

/** A finite number in a range; one check instead of a pipe of four, each of which a page would load. */
const within = (least: number, most = Number.MAX_VALUE) =>
  v.custom<number>((value) => typeof value === 'number' && value >= least && value <= most);
const side = v.custom<number>((value) => Number.isInteger(value) && (value as number) >= 1);
const samples = v.custom<ArrayLike<number>>((data) =>
  hasTag(data, 'Uint8Array', 'Uint8ClampedArray', 'Float32Array'),
);

const mask = withEntries(
  { data: samples, width: side, height: side },
  'a mask {data, width, height} of bytes or floats',
);

const pool = v.object({ count: v.number() });
const host = withEntries(
  {
    gpu: v.optional(v.object({ requestAdapter: v.function() })),
    gpuHint: v.optional(v.string()),
    webgl2: v.optional(v.function()),
    threads: v.optional(v.object({ ...pool.entries, spawn: v.function() })),
    workers: v.optional(v.object({ ...pool.entries, start: v.function() })),
    tfjsWasmPath: v.optional(v.string()),
  },
  'an EngineHost, as nodeHost() makes one',
);

/** Of all that `analyse` says, what a restoration relies on. */
const diagnosis = withEntries(
  {
    task: v.picklist(['none', ...TASKS]),
    noise: v.object({
      sigma: within(0),
      growth: within(0, 1),
    }),
    patchy: v.boolean(),
    impulse: v.boolean(),
    jpeg: v.optional(v.object({ components: v.custom<readonly object[]>(haveTables) })),
  },
  'what analyse() returns',
);

/** Components of a JPEG, each with a table of 64 steps. */
function haveTables(components: unknown): boolean {
  const isComponent = (one: { table?: { length?: unknown } } | null) => one?.table?.length === 64;
  return Array.isArray(components) && components.every(isComponent);
}

type Entries<T> = { readonly [K in keyof Required<T>]: v.GenericSchema };
type Schemas<T> = { readonly [K in keyof T]: v.GenericSchema };

/** Optional, one of some names or a number, each under its name. */
const tabled = <const C extends Record<string, readonly string[]>, const N extends Record<string, Range>>(
  choices: C,
  numbers: N,
) =>
  Object.fromEntries([
    ...Object.entries(choices).map(([name, names]) => [name, v.optional(choice(names))]),
    ...Object.entries(numbers).map(([name, range]) => [name, v.optional(number(range))]),
  ]) as Schemas<C & N>;

const EXPERT: Entries<ExpertOptions> = {
  net: v.optional(v.custom<string>((net) => typeof net === 'string' && !!parseNet(net), NET_FORM)),
  earlyStop: v.optional(flag),
  ...tabled(EXPERT_CHOICES, EXPERT_NUMBERS),
};

const ENTRIES: Entries<RestoreOptions> = {
  ...tabled(CHOICES, NUMERIC_OPTIONS),
  task: choice(CHOICES.task),
  mask: v.optional(mask),
  copyFrom: v.optional(mask),
  guide: v.optional(v.custom((value) => typeof value === 'object' && value !== null, 'an image')),
  file: v.optional(bytes),
  diagnosis: v.optional(diagnosis),
  map: v.optional(flag),
  signal: v.optional(signal),
  stopSignal: v.optional(signal),
  onProgress: v.optional(callable),
  control: v.optional(control),
  checkpoint: v.optional(bytes),
  host: v.optional(host),
  expert: v.optional(v.strictObject(EXPERT, 'an object {steps, net, …}')),
};

const SCHEMA = v.strictObject(ENTRIES, 'options {task, …}');

/** Throws InvalidOptionError on the first option that does not exist, is of another type or out of its range. */
export function checkOptions(options: RestoreOptions): void {
  const { issues } = v.safeParse(SCHEMA, options, { abortEarly: true });
  if (issues) throw errorOf(issues[0]);
  if (options.prior === 'nonlocal' && options.task === 'upscale')
    throw new InvalidOptionError("prior 'nonlocal' cannot enlarge: use 'auto', 'network' or 'tv'.");
}

function errorOf({ message, path, input, type }: v.BaseIssue<unknown>): InvalidOptionError {
  const [group, inner] = (path ?? []).map(({ key }) => String(key));
  if (group === undefined) return InvalidOptionError.of('the second argument', message, input);
  const known = inner === undefined ? ENTRIES : EXPERT;
  const name = inner ?? group;
  if (type === 'strict_object' && !(name in known)) return unknownOption(name, known);
  if (type === 'strict_object' && name === 'task')
    return InvalidOptionError.of(name, `one of ${CHOICES.task.join(', ')}`, undefined);
  return InvalidOptionError.of(inner === undefined ? group : `expert.${inner}`, message, input);
}

function unknownOption(name: string, known: object): InvalidOptionError {
  const nothing = `There is no option ${shown(name)}`;
  if (known === ENTRIES && name in EXPERT)
    return new InvalidOptionError(`${nothing} but among the expert ones: expert: { ${name} }.`);
  if (known === EXPERT && name in ENTRIES)
    return new InvalidOptionError(`${nothing} among the expert ones: it stands beside them.`);
  const meant = closest(name, Object.keys(known));
  return new InvalidOptionError(`${nothing}${meant ? `; ${meant} was perhaps meant` : ''}.`);
}
