/** The plugin in Penpot: the same panel, another document. docs/penpot.md tells what of it is read out of typings only. */
import type { ImageData } from '@penpot/plugin-types';
import { invert, layerToImage } from '../plugin/geometry.ts';
import { problemOf, Refusal } from '../plugin/refusal.ts';
import type { ToPlugin, ToUi } from '../wire/messages.ts';
import { panelSize } from '../wire/settings.ts';
import { listen, loadSettings, post, saveSettings } from './host.ts';
import { findTarget, paintOf, shapeOf } from './images.ts';
import { readMasks } from './masks.ts';
import { compare, revert, type Shown, selectOriginals, write } from './results.ts';
import { describeSelection } from './selection.ts';

/** What was uploaded for a result, by its id. */
const uploads = new Map<string, ImageData>();
/** Mask shapes each image was last read with. */
const masksRead = new Map<string, readonly string[]>();
const cancelled = new Set<number>();
let working: readonly string[] = [];

penpot.flags.throwValidationErrors = true; // what Penpot refuses must not look as if it were done
const settings = loadSettings();
penpot.ui.open('Prior Art', 'ui.html', { width: settings.width, height: settings.height });
listen((message) => void answer(message));
penpot.on('selectionchange', report);
penpot.on('contentsave', report);

function report(): void {
  for (const nodeId of working) if (!shapeOf(nodeId)) post({ type: 'gone', nodeId });
  post({ type: 'selection', selection: describeSelection(penpot.selection) });
}

function welcome(): void {
  const facts = { apiVersion: penpot.version, editorType: 'penpot', mode: '', pluginId: '', findings: [] };
  post({ type: 'welcome', settings, command: 'restore', facts });
  report();
}

async function answer(message: ToPlugin): Promise<void> {
  switch (message.type) {
    case 'ready':
      return welcome();
    case 'read':
      return reply(message.request, () => read(message));
    case 'prepare':
      return reply(message.request, async () => {
        findTarget(message.nodeId, message.fillIndex, message.imageHash);
        return { type: 'prepared', request: message.request };
      });
    case 'hand':
      return reply(message.request, () => hand(message));
    case 'weigh':
      return post({ type: 'weighed', request: message.request, length: message.bytes.length });
    case 'write':
      return reply(message.request, async () => {
        const uploaded = uploads.get(message.image.tiles[0]?.hash ?? '');
        const shape = write(message, uploaded, masksRead.get(message.nodeId) ?? []);
        return done(message.request, { shape });
      });
    case 'compare':
      return act(message.request, () => done(message.request, compare(message.nodeId)));
    case 'revert':
      return act(message.request, () => done(message.request, revert(message.nodeId)));
    case 'again':
      return act(message.request, () => done(message.request, { shape: selectOriginals() }));
    case 'place':
      return reply(message.request, () => place(message));
    case 'cancel':
      cancelled.add(message.request);
      return;
    case 'working':
      working = message.nodeIds;
      return;
    case 'settings':
      return saveSettings(message.settings);
    case 'resize':
      return penpot.ui.resize(...panelSize(message.width, message.height));
    case 'close':
      return penpot.closePlugin();
  }
}

async function reply(request: number, work: () => Promise<ToUi>): Promise<void> {
  try {
    post(await work());
  } catch (error) {
    // What was asked about is no longer so, perhaps.
    report();
    post({ type: 'failed', request, problem: problemOf(error, 'Penpot') });
  }
}

/** The panel knows what its own request made of the selection before it hears that it is done. */
function act(request: number, change: () => ToUi): Promise<void> {
  return reply(request, async () => {
    const answered = change();
    report();
    return answered;
  });
}

async function read({
  request,
  nodeId,
  fillIndex,
  maskIds,
}: Extract<ToPlugin, { type: 'read' }>): Promise<ToUi> {
  const target = findTarget(nodeId, fillIndex);
  const { shape, image } = target;
  const bytes = await image.data();
  const masks = await readMasks(
    maskIds.flatMap((id) => shapeOf(id) ?? []),
    target,
  );
  masksRead.set(nodeId, maskIds);
  const matrix = invert(layerToImage(paintOf(image), shape, image));
  const shown = { width: shape.width, height: shape.height, matrix };
  return { type: 'source', request, nodeId, fillIndex, imageHash: image.id, bytes, masks, shown };
}

async function hand({ request, png }: Extract<ToPlugin, { type: 'hand' }>): Promise<ToUi> {
  const image = await penpot.uploadMediaData('restored', png, 'image/png');
  if (cancelled.has(request)) throw new Refusal('cancelled', 'Cancelled. Nothing was changed.');
  uploads.set(image.id, image);
  return { type: 'handed', request, hash: image.id };
}

/** A dropped file becomes a layer in the middle of the view, one pixel a px. */
async function place({ request, name, bytes }: Extract<ToPlugin, { type: 'place' }>): Promise<ToUi> {
  const type = bytes[0] === 0x89 ? 'image/png' : bytes[0] === 0xff ? 'image/jpeg' : 'image/webp';
  const image = await penpot.uploadMediaData(name, bytes, type);
  const layer = penpot.createRectangle();
  const { x, y } = penpot.viewport.center;
  layer.name = name;
  layer.resize(image.width, image.height);
  layer.x = Math.round(x - image.width / 2);
  layer.y = Math.round(y - image.height / 2);
  layer.fills = [{ fillOpacity: 1, fillImage: image }];
  penpot.selection = [layer];
  report();
  return done(request, { shape: layer });
}

function done(request: number, { shape, showing }: Pick<Shown, 'shape'> & Partial<Shown>): ToUi {
  const { id, name } = shape;
  return { type: 'done', request, nodeId: id, name, notes: [], ...(showing && { showing }) };
}
