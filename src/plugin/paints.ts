/** Image paints of a layer: which can be worked on, how large their files are, what is wrong with the others. */
import type { FillDescription, Problem } from '../wire/selection.ts';
import type { Size } from './geometry.ts';
import { Refusal } from './refusal.ts';

export type Paintable = SceneNode & MinimalFillsMixin;
export type ImageFill = ImagePaint & { readonly imageHash: string };

export function isPaintable(node: BaseNode): node is Paintable {
  return 'fills' in node && node.type !== 'STAMP';
}

/** Fills as a list, bottommost first; undefined where letters of a text have different ones. */
export function fillsOf(node: Paintable): readonly Paint[] | undefined {
  return node.fills === figma.mixed ? undefined : (node.fills as readonly Paint[]);
}

export function isImageFill(paint: Paint | undefined): paint is ImageFill {
  return paint !== undefined && paint.type === 'IMAGE' && typeof paint.imageHash === 'string';
}

/** Where one of the images lies among the fills: at `near` if it does, else where it was moved to; −1 = nowhere. */
export function indexOfImage(fills: readonly Paint[], hashes: readonly string[], near: number): number {
  const is = (paint: Paint | undefined) => isImageFill(paint) && hashes.indexOf(paint.imageHash) >= 0;
  return is(fills[near]) ? near : fills.findIndex(is);
}

function isShown(paint: Paint): boolean {
  return paint.visible !== false;
}

/** Whether a layer of the selection is there for its image. */
export function carriesImage(node: BaseNode): boolean {
  if (!isPaintable(node)) return false;
  const fills = fillsOf(node);
  if (fills)
    return fills.some((paint) => isShown(paint) && (paint.type === 'IMAGE' || paint.type === 'VIDEO'));
  return partFills(node).some(({ type }) => type === 'IMAGE');
}

/** Fills of a layer whose parts differ: letters of a text, regions of a vector. */
function partFills(node: Paintable): Paint[] {
  const all: Paint[] = [];
  if (node.type === 'TEXT') for (const { fills } of node.getStyledTextSegments(['fills'])) all.push(...fills);
  if (node.type === 'VECTOR')
    for (const { fills } of node.vectorNetwork.regions ?? []) all.push(...(fills ?? []));
  return all;
}

const sizes = new Map<string, Size>();

/** Size of an image file; undefined if Figma lacks its bytes. */
export async function imageSize(hash: string): Promise<Size | undefined> {
  const known = sizes.get(hash);
  if (known) return known;
  try {
    const size = await figma.getImageByHash(hash)?.getSizeAsync();
    if (size && size.width > 0 && size.height > 0) sizes.set(hash, size);
    return sizes.get(hash);
  } catch {
    return undefined; // Figma rejects where the file was never uploaded or the network is gone
  }
}

/** Image fills topmost first, or the reason why there is none. */
export async function describeFills(node: Paintable): Promise<FillDescription[] | Problem> {
  const named = `“${node.name}”`;
  const fills = fillsOf(node);
  if (!fills)
    return {
      code: 'mixed-fills',
      words: `The parts of ${named} have different fills. Give all of it the same image.`,
      nodeId: node.id,
    };
  const found: FillDescription[] = [];
  for (let index = fills.length - 1; index >= 0; index--) {
    const paint = fills[index];
    if (!isImageFill(paint)) continue;
    const size = await imageSize(paint.imageHash);
    if (size)
      found.push({
        index,
        imageHash: paint.imageHash,
        scaleMode: paint.scaleMode,
        ...size,
        visible: isShown(paint),
      });
  }
  if (found.length > 0) return found;
  if (fills.some((paint) => paint.type === 'IMAGE'))
    return {
      code: 'missing-bytes',
      words: `Figma does not have the image of ${named}. Wait until it has loaded, or place it again.`,
      nodeId: node.id,
    };
  return {
    code: 'video',
    words: `${named} has a video fill. Only still images can be restored.`,
    nodeId: node.id,
  };
}

/** The original file of an image. Refuses what the panel cannot work on, by its first bytes. */
export async function imageBytes(hash: string, node: SceneNode): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await figma.getImageByHash(hash)?.getBytesAsync();
  } catch {
    bytes = undefined;
  }
  if (!bytes || bytes.length === 0)
    throw new Refusal(
      'missing-bytes',
      `Figma does not have the image of “${node.name}”. Wait until it has loaded, or place it again.`,
      node.id,
    );
  if (bytes[0] === 0x47 && bytes[1] === 0x49 && bytes[2] === 0x46)
    throw new Refusal(
      'gif',
      `“${node.name}” is an animated GIF. Only still images can be restored: flatten it first.`,
      node.id,
    );
  return bytes;
}

/**
 * The same fills with one replaced; a frozen list and its paints are never changed. Refuses where Figma takes the list
 * only asynchronously, which would tear the change apart.
 */
export function withFill(fills: readonly Paint[], index: number, paint: Paint): Paint[] {
  if (fills.some(({ type }) => type === 'PATTERN'))
    throw new Refusal(
      'refused-by-figma',
      'The layer has a pattern fill beside its image. Move the pattern to a layer of its own.',
    );
  const list = fills.slice();
  list[index] = paint;
  return list;
}
