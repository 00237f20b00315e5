/** The whole plugin: the built sandbox script in QuickJS, the panel in Figma's nested frames in Chromium, a bridge. */

import { pack, unpack } from '../../figma-double/wire.ts';
import type { ToUi } from '../../src/wire/messages.ts';
import type { Shown, ShowOptions, Stage } from '../ui/support/stage.ts';
import type { Sandbox } from './sandbox.ts';

export interface Connected extends Shown {
  /** What Figma's bridge would not have passed, and errors of the page. Must stay empty. */
  readonly faults: string[];
  /** Types of the messages the panel sent. */
  readonly received: string[];
}

const NOTHING = { selection: { targets: [], masks: [], problems: [] }, files: {}, masks: {} };

/** The user runs a command with layers selected; resolves when the panel listens. */
export async function connect(
  stage: Stage,
  sandbox: Sandbox,
  command: string,
  ids: readonly string[],
  options: ShowOptions = {},
): Promise<Connected> {
  const faults: string[] = [];
  const received: string[] = [];
  sandbox.select(...ids);
  await sandbox.start(command);
  await sandbox.settle();
  const shown = await stage.show(NOTHING, {
    ...options,
    prepare: async (page) => {
      page.on('pageerror', (error) => faults.push(error.message));
      const refuse = await page.exposeFunction('refuse', (words: string) => void faults.push(words));
      const toSandbox = await page.exposeFunction('toSandbox', (json: string, buffers: string[]) => {
        const message = unpack({
          json,
          buffers: buffers.map((text) => new Uint8Array(Buffer.from(text, 'base64'))),
        });
        received.push((message as { type: string }).type);
        sandbox.send(message);
      });
      let last: Promise<unknown> = Promise.resolve();
      let over = false;
      sandbox.onPost = (message: ToUi) => {
        const { json, buffers } = pack(message);
        const texts = buffers.map((bytes) => Buffer.from(bytes).toString('base64'));
        // One after the other: the order of messages is part of the protocol.
        last = last
          .then(() => page.evaluate(([text, list]) => window.toPanel(text, list), [json, texts] as const))
          .catch((error: unknown) => {
            if (!over) faults.push(String(error));
          });
      };
      return async () => {
        over = true;
        await refuse.dispose();
        await toSandbox.dispose();
      };
    },
  });
  return { ...shown, faults, received };
}
