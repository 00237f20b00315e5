/** Plays the panel: asks the sandbox for files, writes results back, as src/ui does, without an engine. */
import sharp from 'sharp';
import type { ToPlugin, ToUi } from '../../src/wire/messages.ts';
import type { HandedImage, MaskShape } from '../../src/wire/pictures.ts';
import { type TileBox, tileGrid } from '../../src/wire/tiles.ts';
import { decode, encode, type Pixels } from './render.ts';
import type { Sandbox } from './sandbox.ts';

type Write = Extract<ToPlugin, { type: 'write' }>;
type Source = Extract<ToUi, { type: 'source' }>;
type Failed = Extract<ToUi, { type: 'failed' }>;
type Done = Extract<ToUi, { type: 'done' }>;

/** A result as pieces of PNG, before they are handed over. */
interface Encoded {
  readonly width: number;
  readonly height: number;
  readonly tiles: readonly (TileBox & { readonly png: Uint8Array })[];
}

export class Client {
  private requests = 0;

  constructor(readonly sandbox: Sandbox) {}

  /** Starts the plugin with layers selected and returns what it says about them. */
  async open(command: string, ids: readonly string[], parameters?: Record<string, unknown>) {
    this.sandbox.select(...ids);
    await this.sandbox.start(command, parameters);
    await this.sandbox.settle();
    this.sandbox.send({ type: 'ready' });
    const welcome = await this.sandbox.next('welcome');
    const { selection } = await this.sandbox.next('selection');
    return { welcome, selection };
  }

  get request(): number {
    return ++this.requests;
  }

  /** The answer to a request, whatever it is. */
  async answer(request: number): Promise<ToUi> {
    for (let i = 0; i < 2000; i++) {
      const index = this.sandbox.sent.findIndex(
        (message) => 'request' in message && message.request === request && message.type !== 'progress',
      );
      if (index >= 0) return this.sandbox.sent.splice(index, 1)[0]!;
      await new Promise((done) => setTimeout(done, 2));
    }
    throw new Error(`Request ${request} was not answered.\n${this.sandbox.log.join('\n')}`);
  }

  async read(nodeId: string, maskIds: readonly string[] = [], fillIndex = 0): Promise<Source | Failed> {
    const request = this.request;
    this.sandbox.send({ type: 'read', request, nodeId, fillIndex, maskIds });
    return (await this.answer(request)) as Source | Failed;
  }

  async source(nodeId: string, maskIds: readonly string[] = [], fillIndex = 0): Promise<Source> {
    const answer = await this.read(nodeId, maskIds, fillIndex);
    if (answer.type !== 'source') throw new Error(`Reading failed: ${answer.problem.words}`);
    return answer;
  }

  /** Hands over one piece after the other; the answer of the first that Figma refuses. */
  async hand({ width, height, tiles }: Encoded): Promise<HandedImage | Failed> {
    const handed = [];
    for (const { png, ...box } of tiles) {
      const request = this.request;
      this.sandbox.send({ type: 'hand', request, png });
      const answer = await this.answer(request);
      if (answer.type !== 'handed') return answer as Failed;
      handed.push({ ...box, hash: answer.hash });
    }
    return { width, height, tiles: handed };
  }

  async write(source: Source, result: Encoded, options: Partial<Write> = {}): Promise<ToUi> {
    const image = await this.hand(result);
    if ('type' in image) return image;
    const request = this.request;
    this.sandbox.send({
      type: 'write',
      request,
      nodeId: source.nodeId,
      fillIndex: source.fillIndex,
      imageHash: source.imageHash,
      task: 'restore',
      place: 'layer',
      image,
      factor: 1,
      hideOriginal: false,
      hideMasks: false,
      answers: {},
      ...options,
    } satisfies Write);
    return this.answer(request);
  }

  async written(source: Source, image: Encoded, options: Partial<Write> = {}): Promise<Done> {
    const answer = await this.write(source, image, options);
    if (answer.type !== 'done') throw new Error(`Writing failed: ${JSON.stringify(answer)}`);
    await this.sandbox.settle();
    return answer;
  }
}

/** The pixels as one PNG, or as the tiles of a result over the limit. */
export async function encoded(pixels: Pixels, side = 4096): Promise<Encoded> {
  const { width, height } = pixels;
  const tiles = [];
  for (const box of tileGrid(pixels, side)) {
    const data = new Uint8Array(box.width * box.height * 4);
    for (let y = 0; y < box.height; y++) {
      const from = ((box.y + y) * width + box.x) * 4;
      data.set(pixels.data.subarray(from, from + box.width * 4), y * box.width * 4);
    }
    tiles.push({ ...box, png: await encode({ data, width: box.width, height: box.height }) });
  }
  return { width, height, tiles };
}

/** Every pixel repeated factor × factor times. */
export function enlarge({ data, width, height }: Pixels, factor: number): Pixels {
  const out = new Uint8Array(data.length * factor * factor);
  for (let y = 0; y < height * factor; y++)
    for (let x = 0; x < width * factor; x++) {
      const from = (Math.floor(y / factor) * width + Math.floor(x / factor)) * 4;
      out.set(data.subarray(from, from + 4), (y * width * factor + x) * 4);
    }
  return { data: out, width: width * factor, height: height * factor };
}

/** Coverage of the area to fill, 0 … 255 an image pixel, drawn as the panel would with Path2D. */
export async function rasterise(
  masks: readonly MaskShape[],
  { width, height }: { width: number; height: number },
): Promise<Uint8Array> {
  const drawn = await Promise.all(
    masks.map(async (mask) => {
      const content =
        mask.kind === 'paths'
          ? mask.paths.map(({ data, rule }) => `<path fill-rule="${rule}" d="${data}"/>`).join('')
          : await picture(mask.png);
      return mask.matrices.map((m) => `<g transform="matrix(${m.join(' ')})">${content}</g>`).join('');
    }),
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawn.join('')}</svg>`;
  const { data } = await decode(new Uint8Array(await sharp(Buffer.from(svg)).png().toBuffer()));
  return data.filter((_, i) => i % 4 === 3);
}

async function picture(png: Uint8Array): Promise<string> {
  const { width, height } = await decode(png);
  const href = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  return `<image href="${href}" width="${width}" height="${height}"/>`;
}

/** Transform of a layer turned by `degrees` counter-clockwise around its top left corner, as Figma's panel counts. */
export function turned(degrees: number, x: number, y: number, flip = 1) {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return [
    [c * flip, s, x],
    [-s * flip, c, y],
  ] as [[number, number, number], [number, number, number]];
}

export function imageFill(imageHash: string, more: Record<string, unknown> = {}) {
  return { type: 'IMAGE', scaleMode: 'FILL', imageHash, ...more };
}

export const RED = { type: 'SOLID', color: { r: 1, g: 0, b: 0 } } as const;
