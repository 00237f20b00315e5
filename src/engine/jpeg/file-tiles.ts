import type { JpegTrace } from '../diagnosis/jpeg.ts';
import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import type { Coefficients } from './blocks.ts';
import { AREA, SIDE } from './dct.ts';
import { decodesTo, findCoefficients } from './decoded.ts';
import { type JpegComponent, readHeader } from './file.ts';
import { type Levels, readLevels } from './levels.ts';
import { sampledSize } from './sampling.ts';
import type { Tile } from './tiles.ts';

/** Pixels of a picture whose coefficients are kept: drawings ask for them again and again, and of a large picture they would fill memory. */
const KEPT = 2 ** 20;

/** What the file of a decoded picture holds, tile by tile; of pictures that are not large it is found once. */
export class FileTiles {
  /** Whole numbers, all of which 32 bits hold. */
  readonly #kept = new Map<
    string,
    readonly (Omit<Coefficients, 'data'> & { readonly data: Float32Array })[]
  >();
  #levels: readonly Levels[] | undefined;
  #bytes: Uint8Array | undefined;

  /**
   * @param components of `picture`, as `findCoefficients` has them.
   * @param bytes of the file itself, where it lies as the picture does: where black and white were cut off, pixels do not show what it holds.
   */
  constructor(
    private readonly picture: Picture,
    readonly components: readonly JpegComponent[],
    bytes?: Uint8Array,
  ) {
    this.#bytes = bytes;
  }

  /** @param bytes the file that the picture was read from; one that was turned says less. */
  static of(picture: Picture, { components, source }: JpegTrace, bytes?: Uint8Array): FileTiles {
    const header = source === 'file' && bytes ? readHeader(bytes) : undefined;
    const { width, height } = picture;
    const isAsStored = header?.orientation === 1 && header.width === width && header.height === height;
    // A grey picture of a coloured file has its luma alone.
    const known = components.slice(0, picture.channels);
    return new FileTiles(picture, known, isAsStored ? bytes : undefined);
  }

  /** What the file says, read once. */
  *read(): Pieces<void> {
    if (!this.#bytes) return;
    this.#levels = yield* readLevels(this.#bytes);
    this.#bytes = undefined;
  }

  /** The coefficients of each component. `part`: what the picture shows in the whole of the tile. */
  *coefficients(part: Picture, tile: Tile): Pieces<readonly Coefficients[]> {
    const key = `${tile.whole.x},${tile.whole.y}`;
    const kept = this.#kept.get(key);
    if (kept) return kept.map((one) => ({ ...one, data: Float64Array.from(one.data) }));
    const coefficients =
      (yield* this.#stored(part, tile)) ?? (yield* findCoefficients(part, this.components)).coefficients;
    if (this.picture.width * this.picture.height <= KEPT)
      this.#kept.set(
        key,
        coefficients.map((one) => ({ ...one, data: Float32Array.from(one.data) })),
      );
    return coefficients;
  }

  /** As the file has them, unless they are not what is seen. */
  *#stored(part: Picture, { whole }: Tile): Pieces<Coefficients[] | undefined> {
    yield* this.read();
    const levels = this.#levels;
    if (!levels) return undefined;
    const coefficients = this.components.map(({ table, across, down }, c) => {
      const columns = sampledSize(sampledSize(whole.width, across), SIDE);
      const rows = sampledSize(sampledSize(whole.height, down), SIDE);
      const data = new Float64Array(columns * rows * AREA);
      const [left, top] = [whole.x / (SIDE * across), whole.y / (SIDE * down)];
      for (let i = 0; i < data.length; i++) {
        const block = Math.floor(i / AREA);
        const row = top + Math.floor(block / columns);
        const from = row * levels[c].columns + left + (block % columns);
        data[i] = table[i % AREA] * levels[c].data[from * AREA + (i % AREA)];
      }
      return { data, columns, rows, isStored: true };
    });
    yield;
    return (yield* decodesTo(part, this.components, coefficients)) ? coefficients : undefined;
  }
}
