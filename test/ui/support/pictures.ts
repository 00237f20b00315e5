import sharp from 'sharp';

/** Deterministic noise in [0, 1). */
function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Gaussian noise of standard deviation σ in 1/255 from a source of [0, 1). */
function gaussian(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** RGBA pixels with noise of standard deviation σ in 1/255 on their colour. */
export function noisy<I extends { readonly data: Uint8Array }>(image: I, sigma: number): I {
  const gauss = gaussian(sequence(1));
  const data = new Uint8ClampedArray(image.data);
  for (let i = 0; i < data.length; i++) if (i % 4 < 3) data[i] = data[i]! + sigma * gauss();
  return { ...image, data: new Uint8Array(data) };
}

/** A made-up evening by the sea: sky, sun, hills, water, a boat; with noise of standard deviation σ in 1/255. */
export function scene(width: number, height: number, noise: number, seed = 1): Uint8ClampedArray {
  const gauss = gaussian(sequence(seed));
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i += 4) {
      const colour = sceneColour(x / width, y / height, seed);
      for (let c = 0; c < 3; c++) data[i + c] = colour[c]! + noise * gauss();
      data[i + 3] = 255;
    }
  return data;
}

function sceneColour(u: number, v: number, seed: number): readonly number[] {
  const hill = 0.52 - 0.12 * Math.sin(5 * u + seed) - 0.05 * Math.sin(13 * u + 2 * seed);
  const sun = Math.hypot((u - 0.68) * 1.25, v - 0.28) < 0.08;
  const hull = v > 0.78 && v < 0.84 && Math.abs(u - 0.32) < 0.11 - 0.8 * (v - 0.78);
  const sail = v > 0.56 && v < 0.77 && u > 0.31 && u - 0.31 < 0.5 * (v - 0.56);
  if (hull) return [70, 42, 38];
  if (sail) return [240, 232, 214];
  if (v > 0.64) {
    const wave = 10 * Math.sin(60 * v + 9 * Math.sin(7 * u));
    return [74 + wave, 104 + wave, 128 + wave];
  }
  if (v > hill) return [62 + 40 * v, 74 + 30 * v, 82];
  if (sun) return [255, 226, 170];
  return [214 - 90 * (1 - v), 170 - 20 * (1 - v), 150 + 50 * (1 - v)];
}

const drawn = new Map<string, Promise<Uint8Array>>();

/** The same as a file; most tests want the same ones. */
export function scenePng(width: number, height: number, noise: number, seed = 1): Promise<Uint8Array> {
  const name = [width, height, noise, seed].join();
  const file = drawn.get(name) ?? encode(scene(width, height, noise, seed), width, height);
  drawn.set(name, file);
  return file;
}

async function encode(data: Uint8ClampedArray, width: number, height: number): Promise<Uint8Array> {
  const raw = { width, height, channels: 4 } as const;
  return new Uint8Array(await sharp(data, { raw }).removeAlpha().png().toBuffer());
}

/** The pixels of a file. */
export async function samples(png: Uint8Array) {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
