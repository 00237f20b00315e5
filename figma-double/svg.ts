/**
 * Draws the double's scene as SVG, for librsvg in Node and for Chromium in the playground: a rasteriser, and a reading of
 * the scale modes, that share nothing with src/plugin/geometry.ts.
 */

import type { Picture } from './double.ts';
import { type Box, inverse, type Matrix, multiply } from './matrix.ts';

interface Paint {
  type: string;
  visible?: boolean;
  opacity?: number;
  blendMode?: string;
  color?: { r: number; g: number; b: number };
  imageHash?: string;
  scaleMode?: string;
  imageTransform?: Matrix;
  scalingFactor?: number;
  rotation?: number;
}

export interface ImageSource {
  readonly href: string;
  readonly width: number;
  readonly height: number;
}

interface Drawing {
  readonly image: (hash: string) => ImageSource | undefined;
  readonly definitions: string[];
}

/** An SVG of `box` (page units) at `scale` pixels a unit. */
export function drawSvg(
  picture: Picture,
  box: { x: number; y: number; width: number; height: number },
  scale: number,
  image: (hash: string) => ImageSource | undefined,
): string {
  const drawing: Drawing = { image, definitions: [] };
  const body = drawNode(drawing, picture);
  const [width, height] = [
    Math.max(1, Math.round(box.width * scale)),
    Math.max(1, Math.round(box.height * scale)),
  ];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" preserveAspectRatio="none" ` +
    `viewBox="${box.x} ${box.y} ${box.width} ${box.height}"><defs>${drawing.definitions.join('')}</defs>${body}</svg>`
  );
}

function define(drawing: Drawing, make: (id: string) => string): string {
  const id = `d${drawing.definitions.length}`;
  drawing.definitions.push(''); // reserves the id: definitions nest
  drawing.definitions[Number(id.slice(1))] = make(id);
  return `url(#${id})`;
}

function matrixText([[a, c, e], [b, d, f]]: Matrix): string {
  return `matrix(${[a, b, c, d, e, f].join(' ')})`;
}

function drawNode(drawing: Drawing, node: Picture): string {
  const { props } = node;
  if (props.visible === false) return '';
  const space = node.type === 'GROUP' || node.type === 'BOOLEAN_OPERATION';
  const own = drawOwn(drawing, node);
  const children = node.type === 'BOOLEAN_OPERATION' ? '' : drawChildren(drawing, node);
  const look = style(drawing, props);
  // Children of groups are placed in the space of the group's container, its own outline in its own space.
  if (space) return `<g ${look}><g transform="${matrixText(node.transform)}">${own}</g>${children}</g>`;
  return `<g transform="${matrixText(node.transform)}" ${look}>${own}${clipped(drawing, node, children)}</g>`;
}

function style(drawing: Drawing, props: Picture['props']): string {
  const opacity = Number(props.opacity ?? 1);
  const effects = (props.effects ?? []) as { type: string; radius?: number; visible?: boolean }[];
  const blur = effects.find(({ type, visible }) => type === 'LAYER_BLUR' && visible !== false);
  const filter = blur
    ? define(
        drawing,
        (id) =>
          `<filter id="${id}" x="-1" y="-1" width="3" height="3"><feGaussianBlur stdDeviation="${(blur.radius ?? 0) / 2}"/></filter>`,
      )
    : undefined;
  return `${opacity < 1 ? `opacity="${opacity}"` : ''} ${filter ? `filter="${filter}"` : ''}`;
}

function clipped(drawing: Drawing, node: Picture, children: string): string {
  if (node.props.clipsContent !== true || children === '') return children;
  const clip = define(drawing, (id) => `<clipPath id="${id}">${paths(node.fill, true)}</clipPath>`);
  return `<g clip-path="${clip}">${children}</g>`;
}

/** A mask layer is not drawn itself; it masks the siblings that follow it, up to the next mask. */
function drawChildren(drawing: Drawing, node: Picture): string {
  let drawn = '';
  let run = '';
  let mask: Picture | undefined;
  const flush = () => {
    if (mask && run) {
      const kind = mask.props.maskType === 'LUMINANCE' ? 'luminance' : 'alpha';
      const content = drawNode(drawing, mask);
      const url = define(
        drawing,
        (id) =>
          `<mask id="${id}" mask-type="${kind}" style="mask-type:${kind}" maskUnits="userSpaceOnUse" x="-1e5" y="-1e5" width="2e5" height="2e5">${content}</mask>`,
      );
      drawn += `<g mask="${url}">${run}</g>`;
    } else drawn += run;
    run = '';
  };
  for (const child of node.children) {
    if (child.props.isMask === true && child.props.visible !== false) {
      flush();
      mask = child;
    } else run += drawNode(drawing, child);
  }
  flush();
  return drawn;
}

