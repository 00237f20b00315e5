/** A page for people without Figma: one picture, areas drawn over it, and the very same plugin. */
import { at, type Box, inverse, type Matrix } from '../figma-double/matrix.ts';
import type { NodeState } from '../figma-double/state.ts';
import { PAGE } from '../figma-double/state.ts';
import { drawSvg } from '../figma-double/svg.ts';
import { type Built, PluginHost } from './plugin.ts';

const COMMANDS = {
  Restore: 'restore',
  'Fill masked area': 'fill',
  'Upscale 2×': 'upscale2',
  'Upscale 4×': 'upscale4',
};
const BUTTONS = { 'Restore again': 'again', Compare: 'compare', Revert: 'revert' };
/** Page px kept free around the picture. */
const MARGIN = 24;
const AREA_PAINTS = [{ type: 'SOLID', color: { r: 1, g: 0.2, b: 0.1 }, opacity: 0.4 }];
/** Page px, wide enough for a scratch. */
const LINE_WIDTH = 8;

const $ = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const [canvas, layers, status] = [$('canvas'), $('layers'), $('status')];
const built = (await (await fetch('built.json')).json()) as Built;
/** The layers of the sample; a picture of one's own takes their place. */
let shown: readonly string[] = [];
const host = new PluginHost(
  built,
  $('panel'),
  (event) => {
    if (event.type === 'toast' || event.type === 'fault' || (event.type === 'close' && event.words))
      status.textContent = event.words;
    draw();
  },
  () => draw(),
);
const { double } = host;
let view: Box = { x: -300, y: -200, width: 600, height: 400 };
let stroke: [number, number][] | undefined;

function page(): NodeState[] {
  return double.state.node(PAGE).children.map((id) => double.state.node(id));
}

function draw(): void {
  const { width, height } = canvas.getBoundingClientRect();
  if (width === 0 || height === 0) return; // in a frame that is not laid out yet
  fitTo(width / height);
  const scale = width / view.width;
  canvas.innerHTML =
    drawSvg(double.picture(), view, scale, (hash) => host.sources.get(hash)) + overlay(scale);
  const fresh = page().reverse().map(listItem);
  layers.replaceChildren(...fresh);
  drawCommands();
}

/** The whole page with a margin, in the shape of the canvas. */
function fitTo(aspect: number): void {
  if (stroke) return;
  const boxes = page().map(({ id }) => double.box(id));
  if (boxes.length === 0) return;
  const left = Math.min(...boxes.map(({ x }) => x)) - MARGIN;
  const top = Math.min(...boxes.map(({ y }) => y)) - MARGIN;
  const width = Math.max(...boxes.map((box) => box.x + box.width)) + MARGIN - left;
  const height = Math.max(...boxes.map((box) => box.y + box.height)) + MARGIN - top;
  const grown = { width: Math.max(width, height * aspect), height: Math.max(height, width / aspect) };
  view = { x: left - (grown.width - width) / 2, y: top - (grown.height - height) / 2, ...grown };
}

/** Selection and the stroke being drawn. */
function overlay(scale: number): string {
  const line = `fill="none" stroke="#0d99ff" stroke-width="${2 / scale}"`;
  const selected = double.state.selection.map((id) => {
    const { x, y, width, height } = double.box(id);
    return `<rect x="${x}" y="${y}" width="${width}" height="${height}" ${line}/>`;
  });
  const drawn = stroke ? `<polyline points="${stroke.join(' ')}" ${line}/>` : '';
  const box = `${view.x} ${view.y} ${view.width} ${view.height}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}">${selected.join('')}${drawn}</svg>`;
}

function listItem({ id, props }: NodeState): HTMLLIElement {
  const button = document.createElement('button');
  button.textContent = String(props.name);
  button.ariaPressed = String(double.state.selection.includes(id));
  button.className = props.visible === false ? 'hidden' : '';
  button.onclick = (event) => select(id, event.shiftKey);
  const item = document.createElement('li');
  item.append(button);
  return item;
}

