import type { Pieces } from '../time-slicing.ts';
import { AREA, SIDE } from './dct.ts';
import { FRAMES, wordAt, ZIGZAG } from './file.ts';
import { type HuffmanTable, ScanBits } from './huffman.ts';

/** Levels that a file holds of one component: by its steps they are the coefficients. */
export interface Levels {
  /** [rows, columns, 8, 8] by frequency; with what fills the last units of all components. */
  readonly data: Int16Array;
  readonly columns: number;
  readonly rows: number;
}

interface Component extends Levels {
  readonly id: number;
  /** Blocks of it in a unit of all components. */
  readonly across: number;
  readonly down: number;
  /** Blocks that have a sample of the picture in them. */
  readonly used: { readonly columns: number; readonly rows: number };
  /** The last level of the lowest frequency. */
  before: number;
}

/** What a scan brings: a band of frequencies, to some bit. */
interface Scan {
  readonly bits: ScanBits;
  readonly from: number;
  readonly to: number;
  /** The bit that was sent before, 0 = none; and the one that is sent now. */
  readonly high: number;
  readonly low: number;
  readonly isProgressive: boolean;
  /** Blocks that have no more in this scan. */
  run: number;
}

const [HUFFMAN, END, START_OF_SCAN, RESTARTS] = [0xc4, 0xd9, 0xda, 0xdd];
/** Frames in Huffman's code: baseline, extended, progressive. */
const [BASELINE, EXTENDED, PROGRESSIVE] = [0xc0, 0xc1, 0xc2];
/** Files have ten or so; damaged ones may begin one every few bytes. */
const MOST_SCANS = 200;

/**
 * Reads the levels of a JPEG file (ITU-T T.81, F.2 and G.2). Of what is missing or damaged they are wrong: compare what they decode to.
 *
 * @returns of each component; undefined of what is no such file, or coded arithmetically.
 */
export function* readLevels(bytes: Uint8Array): Pieces<readonly Levels[] | undefined> {
  const tables = new Map<number, HuffmanTable>();
  let components: Component[] = [];
  let [isProgressive, scans, interval] = [false, 0, 0];
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff || bytes[at + 1] === 0xff) {
      at++;
      continue;
    }
    const [marker, length] = [bytes[at + 1], wordAt(bytes, at + 2)];
    if (marker === END) break;
    const segment = bytes.subarray(at + 4, at + 2 + length);
    at += 2 + length;
    if (marker === HUFFMAN) readTables(segment, tables);
    if (marker === RESTARTS) interval = wordAt(segment, 0);
    // The same one that `readHeader` takes.
    if (FRAMES.includes(marker) && scans === 0) {
      components = [BASELINE, EXTENDED, PROGRESSIVE].includes(marker) ? componentsOf(segment) : [];
      isProgressive = marker === PROGRESSIVE;
    }
    if (marker !== START_OF_SCAN) continue;
    if (scans++ === MOST_SCANS) break;
    const chosen = componentsIn(segment, components, tables);
    if (!chosen) return undefined;
    const [from, to, bit] = segment.subarray(1 + 2 * segment[0]);
    const bits = new ScanBits(bytes, at);
    const scan = {
      bits,
      from,
      to: isProgressive ? to : AREA - 1,
      high: bit >> 4,
      low: bit & 15,
      isProgressive,
      run: 0,
    };
    yield* readScan(scan, chosen, interval);
    at = bits.end();
  }
  return components.length > 0 ? components : undefined;
}

/** By their class (0 = lowest frequency, 1 = others) and number, as files have them in one byte. */
function readTables(segment: Uint8Array, tables: Map<number, HuffmanTable>): void {
  for (let at = 0; at + 17 <= segment.length; ) {
    const counts = segment.subarray(at + 1, at + 17);
    const all = counts.reduce((sum, count) => sum + count, 0);
    tables.set(segment[at], { counts, values: segment.subarray(at + 17, at + 17 + all) });
    at += 17 + all;
  }
}

function componentsOf(frame: Uint8Array): Component[] {
  const [height, width, count] = [wordAt(frame, 1), wordAt(frame, 3), frame[5]];
  // A lone component's factors mean nothing.
  const factors = Array.from({ length: count }, (_, c) =>
    count === 1 ? [1, 1] : [frame[7 + 3 * c] >> 4, frame[7 + 3 * c] & 15],
  );
  const [most, mostDown] = [0, 1].map((axis) => Math.max(...factors.map((f) => f[axis])));
  const [unitsAcross, unitsDown] = [Math.ceil(width / (SIDE * most)), Math.ceil(height / (SIDE * mostDown))];
  return factors.map(([across, down], c) => {
    const [columns, rows] = [across * unitsAcross, down * unitsDown];
    const used = {
      columns: Math.ceil(Math.ceil((width * across) / most) / SIDE),
      rows: Math.ceil(Math.ceil((height * down) / mostDown) / SIDE),
    };
    const data = new Int16Array(columns * rows * AREA);
    return { id: frame[6 + 3 * c], across, down, columns, rows, used, data, before: 0 };
  });
}

