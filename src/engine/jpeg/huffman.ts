/** A Huffman table as files give it (ITU-T T.81, C and F.2.2.3): codes of one length are consecutive numbers. */
export interface HuffmanTable {
  /** Of each length, 1 … 16 bits: how many codes there are. */
  readonly counts: Uint8Array;
  /** What the codes mean, the shortest first. */
  readonly values: Uint8Array;
}

/** The bits of a scan, without the zeros that are stuffed after 0xff; zeros from the next marker on. */
export class ScanBits {
  #byte = 0;
  #left = 0;

  constructor(
    private readonly bytes: Uint8Array,
    /** Of the next byte. */
    public at: number,
  ) {}

  /** Whether there is no bit left before the next marker. */
  get isOver(): boolean {
    return this.#left === 0 && (this.at >= this.bytes.length || this.#isAtMarker);
  }

  get #isAtMarker(): boolean {
    return this.bytes[this.at] === 0xff && this.bytes[this.at + 1] !== 0;
  }

  bit(): number {
    if (this.#left === 0) {
      const { bytes } = this;
      const isMarker = this.#isAtMarker;
      this.#byte = isMarker ? 0 : (bytes[this.at] ?? 0);
      if (!isMarker) this.at += this.#byte === 0xff ? 2 : 1;
      this.#left = 8;
    }
    return (this.#byte >> --this.#left) & 1;
  }

  /** A number of so many bits. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = (value << 1) | this.bit();
    return value;
  }

  /** The same of either sign: those with a leading 0 are negative. */
  signed(count: number): number {
    const value = this.bits(count);
    return count > 0 && value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
  }

  /** The next code's meaning; 0 of what is none. */
  value({ counts, values }: HuffmanTable): number {
    for (let length = 0, code = 0, first = 0, index = 0; length < 16; length++) {
      code |= this.bit();
      if (code - first < counts[length]) return values[index + code - first];
      index += counts[length];
      first = (first + counts[length]) << 1;
      code <<= 1;
    }
    return 0;
  }

  /** Behind the marker that divides a scan, where that is the next one. */
  restart(): void {
    this.#left = 0;
    const { bytes } = this;
    this.end();
    while (bytes[this.at + 1] === 0xff) this.at++; // any number of fill bytes may come before a marker
    if (bytes[this.at + 1] >= 0xd0 && bytes[this.at + 1] <= 0xd7) this.at += 2;
  }

  /** Where the scan ends: at the next marker. */
  end(): number {
    const { bytes } = this;
    while (this.at + 1 < bytes.length && !(bytes[this.at] === 0xff && bytes[this.at + 1] > 0)) this.at++;
    return this.at;
  }
}
