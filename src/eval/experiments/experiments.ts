import { ARCHITECTURES } from '../../engine/choices.ts';
import { psnr } from '../../engine/metrics.ts';
import type { Mask, PlanarImage, Preview, RestoreOptions } from '../../engine/options.ts';
import { streamKey, uniform } from '../../engine/random.ts';
import { restore } from '../../engine/restore.ts';
import { nodeHost } from '../../node/host.ts';
import { rgbOfPlanes, rgbOfRaster } from '../../shared/rgb.ts';
import { type Panel, sideBySide } from '../../shared/side-by-side.ts';
import { textureRatio } from '../texture.ts';
import { chart } from './chart.ts';
import { damaged, type Setting, watched } from './runs.ts';

/** A picture of the article, made anew: a file's ending, and what goes in it. */
interface Figure {
  readonly ending: '.svg' | '.png';
  readonly content: string | Buffer;
}

/** Every experiment, by the name it is asked for. */
export const EXPERIMENTS: Readonly<Record<string, (setting: Setting) => Promise<Figure>>> = {
  curves,
  jpeg,
  tv,
  networks,
  hole,
};

/** The article's central observation: natural images are learnt soon, noise late (fig. 2). */
async function curves(setting: Setting): Promise<Figure> {
  const { image } = setting;
  const targets: [string, PlanarImage][] = [
    ['natural image', image],
    ['image + noise, σ 25', await damaged(image, { noise: 25 })],
    ['image, pixels scrambled', scrambled(image)],
    ['white noise', whiteNoise(image)],
  ];
  const series = [];
  for (const [label, target] of targets) {
    const { losses } = await watched(target, setting, { expert: { optimiser: 'adam' }, previewEveryMs: 0 });
    series.push({ label, points: losses.map((loss, i): [number, number] => [i + 1, loss]) });
  }
  const title = 'How soon the network fits a target (Adam, 0.01)';
  const content = chart(series, { title, x: 'step', y: 'mean squared error', logX: true, logY: true });
  return { ending: '.svg', content };
}

/** Blocks and halos go first, then come back: the average of outputs along one run (fig. 3). */
async function jpeg(setting: Setting): Promise<Figure> {
  const { image, steps } = setting;
  const input = await damaged(image, { jpeg: 10 });
  const wanted = [0.05, 0.15, 0.4, 1].map((share) => Math.round(share * steps));
  const panels: Panel[] = [label('JPEG quality 10', image, input)];
  await watched(input, setting, { task: 'dejpeg' }, (step, preview) => {
    if (panels.length > wanted.length || step < wanted[panels.length - 1]) return;
    panels.push(label(`step ${step}`, image, preview));
  });
  return strip([...panels, { label: 'original', image: rgbOfPlanes(image) }]);
}

/** The handcrafted prior against the network: the same noise, the same loop (sec. 2). */
async function tv(setting: Setting): Promise<Figure> {
  const { image } = setting;
  const input = await damaged(image, { noise: 25 });
  // Convex: 400 steps reach its one minimum, however long the network takes.
  const explicit = await watched(input, { ...setting, steps: 400 }, { prior: 'tv', previewEveryMs: 0 });
  const network = await watched(input, setting, { expert: { earlyStop: true }, previewEveryMs: 0 });
  return strip([
    label('noise of 25', image, input),
    label('total variation', image, explicit.image),
    label('network prior', image, network.image),
    { label: 'original', image: rgbOfPlanes(image) },
  ]);
}

/** The prior is the architecture: four of them on the same noisy image. */
async function networks(setting: Setting): Promise<Figure> {
  const { image } = setting;
  const input = await damaged(image, { noise: 25 });
  const series = [];
  for (const architecture of ARCHITECTURES) {
    const points: [number, number][] = [];
    const net = architecture === 'decoder' ? '64x5' : '32x4';
    await watched(input, setting, { expert: { architecture, net } }, (step, preview) => {
      points.push([step, psnr(preview, image)]);
    });
    series.push({ label: `${architecture} ${net}`, points });
  }
  const title = `Noise σ 25 (${psnr(input, image).toFixed(1)} dB), average of outputs`;
  return { ending: '.svg', content: chart(series, { title, x: 'step', y: 'PSNR, dB', logX: true }) };
}

/** A hole in the middle: what the network alone draws, what copies alone make, and copies that the network's sketch guides. */
async function hole({ image, steps, options }: Setting): Promise<Figure> {
  const mask = ellipse(image);
  const planes = image.planes.map((plane) => plane.map((value, i) => (mask.data[i] ? value : 1)));
  const input: PlanarImage = { ...image, planes };
  const fill = async (text: string, more: Partial<RestoreOptions>): Promise<Panel> => {
    const host = await nodeHost(options.executor);
    const result = await restore(input, { task: 'inpaint', mask, ...options, host, ...more });
    const roughness = textureRatio(result.image, mask).toFixed(2);
    return { label: `${text}, texture ${roughness}`, image: rgbOfPlanes(result.image) };
  };
  return strip([
    { label: 'a hole', image: rgbOfPlanes(input) },
    await fill('the network', { prior: 'network', expert: { runs: 1, steps } }),
    await fill('the patches', { prior: 'nonlocal' }),
    await fill('both', {}),
    { label: `original, ${textureRatio(image, mask).toFixed(2)}`, image: rgbOfPlanes(image) },
  ]);
}

/** A mask of a hole as wide as a third of the picture. */
function ellipse({ width, height }: PlanarImage): Mask {
  const inside = (i: number) => {
    const [x, y] = [(i % width) + 0.5 - width / 2, Math.floor(i / width) + 0.5 - height / 2];
    return Math.hypot(x / (width / 6), y / (height / 8)) < 1;
  };
  return {
    data: Uint8Array.from({ length: width * height }, (_, i) => (inside(i) ? 0 : 255)),
    width,
    height,
  };
}

function label(text: string, clean: PlanarImage, image: PlanarImage | Preview): Panel {
  const rgb = 'planes' in image ? rgbOfPlanes(image) : rgbOfRaster(image);
  return { label: `${text} ${psnr(image, clean).toFixed(2)} dB`, image: rgb };
}

async function strip(panels: readonly Panel[]): Promise<Figure> {
  const sheet = await sideBySide(panels);
  return { ending: '.png', content: await sheet.png({ compressionLevel: 9 }).toBuffer() };
}

/** The same pixels in random order, all channels alike: a natural histogram without natural structure. */
function scrambled({ planes, width, height }: PlanarImage): PlanarImage {
  const key = streamKey(5, 0);
  const order = Int32Array.from(planes[0].keys());
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(uniform(key, i) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return { planes: planes.map((plane) => plane.map((_, i) => plane[order[i]])), width, height };
}

function whiteNoise({ planes, width, height }: PlanarImage): PlanarImage {
  const noise = (c: number) => {
    const key = streamKey(6, c);
    return Float32Array.from({ length: width * height }, (_, i) => uniform(key, i));
  };
  return { planes: planes.map((_, c) => noise(c)), width, height };
}