interface Chosen {
  readonly component: Component;
  readonly lowest: HuffmanTable;
  readonly others: HuffmanTable;
}

const NONE: HuffmanTable = { counts: new Uint8Array(16), values: new Uint8Array() };

/** What a scan is of, with its tables; undefined where there is no such component, or none. */
function componentsIn(
  segment: Uint8Array,
  components: readonly Component[],
  tables: ReadonlyMap<number, HuffmanTable>,
): Chosen[] | undefined {
  const chosen: Chosen[] = [];
  for (let k = 0; k < segment[0]; k++) {
    const component = components.find(({ id }) => id === segment[1 + 2 * k]);
    const by = segment[2 + 2 * k];
    if (!component) return undefined;
    const [lowest, others] = [tables.get(by >> 4) ?? NONE, tables.get(16 | (by & 15)) ?? NONE];
    chosen.push({ component, lowest, others });
  }
  return chosen.length > 0 ? chosen : undefined;
}

function* readScan(scan: Scan, chosen: readonly Chosen[], interval: number): Pieces<void> {
  const [first] = chosen;
  const isAlone = chosen.length === 1;
  const { component: one } = first;
  const across = isAlone ? one.used.columns : one.columns / one.across;
  const down = isAlone ? one.used.rows : one.rows / one.down;
  for (let unit = 0; unit < across * down; unit++) {
    if (unit % across === 0) yield;
    if (interval > 0 ? unit % interval === 0 : unit === 0) {
      if (unit > 0) scan.bits.restart();
      scan.run = 0;
      for (const { component } of chosen) component.before = 0;
    }
    // Of what is missing nothing is known: it stays 0, as decoders have it. Whole files need no bits for what is left.
    if (scan.bits.isOver && scan.run === 0) continue;
    const [x, y] = [unit % across, Math.floor(unit / across)];
    for (const one of chosen) {
      const { component } = one;
      const [wide, high] = isAlone ? [1, 1] : [component.across, component.down];
      for (let v = 0; v < high; v++)
        for (let u = 0; u < wide; u++)
          readBlock(scan, one, AREA * ((y * high + v) * component.columns + x * wide + u));
    }
  }
}

/** One block's levels, from `at` on. */
function readBlock(scan: Scan, { component, lowest, others }: Chosen, at: number): void {
  const { bits, high, low } = scan;
  const { data } = component;
  if (scan.from === 0) {
    if (high > 0) data[at] |= bits.bit() << low;
    else {
      component.before += bits.signed(bits.value(lowest));
      data[at] = component.before << low;
    }
  }
  if (scan.to === 0) return;
  if (high > 0) refine(scan, others, data, at);
  else readOthers(scan, others, data, at);
}

/** Sixteen zeros, where no level follows. */
const ZEROS = 15;

function readOthers(scan: Scan, table: HuffmanTable, data: Int16Array, at: number): void {
  const { bits, to, low } = scan;
  if (scan.run > 0) {
    scan.run--;
    return;
  }
  for (let k = Math.max(1, scan.from); k <= to; k++) {
    const code = bits.value(table);
    const [zeros, size] = [code >> 4, code & 15];
    if (size > 0) {
      k += zeros;
      if (k <= to) data[at + ZIGZAG[k]] = bits.signed(size) << low;
    } else if (zeros === ZEROS) k += ZEROS;
    else {
      scan.run = scan.isProgressive ? (1 << zeros) + bits.bits(zeros) - 1 : 0;
      return;
    }
  }
}

/** One more bit of the levels that there are, and those that begin with it (G.1.2.3). */
function refine(scan: Scan, table: HuffmanTable, data: Int16Array, at: number): void {
  const { bits, to, low } = scan;
  const step = 1 << low;
  const correct = (i: number) => {
    if (bits.bit()) data[i] += data[i] > 0 ? step : -step;
  };
  let k = scan.from;
  while (k <= to && scan.run === 0) {
    const code = bits.value(table);
    let [zeros, level] = [code >> 4, 0];
    if ((code & 15) > 0) level = bits.bit() ? step : -step;
    else if (zeros < ZEROS) {
      scan.run = (1 << zeros) + bits.bits(zeros);
      break;
    }
    for (; k <= to; k++) {
      const i = at + ZIGZAG[k];
      if (data[i] !== 0) correct(i);
      else if (zeros-- === 0) {
        data[i] = level;
        k++;
        break;
      }
    }
  }
  if (scan.run === 0) return;
  for (; k <= to; k++) if (data[at + ZIGZAG[k]] !== 0) correct(at + ZIGZAG[k]);
  scan.run--;
}
