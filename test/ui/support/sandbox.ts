// Plays the sandbox inside the browser, at the top of the nested frames. It answers with what the test set up and
// writes down everything the panel sends; what Figma would not pass is refused, as Figma does.

import { isToPlugin, type Question, type ToPlugin, type ToUi } from '../../../src/wire/messages.ts';
import type { MaskShape, PaintFilters, ShownPart } from '../../../src/wire/pictures.ts';
import type { Problem, SelectionDescription } from '../../../src/wire/selection.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/wire/settings.ts';
import type { TileBox } from '../../../src/wire/tiles.ts';

/** As the sandbox reports it; the selected layers are the targets unless said otherwise. */
type Selected = Omit<SelectionDescription, 'revision' | 'selected'> & { selected?: string[] };

export interface Scenario {
  settings?: Partial<Settings>;
  command?: 'restore' | 'fill' | 'upscale' | 'diagnostics';
  selection: Selected;
  /** By node id. */
  files: Record<string, Uint8Array>;
  masks: Record<string, MaskShape[]>;
  /** What the layers show of their images. */
  shown?: ShownPart;
  filters?: PaintFilters;
  /** What the policy of the insecure frame allows for workers; default blob:. */
  workers?: string;
  /** Leaves 'read' unanswered, to hold the panel in its reading state. */
  silent?: boolean;
  refuseWrite?: Problem;
  question?: Question;
}

interface Played {
  readonly received: ToPlugin[];
  readonly refused: string[];
  /** A panel served from the web has to say which plugin it speaks to. */
  readonly pluginIds: string[];
  readonly written: Written[];
  select(selection: Selected): void;
  send(message: ToUi): void;
}

/** A result as the document got it. */
interface Written {
  readonly tiles: readonly (TileBox & { readonly png: Uint8Array })[];
}

declare global {
  interface Window {
    playSandbox(scenario: Scenario, frame: Window): Played;
    played: Played;
  }
}

/** Only plain objects, arrays, primitives, Date and Uint8Array pass Figma's bridge. */
function illegal(value: unknown, path: string): string | undefined {
  if (value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value)) return undefined;
  if (typeof value !== 'object') return `${path} is a ${typeof value}`;
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (kind === 'Uint8Array' || kind === 'Date') return undefined;
  if (kind !== 'Object' && kind !== 'Array') return `${path} is a ${kind}`;
  for (const [key, part] of Object.entries(value)) {
    const found = illegal(part, `${path}.${key}`);
    if (found) return found;
  }
  return undefined;
}

window.playSandbox = (scenario, frame) => {
  const received: ToPlugin[] = [];
  const refused: string[] = [];
  const pluginIds: string[] = [];
  const written: Written[] = [];
  const handed: Uint8Array[] = [];
  let revision = 0;
  const send = (pluginMessage: ToUi) => frame.postMessage({ pluginMessage }, '*');
  const select = (selection: Selected) => {
    const selected = selection.targets.map(({ nodeId }) => nodeId);
    send({ type: 'selection', selection: { selected, ...selection, revision: ++revision } });
  };

  const answer: { [K in ToPlugin['type']]?: (message: Extract<ToPlugin, { type: K }>) => void } = {
    ready() {
      const settings = { ...DEFAULT_SETTINGS, ...scenario.settings };
      const facts = {
        apiVersion: '1.0.0',
        editorType: 'figma',
        mode: 'default',
        pluginId: 'test',
        findings: [],
      };
      send({ type: 'welcome', settings, command: scenario.command ?? 'restore', facts });
      select(scenario.selection);
    },
    read({ request, nodeId, fillIndex }) {
      if (scenario.silent) return;
      const bytes = scenario.files[nodeId];
      const masks = scenario.masks[nodeId] ?? [];
      if (bytes) {
        const copy = bytes.slice();
        const source = { nodeId, fillIndex, imageHash: `hash ${nodeId}`, bytes: copy, masks };
        const { shown, filters } = scenario;
        send({ type: 'source', request, ...source, ...(shown && { shown }), ...(filters && { filters }) });
        return;
      }
      const words = 'Figma has not loaded this image yet. Wait a moment and select it again.';
      send({ type: 'failed', request, problem: { code: 'missing-bytes', words, nodeId } });
    },
    prepare({ request, answers }) {
      const { question } = scenario;
      if (question && answers[question.code] === undefined) send({ type: 'question', request, question });
      else send({ type: 'prepared', request });
    },
    revert({ request, nodeId }) {
      send({ type: 'done', request, nodeId, name: 'Original', showing: 'original', notes: [] });
    },
    hand({ request, png }) {
      send({ type: 'handed', request, hash: String(handed.push(png) - 1) });
    },
    weigh({ request, bytes }) {
      send({ type: 'weighed', request, length: bytes.length });
    },
    write({ request, nodeId, image, task, answers }) {
      if (scenario.question && answers[scenario.question.code] === undefined) {
        send({ type: 'question', request, question: scenario.question });
        return;
      }
      if (scenario.refuseWrite) {
        send({ type: 'failed', request, problem: scenario.refuseWrite });
        return;
      }
      written.push({
        tiles: image.tiles.map(({ hash, ...box }) => ({ ...box, png: handed[Number(hash)]! })),
      });
      const target = scenario.selection.targets.find((one) => one.nodeId === nodeId);
      const name = task === 'upscale' ? (target?.name ?? '') : `${target?.name} · restored`;
      send({ type: 'done', request, nodeId: `${nodeId}+`, name, notes: [] });
    },
  };
  window.addEventListener(
    'message',
    ({ data }: MessageEvent<{ pluginMessage?: unknown; pluginId?: string }>) => {
      const message = data?.pluginMessage;
      if (message === undefined) return;
      const found = illegal(message, 'message');
      if (found || !isToPlugin(message)) {
        refused.push(found ?? `not understood: ${JSON.stringify(message).slice(0, 200)}`);
        return;
      }
      received.push(message);
      if (data.pluginId !== undefined) pluginIds.push(data.pluginId);
      (answer[message.type] as ((message: ToPlugin) => void) | undefined)?.(message);
    },
  );
  return { received, refused, pluginIds, written, select, send };
};
