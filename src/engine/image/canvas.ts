import type { Preview } from '../options.ts';
import { type Box, cutPlane, paste } from './box.ts';
import type { Part } from './parts.ts';
import { type Picture, toRaster } from './picture.ts';

/** Colour for a box of the result, which covers a part or more. */
interface Patch {
  readonly box: Box;
  /** [channels, height, width] */
  readonly colour: Float32Array;
}

/**
 * The result while it is put together. Every pixel is the mean of the parts over it, by their shares; parts that are
 * not laid yet count as what it starts from, so it is a whole picture without seams at any time, and a pixel that no
 * part changes keeps its exact value.
 */
export class Canvas {
  /** Its planes, before they are finished. */
  readonly colour: Float32Array;
  /** What previews show, from the first one on. */
  private raster: Preview | undefined;

  /** `colour`: the planes with what was laid already. */
  constructor(
    private readonly start: Picture,
    private readonly finish: (picture: Picture) => Picture = (picture) => picture,
    colour?: Float32Array,
  ) {
    this.colour = colour ?? start.colour.slice();
  }

  get picture(): Picture {
    return this.finish(this.unfinished);
  }

  private get unfinished(): Picture {
    return { ...this.start, colour: this.colour };
  }

  lay(part: Part, patch: Patch): void {
    const { place } = part;
    const blended = this.blend(part, patch);
    paste(this.unfinished, place, blended);
    if (this.raster) this.draw(this.raster, place, blended);
  }

  /** What it would look like with the part laid. */
  preview(part: Part, patch: Patch): Preview {
    this.raster ??= toRaster(this.picture);
    const preview = { ...this.raster, data: this.raster.data.slice() };
    this.draw(preview, part.place, this.blend(part, patch));
    return preview;
  }

  /** The part's place with the patch blended in. */
  private blend({ place, columns, rows }: Part, patch: Patch): Float32Array {
    const { width, height, channels } = this.start;
    const out = new Float32Array(channels * place.width * place.height);
    let to = 0;
    for (let c = 0; c < channels; c++)
      for (let y = 0; y < place.height; y++) {
        let at = (c * height + place.y + y) * width + place.x;
        let from =
          (c * patch.box.height + place.y - patch.box.y + y) * patch.box.width + place.x - patch.box.x;
        for (let x = 0; x < place.width; x++, at++, from++) {
          const share = columns[x] * rows[y];
          const value = patch.colour[from];
          out[to++] = share === 1 ? value : this.colour[at] + share * (value - this.start.colour[at]);
        }
      }
    return out;
  }

  private draw(onto: Preview, place: Box, colour: Float32Array): void {
    const { channels, alpha, width } = this.start;
    const part = { width: place.width, height: place.height, channels, colour };
    const { data } = toRaster(this.finish({ ...part, alpha: alpha && cutPlane(alpha, width, place) }));
    for (let y = 0; y < place.height; y++) {
      const line = data.subarray(4 * y * place.width, 4 * (y + 1) * place.width);
      onto.data.set(line, 4 * ((place.y + y) * width + place.x));
    }
  }
}
