import type { Plan } from '../../plan/plan.ts';
import type { Device } from './device.ts';
import type { Surface } from './draw.ts';
import { CELLS } from './kernels/loss.ts';
import type { Schedule } from './schedule.ts';

/** Copies from the GPU at most this often: a checkpoint may come every second, a lost context hardly ever. */
const EVERY_MS = 5000;

/**
 * What a run needs to go on after its context was lost: copies on the host of the last checkpoint and the best image,
 * and of all that was written by the caller.
 */
export class Rescue {
  /** Named buffers as the caller last wrote them. */
  readonly written = new Map<string, Float32Array>();
  private checkpoint: ReadonlyMap<string, Float32Array> | null = null;
  private copying: Promise<void> | null = null;
  private last = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly device: Device,
    private readonly schedule: Schedule,
    private readonly plan: Plan,
  ) {}

  /** Whether there is something to go on from, once the copies under way have arrived or failed. */
  async ready(): Promise<boolean> {
    await this.copying;
    return this.checkpoint !== null;
  }

  /**
   * Starts copying the checkpoint that was just drawn, and the best image; `place` tells where that is now. The copy
   * is ordered before all later draws, but read when the GPU has come that far.
   */
  take(slot: 0 | 1, place: (key: string) => Surface | undefined): void {
    if (this.copying || performance.now() - this.last < EVERY_MS) return;
    this.last = performance.now();
    const reads = [...this.surfaces(slot, place)].map(
      async ([key, surface]) => [key, await this.device.read(surface)] as const,
    );
    this.copying = Promise.all(reads)
      .then(
        (copies) => {
          this.checkpoint = new Map(copies);
        },
        () => {}, // lost meanwhile: the copy before this one stays
      )
      .finally(() => {
        this.copying = null;
      });
  }

  /** Writes the copies to a new context: as the present state, and as its checkpoints. */
  async restore(place: (key: string) => Surface | undefined): Promise<void> {
    for (const [key, data] of this.checkpoint ?? []) {
      for (const surface of [place(key), ...this.schedule.slots.map((slot) => slot.get(key))])
        if (surface) await this.device.upload(surface, data);
    }
  }

  private *surfaces(slot: 0 | 1, place: (key: string) => Surface | undefined): Iterable<[string, Surface]> {
    yield* this.schedule.slots[slot];
    for (const key of [CELLS.best, `b${this.plan.named.get('best')}`]) {
      const surface = place(key);
      if (surface) yield [key, surface];
    }
  }
}
