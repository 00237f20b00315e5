/**
 * What Figma lets through between sandbox and panel: plain objects, arrays, primitives, Date and Uint8Array. Packed as
 * JSON plus buffers, so that it crosses from QuickJS to Node and from Node to Chromium alike.
 */
export interface Packed {
  readonly json: string;
  readonly buffers: readonly Uint8Array[];
}

/** Throws a TypeError that names the path of the first value Figma would refuse or silently lose. */
export function pack(message: unknown): Packed {
  const buffers: Uint8Array[] = [];
  const above: unknown[] = [];
  const walk = (value: unknown, path: string): unknown => {
    if (value === undefined) return { $undefined: true };
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number') return Number.isFinite(value) ? value : { $number: String(value) };
    if (value instanceof Uint8Array) return { $bytes: buffers.push(value) - 1 };
    if (value instanceof Date) return { $date: value.getTime() };
    if (above.includes(value)) throw refusal('a cycle', path);
    if (!Array.isArray(value) && Object.prototype.toString.call(value) !== '[object Object]')
      throw refusal(Object.prototype.toString.call(value), path);
    above.push(value);
    const packed = Array.isArray(value)
      ? value.map((item, index) => walk(item, `${path}[${index}]`))
      : packObject(value as object, path, walk);
    above.pop();
    return packed;
  };
  return { json: JSON.stringify(walk(message, 'message')), buffers };
}

function packObject(value: object, path: string, walk: (value: unknown, path: string) => unknown): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw refusal(`an instance of ${(value.constructor as { name?: string }).name ?? 'a class'}`, path);
  const packed: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) packed[key] = walk(item, `${path}.${key}`);
  return packed;
}

function refusal(what: string, path: string): TypeError {
  return new TypeError(`Figma passes no such value: ${path} is ${what}.`);
}

export function unpack({ json, buffers }: Packed): unknown {
  const walk = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(walk);
    const tagged = value as Record<string, unknown>;
    if ('$bytes' in tagged) return buffers[tagged.$bytes as number];
    if ('$date' in tagged) return new Date(tagged.$date as number);
    if ('$number' in tagged) return Number(tagged.$number);
    if ('$undefined' in tagged) return undefined;
    const plain: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(tagged)) plain[key] = walk(item);
    return plain;
  };
  return walk(JSON.parse(json));
}
