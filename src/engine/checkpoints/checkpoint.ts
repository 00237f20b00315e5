import { CheckpointError } from '../errors.ts';
import type { Picture } from '../image/picture.ts';
import type { RestoreOptions } from '../options.ts';
import { type Digest, digestOf } from './digest.ts';
import { type Entry, Journal } from './journal.ts';
import { subjectOf } from './subject.ts';

declare const __VERSION__: string | undefined;

/** Another release may compute another way. */
const RELEASE = typeof __VERSION__ === 'undefined' ? 'unreleased' : __VERSION__;

/** Of the layout: "PACP", 32 bits of length, a header in JSON filled up with spaces, float32 samples, a digest. */
const MAGIC = 0x50434150;
const LEAD = 8;
const DIGEST = 16;

/** What is restored, and how: what tells a restoration from any other. */
export interface Subject {
  readonly picture: Picture;
  readonly options: RestoreOptions;
}

/** A restoration's journal, and the milliseconds of work behind it. */
interface Checkpoint {
  readonly journal: Journal;
  readonly elapsed: number;
}

interface Header {
  readonly release: string;
  readonly subject: Digest;
  readonly elapsed: number;
  readonly entries: readonly {
    readonly name: string;
    readonly facts: unknown;
    readonly planes: readonly (readonly [name: string, floats: number])[];
  }[];
}

/** A checkpoint as bytes, for a file or a database; little-endian, as all platforms are. */
export function encodeCheckpoint(
  { journal, elapsed }: Checkpoint,
  subject: Subject,
): Uint8Array<ArrayBuffer> {
  const entries = [...journal.entries].map(([name, { facts, planes }]) => ({
    name,
    facts,
    planes: Object.entries(planes).map(([plane, data]) => [plane, data.length] as const),
  }));
  const header: Header = { release: RELEASE, subject: digestOfSubject(subject), elapsed, entries };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const filled = Math.ceil(text.length / 8) * 8;
  const planes = [...journal.entries.values()].flatMap((entry) => Object.values(entry.planes));
  const floats = planes.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(LEAD + filled + 4 * floats + DIGEST);
  new Uint32Array(bytes.buffer, 0, 2).set([MAGIC, filled]);
  bytes.fill(32, LEAD, LEAD + filled).set(text, LEAD);
  let at = LEAD + filled;
  for (const plane of planes) {
    new Float32Array(bytes.buffer, at, plane.length).set(plane);
    at += 4 * plane.length;
  }
  bytes.set(new TextEncoder().encode(digestOf([bytes.subarray(0, at)])), at);
  return bytes;
}

/** Throws CheckpointError where the bytes are no whole checkpoint, or another release's, or of something else. */
export function decodeCheckpoint(given: Uint8Array, subject: Subject): Checkpoint {
  const bytes = given.slice(); // aligned
  const header = headerOf(bytes);
  if (header.release !== RELEASE)
    throw new CheckpointError(
      `The checkpoint is of prior-art ${header.release}, this is ${RELEASE}: go on with that one, or begin anew.`,
    );
  if (header.subject !== digestOfSubject(subject))
    throw new CheckpointError(
      'The checkpoint is of another image or of other options. Give what the restoration was begun with, or begin anew.',
    );
  let at = LEAD + new Uint32Array(bytes.buffer, 4, 1)[0];
  const journal = Journal.of(
    header.entries.map(({ name, facts, planes }): [string, Entry] => {
      const read = planes.map(([plane, floats]) => {
        const data = new Float32Array(bytes.buffer.slice(at, at + 4 * floats));
        at += data.byteLength;
        return [plane, data] as const;
      });
      return [name, { facts, planes: Object.fromEntries(read) }];
    }),
  );
  return { journal, elapsed: header.elapsed };
}

/** Of what checkpoints are taken again and again. */
const digests = new WeakMap<Subject, Digest>();

function digestOfSubject(subject: Subject): Digest {
  const digest = digests.get(subject) ?? subjectOf(subject.picture, subject.options);
  digests.set(subject, digest);
  return digest;
}

function headerOf(bytes: Uint8Array<ArrayBuffer>): Header {
  const damaged = new CheckpointError('The checkpoint is not whole, or is none. Begin anew without it.');
  const end = bytes.length - DIGEST;
  if (end < LEAD || end % 4 !== 0) throw damaged;
  const [magic, length] = new Uint32Array(bytes.buffer, 0, 2);
  const digest = new TextDecoder().decode(bytes.subarray(end));
  if (magic !== MAGIC || LEAD + length > end || digest !== digestOf([bytes.subarray(0, end)])) throw damaged;
  return JSON.parse(new TextDecoder().decode(bytes.subarray(LEAD, LEAD + length)));
}
