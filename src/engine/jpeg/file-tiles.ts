import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import type { Coefficients } from './blocks.ts';
import { findCoefficients } from './decoded.ts';
import type { JpegComponent } from './file.ts';
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

  /** @param components of `picture`, as `findCoefficients` has them. */
  constructor(
    private readonly picture: Picture,
    readonly components: readonly JpegComponent[],
  ) {}

  /** The coefficients of each component. `part`: what the picture shows in the whole of the tile. */
  *coefficients(part: Picture, { whole }: Tile): Pieces<readonly Coefficients[]> {
    const key = `${whole.x},${whole.y}`;
    const kept = this.#kept.get(key);
    if (kept) return kept.map((one) => ({ ...one, data: Float64Array.from(one.data) }));
    const { coefficients } = yield* findCoefficients(part, this.components);
    if (this.picture.width * this.picture.height <= KEPT)
      this.#kept.set(
        key,
        coefficients.map((one) => ({ ...one, data: Float32Array.from(one.data) })),
      );
    return coefficients;
  }
}