function select(id: string, add: boolean): void {
  const { selection } = double.state;
  double.select(add ? [...selection.filter((known) => known !== id), id] : [id]);
  draw();
}

function drawCommands(): void {
  const result = double.state.selection.some(
    (id) => Object.keys(double.state.node(id).relaunchData).length > 0,
  );
  const offered = Object.entries(result ? { ...COMMANDS, ...BUTTONS } : COMMANDS);
  if ($('commands').childElementCount === offered.length) return;
  const buttons = offered.map(([name, command]) => {
    const button = document.createElement('button');
    button.textContent = name;
    button.onclick = () => host.run(command);
    return button;
  });
  $('commands').replaceChildren(...buttons);
}

/** The sample with the area that is scratched, and the plugin filling it. */
async function showSample(): Promise<void> {
  const [file, area] = await Promise.all([fetch('sample.png'), fetch('sample-mask.json')]);
  open(new Uint8Array(await file.arrayBuffer()), 'Nagasaki boats');
  const { data, ...size } = (await area.json()) as { data: string; width: number; height: number };
  const picture = page().at(-1)!;
  const relativeTransform = picture.props.relativeTransform as Matrix;
  const vectorPaths = [{ windingRule: 'NONZERO', data }];
  double.build([
    { type: 'VECTOR', name: 'Scratches', ...size, relativeTransform, vectorPaths, fills: AREA_PAINTS },
  ]);
  shown = [picture.id, page().at(-1)!.id];
  double.select(shown);
  status.textContent =
    'The scratches, marked red, are filled from the rest of the photograph. Compare shows it as it was.';
  draw();
  host.run('fill', { quality: 'fast' });
}

/** A picture of one's own, instead of the sample and what was made of it. */
async function openOwn(file: Blob, name: string): Promise<void> {
  await sample;
  const bytes = await bytesForFigma(file).catch(() => undefined);
  if (!bytes) {
    status.textContent = `${name} is no picture that this browser can read.`;
    return;
  }
  if (shown.length > 0) {
    host.close();
    for (const { id } of page()) double.remove(id);
    shown = [];
  }
  open(bytes, name);
}

/** What Figma takes as they are; it turns others into PNG where the browser can read them, as here. */
const TAKEN = ['image/png', 'image/jpeg', 'image/gif'];

async function bytesForFigma(file: Blob): Promise<Uint8Array> {
  const bitmap = await createImageBitmap(file);
  if (TAKEN.includes(file.type)) return new Uint8Array(await file.arrayBuffer());
  const picture = new OffscreenCanvas(bitmap.width, bitmap.height);
  picture.getContext('2d')!.drawImage(bitmap, 0, 0);
  return new Uint8Array(await (await picture.convertToBlob()).arrayBuffer());
}

function open(bytes: Uint8Array, name: string): void {
  try {
    const hash = double.addImage(bytes);
    const { width, height } = double.images.get(hash)!;
    const fills = [{ type: 'IMAGE', scaleMode: 'FILL', imageHash: hash }];
    double.build([{ type: 'RECTANGLE', name, width, height, fills, relativeTransform: below() }]);
    double.select([page().at(-1)!.id]);
    status.textContent = `${name}, ${width} × ${height} px. Draw around what is damaged, or press Restore.`;
  } catch (error) {
    status.textContent = `This file cannot be opened: ${(error as Error).message}`;
  }
  draw();
}

/** Under everything that is there already. */
function below(): Matrix {
  const bottom = Math.max(0, ...page().map(({ id }) => double.box(id).y + double.box(id).height + MARGIN));
  return [
    [1, 0, 0],
    [0, 1, bottom],
  ];
}

function pointAt({ clientX, clientY }: PointerEvent): [number, number] {
  const box = canvas.getBoundingClientRect();
  const scale = view.width / box.width;
  return [view.x + (clientX - box.x) * scale, view.y + (clientY - box.y) * scale];
}

const TOOLS = ['area', 'line'] as const;
const tool = () => TOOLS.find((id) => $(id).ariaPressed === 'true');

