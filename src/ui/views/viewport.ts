import type { Size } from '../../engine/image/box.ts';

/** How an image lies in the preview, in CSS pixels. `scale` = CSS pixels per image pixel. */
interface Placement {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

const MAX_SCALE = 32;

/** Zoom and pan over one image. Fitted until the user zooms; a new image of another size is fitted again. */
export class Viewport {
  #image: Size = { width: 1, height: 1 };
  #box: Size = { width: 1, height: 1 };
  #zoomed: Placement | undefined;

  get placement(): Placement {
    return this.#zoomed ?? this.fitted;
  }

  get isFitted(): boolean {
    return this.#zoomed === undefined;
  }

  get fitted(): Placement {
    const { width, height } = this.#image;
    const scale = Math.min(this.#box.width / width, this.#box.height / height);
    return this.#centred(Math.max(scale, 1e-3));
  }

  setImage(image: Size): void {
    if (image.width !== this.#image.width || image.height !== this.#image.height) this.#zoomed = undefined;
    this.#image = image;
  }

  setBox(box: Size): void {
    this.#box = box;
    if (this.#zoomed) this.#zoomed = this.#kept(this.#zoomed);
  }

  fit(): void {
    this.#zoomed = undefined;
  }

  /** Scales about a point of the box; back to fitted below that. */
  zoomTo(scale: number, x = this.#box.width / 2, y = this.#box.height / 2): void {
    const now = this.placement;
    const { scale: smallest } = this.fitted;
    if (scale <= smallest * 1.001) {
      this.fit();
      return;
    }
    const next = Math.min(scale, Math.max(MAX_SCALE, smallest));
    const ratio = next / now.scale;
    this.#zoomed = this.#kept({ scale: next, x: x - (x - now.x) * ratio, y: y - (y - now.y) * ratio });
  }

  panBy(dx: number, dy: number): void {
    const { scale, x, y } = this.placement;
    if (this.#zoomed) this.#zoomed = this.#kept({ scale, x: x + dx, y: y + dy });
  }

  #centred(scale: number): Placement {
    const { width, height } = this.#image;
    return { scale, x: (this.#box.width - width * scale) / 2, y: (this.#box.height - height * scale) / 2 };
  }

  /** No empty space beside an image that is larger than the box. */
  #kept({ scale, x, y }: Placement): Placement {
    const hold = (at: number, length: number, room: number) =>
      length <= room ? (room - length) / 2 : Math.min(0, Math.max(room - length, at));
    return {
      scale,
      x: hold(x, this.#image.width * scale, this.#box.width),
      y: hold(y, this.#image.height * scale, this.#box.height),
    };
  }
}
