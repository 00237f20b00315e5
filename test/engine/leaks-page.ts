// Restores one small picture after the other on a page, by every way there is, and counts what is alive meanwhile.
import { type RasterImage, type RestoreOptions, restore } from '../../src/browser/index.ts';
import { cleanRaster, noisy } from './images.ts';

/** What is alive now. */
const alive = { workers: 0, gpuBuffers: 0, memories: 0 };
export type Alive = typeof alive;

const PageWorker = Worker;
globalThis.Worker = class extends PageWorker {
  #isAlive = true;

  constructor(...given: ConstructorParameters<typeof Worker>) {
    super(...given);
    alive.workers++;
  }

  override terminate() {
    if (this.#isAlive) alive.workers--;
    this.#isAlive = false;
    super.terminate();
  }
};

/** Bytes of memories go when they are collected. */
const collected = new FinalizationRegistry<null>(() => alive.memories--);
const { Memory } = WebAssembly;
WebAssembly.Memory = new Proxy(Memory, {
  construct(target, given) {
    const memory = Reflect.construct(target, given) as WebAssembly.Memory;
    alive.memories++;
    collected.register(memory, null);
    return memory;
  },
});

if (typeof GPUDevice !== 'undefined') {
  const { createBuffer } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  const live = new WeakSet<GPUBuffer>();
  GPUDevice.prototype.createBuffer = function (...given) {
    const buffer = createBuffer.apply(this, given);
    live.add(buffer);
    alive.gpuBuffers++;
    return buffer;
  };
  GPUBuffer.prototype.destroy = function () {
    if (live.delete(this)) alive.gpuBuffers--;
    return destroy.apply(this);
  };
}

const picture = noisy(cleanRaster(40, 32), 25);

/** Each executor that the page has, and the answer without one. */
const WAYS: Partial<RestoreOptions>[] = [
  { prior: 'nonlocal', quality: 'fast' },
  { prior: 'tv', expert: { steps: 3 }, executor: 'wasm' },
  { prior: 'tv', expert: { steps: 3 }, executor: 'webgl2' },
  { prior: 'tv', expert: { steps: 3 }, executor: 'webgpu' },
];

/** Ways that work here. */
async function ways(): Promise<Partial<RestoreOptions>[]> {
  const works = async (way: Partial<RestoreOptions>) =>
    one(picture, way).then(
      () => true,
      () => false,
    );
  const found = await Promise.all(WAYS.map(works));
  return WAYS.filter((_, i) => found[i]);
}

const one = (image: RasterImage, way: Partial<RestoreOptions>, signal?: AbortSignal) =>
  restore(image, { task: 'denoise', previewEveryMs: 0, ...way, signal });

/** Restores so often, every fifth time until it is aborted; the ways by name. */
async function restoreMany(runs: number): Promise<string[]> {
  const possible = await ways();
  for (let i = 0; i < runs; i++) {
    const leave = new AbortController();
    if (i % 5 === 4) setTimeout(() => leave.abort(), 3);
    await one(picture, { ...possible[i % possible.length], seed: i }, leave.signal).catch((error: Error) => {
      if (error.name !== 'AbortError') throw error;
    });
  }
  return possible.map(({ executor = 'nonlocal' }) => executor);
}

Object.assign(globalThis, { restoreMany, alive, isolated: globalThis.crossOriginIsolated });
