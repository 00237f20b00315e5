// Stands at the top of the nested frames in the sandbox' place and hands everything on to the sandbox in Node. What
// Figma would not pass is refused here, before it crosses.

import { pack, unpack } from '../../figma-double/wire.ts';
import type { Scenario } from '../ui/support/sandbox.ts';

declare global {
  interface Window {
    toSandbox(json: string, buffers: readonly string[]): Promise<void>;
    refuse(words: string): Promise<void>;
    toPanel(json: string, buffers: readonly string[]): void;
  }
}

window.playSandbox = (_: Scenario, frame: Window) => {
  window.addEventListener('message', ({ data }: MessageEvent<{ pluginMessage?: unknown }>) => {
    if (data?.pluginMessage === undefined) return;
    try {
      const { json, buffers } = pack(data.pluginMessage);
      void window.toSandbox(json, buffers.map(toBase64));
    } catch (error) {
      void window.refuse(String(error));
    }
  });
  window.toPanel = (json, buffers) =>
    frame.postMessage({ pluginMessage: unpack({ json, buffers: buffers.map(fromBase64) }) }, '*');
  return { received: [], refused: [], pluginIds: [], written: [], select: () => {}, send: () => {} };
};

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000)
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