canvas.onpointerdown = (event) => {
  const point = pointAt(event);
  if (tool()) {
    canvas.setPointerCapture(event.pointerId);
    stroke = [point];
    return;
  }
  const hit = page()
    .reverse()
    .find(({ id, props }) => props.visible !== false && covers(id, point));
  if (hit) select(hit.id, event.shiftKey);
};
canvas.onpointermove = (event) => {
  if (!stroke) return;
  stroke.push(pointAt(event));
  draw();
};
canvas.onpointerup = () => {
  const points = stroke ?? [];
  stroke = undefined;
  if (points.length > 2) addArea(points);
};

function covers(id: string, [x, y]: [number, number]): boolean {
  const picture = double.picture(id);
  const [u, v] = at(inverse(picture.transform), x, y);
  return u >= 0 && v >= 0 && u <= picture.width && v <= picture.height;
}

/** A vector layer, closed or with a stroke, selected together with the picture under it. */
function addArea(points: [number, number][]): void {
  const [left, top] = [Math.min(...points.map(([x]) => x)), Math.min(...points.map(([, y]) => y))];
  const width = Math.max(1, Math.max(...points.map(([x]) => x)) - left);
  const height = Math.max(1, Math.max(...points.map(([, y]) => y)) - top);
  const under = page()
    .reverse()
    .find(({ id, type, props }) => type !== 'VECTOR' && props.visible !== false && covers(id, points[0]!));
  const path = `M ${points.map(([x, y]) => `${x - left} ${y - top}`).join(' L ')}`;
  const relativeTransform: Matrix = [
    [1, 0, left],
    [0, 1, top],
  ];
  const shape = { type: 'VECTOR', width, height, relativeTransform };
  const line = {
    vectorPaths: [{ windingRule: 'NONE', data: path }],
    strokes: AREA_PAINTS,
    strokeWeight: LINE_WIDTH,
  };
  const area = { vectorPaths: [{ windingRule: 'NONZERO', data: `${path} Z` }], fills: AREA_PAINTS };
  double.build([
    tool() === 'line' ? { ...shape, ...line, name: 'Line' } : { ...shape, ...area, name: 'Area' },
  ]);
  const areas = double.state.selection.filter((id) => double.state.node(id).type === 'VECTOR');
  double.select([...(under ? [under.id] : []), ...areas, page().at(-1)!.id]);
  draw();
}

function save(): void {
  const id = double.state.selection[0];
  const fills = (id ? double.state.node(id).props.fills : []) as { imageHash?: string }[];
  const hash = fills.find(({ imageHash }) => imageHash)?.imageHash;
  if (!id || !hash) {
    status.textContent = 'Select the picture to save.';
    return;
  }
  const link = document.createElement('a');
  link.href = host.sources.get(hash)!.href;
  link.download = `${double.state.node(id).props.name}.${link.href.startsWith('data:image/jpeg') ? 'jpg' : 'png'}`;
  link.click();
}

$('open').onclick = () => $('file').click();
$<HTMLInputElement>('file').onchange = ({ target }) => {
  const file = (target as HTMLInputElement).files?.[0];
  if (file) void openOwn(file, file.name.replace(/\.\w+$/, ''));
};
$('sample').onclick = () => {
  sample = showSample();
};
for (const id of TOOLS)
  $(id).onclick = () => {
    const chosen = tool() === id ? undefined : id;
    for (const other of TOOLS) $(other).ariaPressed = String(other === chosen);
    canvas.classList.toggle('draw', chosen !== undefined);
  };
$('undo').onclick = () => {
  if (double.state.steps > 0) double.undo();
  draw();
};
$('delete').onclick = () => {
  for (const id of double.state.selection.slice()) double.remove(id);
  draw();
};
$('save').onclick = save;
document.ondragover = (event) => event.preventDefault();
document.ondrop = (event) => {
  event.preventDefault();
  const file = event.dataTransfer?.files[0];
  if (file) void openOwn(file, file.name.replace(/\.\w+$/, ''));
};
addEventListener('resize', draw);
draw();
let sample = showSample();