function drawOwn(drawing: Drawing, node: Picture): string {
  const fills = ((node.props.fills ?? []) as Paint[]).filter(({ visible }) => visible !== false);
  const strokes = ((node.props.strokes ?? []) as Paint[]).filter(({ visible }) => visible !== false);
  return (
    (Array.isArray(fills) ? fills.map((paint) => drawFill(drawing, node, paint)).join('') : '') +
    strokes.map((paint) => `<g ${solid(paint)}>${paths(node.stroke, false)}</g>`).join('')
  );
}

function paths(outline: Picture['fill'], clip: boolean): string {
  const rule = clip ? 'clip-rule' : 'fill-rule';
  return outline
    .map(({ data, windingRule }) => `<path ${rule}="${windingRule.toLowerCase()}" d="${data}"/>`)
    .join('');
}

function solid({ color, opacity }: Paint): string {
  const { r, g, b } = color ?? { r: 0, g: 0, b: 0 };
  return `fill="rgb(${[r, g, b].map((value) => Math.round(value * 255)).join(',')})" fill-opacity="${opacity ?? 1}"`;
}

function drawFill(drawing: Drawing, node: Picture, paint: Paint): string {
  if (paint.type === 'SOLID') return `<g ${solid(paint)}>${paths(node.fill, false)}</g>`;
  const image = paint.imageHash ? drawing.image(paint.imageHash) : undefined;
  if (paint.type !== 'IMAGE' || !image) return '';
  const clip = define(drawing, (id) => `<clipPath id="${id}">${paths(node.fill, true)}</clipPath>`);
  return `<g clip-path="${clip}" opacity="${paint.opacity ?? 1}">${placeImage(node, paint, image)}</g>`;
}

function placeImage({ width: W, height: H }: Picture, paint: Paint, image: ImageSource): string {
  if (paint.scaleMode === 'CROP') {
    // Unit square of the image, put where imageTransform's inverse says, then stretched to the layer.
    const stretch: Matrix = [
      [W, 0, 0],
      [0, H, 0],
    ];
    const pixel: Matrix = [
      [1 / image.width, 0, 0],
      [0, 1 / image.height, 0],
    ];
    const place = multiply(multiply(stretch, inverse(paint.imageTransform!)), pixel);
    return img(image, { x: 0, y: 0, width: image.width, height: image.height }, 'none', matrixText(place));
  }
  if (paint.scaleMode === 'TILE') return tiles(W, H, paint, image);
  const fit = paint.scaleMode === 'FIT' ? 'xMidYMid meet' : 'xMidYMid slice';
  const [w, h] = (paint.rotation ?? 0) % 180 === 0 ? [W, H] : [H, W];
  const turn = `rotate(${paint.rotation ?? 0} ${W / 2} ${H / 2})`;
  return img(image, { x: (W - w) / 2, y: (H - h) / 2, width: w, height: h }, fit, turn);
}

function tiles(W: number, H: number, paint: Paint, image: ImageSource): string {
  const rotation = paint.rotation ?? 0;
  const [w, h] = [image.width * (paint.scalingFactor ?? 1), image.height * (paint.scalingFactor ?? 1)];
  const [stepX, stepY] = rotation % 180 === 0 ? [w, h] : [h, w];
  let drawn = '';
  for (let y = 0; y < H; y += stepY)
    for (let x = 0; x < W; x += stepX) {
      const turn = `rotate(${rotation} ${x + stepX / 2} ${y + stepY / 2})`;
      const place = { x: x + (stepX - w) / 2, y: y + (stepY - h) / 2, width: w, height: h };
      drawn += img(image, place, 'none', turn);
    }
  return drawn;
}

function img({ href }: ImageSource, { x, y, width, height }: Box, fit: string, transform: string): string {
  return `<image href="${href}" x="${x}" y="${y}" width="${width}" height="${height}" preserveAspectRatio="${fit}" transform="${transform}"/>`;
}
