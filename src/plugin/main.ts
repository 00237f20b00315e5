/** The sandbox: reads the selection, hands files and masks to the panel, writes results back. */

import type { Command, ToPlugin, ToUi } from '../wire/messages.ts';
import { panelSize } from '../wire/settings.ts';
import { fromRows } from './geometry.ts';
import { compare, revert, type Shown, selectOriginals } from './history.ts';
import { listen, loadSettings, openPanel, post, saveSettings } from './host.ts';
import { living } from './layers.ts';
import { readMasks } from './masks.ts';
import { OpenRequest } from './open-request.ts';
import { imageBytes, imageSize } from './paints.ts';
import { factorOf, qualityOf, suggest } from './parameters.ts';
import { placeImage } from './place-image.ts';
import { problemOf, Refusal, Undecided } from './refusal.ts';
import { report, startReporting, watchFor } from './reporting.ts';
import { filtersOf, shownPart } from './shown.ts';
import { findTarget, prepare, write } from './write.ts';

type Read = Extract<ToPlugin, { type: 'read' }>;

/** Mask layers each image was last read with: a result remembers them for Restore again. */
const masksRead = new Map<string, readonly string[]>();
/** Writes wait for each other. */
let queue: Promise<unknown> = Promise.resolve();

figma.on('run', ({ command, parameters }: RunEvent) => {
  void start(command, parameters ?? {});
});
figma.parameters.on('input', suggest);

async function start(command: string, parameters: ParameterValues): Promise<void> {
  if (command === 'compare' || command === 'revert') return withoutPanel(command);
  if (command === 'again') await selectOriginals();
  const settings = await loadSettings();
  openPanel(settings);
  listen((message) => {
    if (message.type === 'ready') {
      taken.clear(); // a panel that was loaded anew counts from the beginning
      welcome(command, parameters, settings);
    } else void answer(message);
  });
  figma.on('close', () => OpenRequest.cancelAll());
  startReporting();
}

/** Relaunch buttons that need no questions: act, say so, close. */
async function withoutPanel(command: 'compare' | 'revert'): Promise<void> {
  const act = command === 'compare' ? compare : revert;
  try {
    const selected = figma.currentPage.selection;
    if (selected.length === 0) throw new Refusal('nothing-selected', 'Select a restored layer first.');
    let last: Shown | undefined;
    for (const node of selected) last = await act(node.id);
    figma.closePlugin(last?.showing === 'original' ? 'Showing the original.' : 'Showing the restored image.');
  } catch (error) {
    figma.closePlugin(problemOf(error).words);
  }
}

function welcome(
  command: string,
  parameters: ParameterValues,
  settings: Awaited<ReturnType<typeof loadSettings>>,
): void {
  const factor = factorOf(command, parameters);
  const quality = qualityOf(parameters);
  post({
    type: 'welcome',
    settings,
    command: panelCommand(command),
    ...(quality ? { quality } : {}),
    ...(factor ? { factor } : {}),
    facts: {
      apiVersion: figma.apiVersion,
      editorType: figma.editorType,
      mode: figma.mode,
      pluginId: figma.pluginId ?? '',
      findings: [],
    },
  });
  void report();
}

function panelCommand(command: string): Command {
  if (command.slice(0, 7) === 'upscale') return 'upscale';
  return command === 'fill' || command === 'diagnostics' ? command : 'restore';
}

const taken = new Set<number>();
/** Whether a message is a request that came before: met twice, it would put two results into the document. */
function isRepeated(message: ToPlugin): boolean {
  if (!('request' in message) || message.type === 'cancel') return false;
  const known = taken.has(message.request);
  taken.add(message.request);
  return known;
}

async function answer(message: ToPlugin): Promise<void> {
  if (isRepeated(message)) return;
  switch (message.type) {
    case 'read':
      return reply(message.request, (open) => read(message, open));
    case 'write':
      queue = queue.then(() =>
        reply(message.request, (open) => write(message, masksRead.get(message.nodeId) ?? [], open)),
      );
      return;
    case 'hand':
      return reply(message.request, async () => hand(message));
    case 'weigh':
      return post({ type: 'weighed', request: message.request, length: message.bytes.length });
    case 'prepare':
      return reply(message.request, () => prepare(message).catch(reported));
    case 'compare':
      return act(message.request, async () => shown(message.request, await compare(message.nodeId)));
    case 'revert':
      return act(message.request, async () => shown(message.request, await revert(message.nodeId)));
    case 'again':
      return act(message.request, () => again(message.request));
    case 'place':
      return act(message.request, async () => made(message.request, await placeImage(message)));
    case 'cancel':
      return OpenRequest.cancel(message.request);
    case 'working':
      return watchFor(message.nodeIds);
    case 'settings':
      return saveSettings(message.settings)
        .catch(() => figma.notify('The settings could not be stored.', { error: true }))
        .then(() => {});
    case 'resize':
      return figma.ui.resize(...panelSize(message.width, message.height));
    case 'close':
      return figma.closePlugin();
  }
}

async function reply(request: number, work: (open: OpenRequest) => Promise<ToUi>): Promise<void> {
  let answered: ToUi;
  try {
    answered = await OpenRequest.run(request, work);
  } catch (error) {
    answered =
      error instanceof Undecided
        ? { type: 'question', request, question: error.question }
        : { type: 'failed', request, problem: problemOf(error) };
  }
  post(answered);
}

/** The panel knows what its own request made of the selection before it hears that it is done. */
function act(request: number, change: () => Promise<ToUi>): Promise<void> {
  return reply(request, async () => {
    const answered = await change();
    await report();
    return answered;
  });
}

/** What a request is about is no longer so: the panel gets to know first how it is. */
async function reported(error: unknown): Promise<never> {
  if (error instanceof Refusal) await report();
  throw error;
}

async function read({ request, nodeId, fillIndex, maskIds }: Read, open: OpenRequest): Promise<ToUi> {
  const { node, paint } = await findTarget(nodeId, fillIndex);
  await open.step(`Reading “${node.name}”`, 0, maskIds.length + 1);
  const bytes = await imageBytes(paint.imageHash, node);
  const image = await imageSize(paint.imageHash);
  open.check();
  if (!image)
    throw new Refusal(
      'missing-bytes',
      `Figma does not have the image of “${node.name}”. Place it again.`,
      nodeId,
    );
  const layerToPage = fromRows((node as Extract<SceneNode, LayoutMixin>).absoluteTransform);
  const masks = await readMasks(await layers(maskIds), { paint, layer: node, image, layerToPage }, open);
  masksRead.set(nodeId, maskIds);
  const { imageHash } = paint;
  const source = { type: 'source', request, nodeId, fillIndex, imageHash, bytes, masks } as const;
  const shown = shownPart(paint, node, image);
  const filters = filtersOf(paint);
  return { ...source, ...(shown && { shown }), ...(filters && { filters }) };
}

/** Makes an image of one piece of a result. No layer shows it yet. */
function hand({ request, png }: Extract<ToPlugin, { type: 'hand' }>): ToUi {
  return { type: 'handed', request, hash: figma.createImage(png).hash };
}

/** Masks deleted meanwhile are left out; readMasks refuses if none is left to mark anything. */
async function layers(ids: readonly string[]): Promise<SceneNode[]> {
  const found = await living(ids);
  if (ids.length > 0 && found.length === 0)
    throw new Refusal('empty-mask', 'The mask layers were deleted meanwhile. Draw over the area again.');
  return found;
}

async function again(request: number): Promise<ToUi> {
  const before = figma.currentPage.selection.map(({ id }) => id);
  await selectOriginals();
  const [first] = figma.currentPage.selection;
  if (!first || before.indexOf(first.id) >= 0)
    throw new Refusal(
      'no-original',
      'The image was replaced in place. Revert first, to start from the original.',
    );
  return made(request, first);
}

function made(request: number, { id, name }: SceneNode): ToUi {
  return { type: 'done', request, nodeId: id, name, notes: [] };
}

function shown(request: number, { node, showing }: Shown): ToUi {
  return { type: 'done', request, nodeId: node.id, name: node.name, showing, notes: [] };
}
