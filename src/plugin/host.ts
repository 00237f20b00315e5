/** The few things this plugin needs of its surroundings besides the document: wire, storage, time. */

import { isToPlugin, type ToPlugin, type ToUi } from '../wire/messages.ts';
import { DEFAULT_SETTINGS, isSettings, type Settings } from '../wire/settings.ts';

const SETTINGS_KEY = 'settings';

export function post(message: ToUi): void {
  figma.ui.postMessage(message);
}

/** Calls back with every message that is one; others are dropped with a line on the console. */
export function listen(receive: (message: ToPlugin) => void): void {
  figma.ui.onmessage = (message: unknown) => {
    if (isToPlugin(message)) receive(message);
    else console.warn('A message of the panel was not understood.', JSON.stringify(message).slice(0, 200));
  };
}

export function openPanel({ width, height }: Settings): void {
  figma.showUI(__html__, { width, height, themeColors: true, title: 'Prior Art' });
}

/** Stored settings over the defaults: settings of an older version lack newer fields. */
export async function loadSettings(): Promise<Settings> {
  const stored: unknown = await figma.clientStorage.getAsync(SETTINGS_KEY);
  const merged: unknown = { ...DEFAULT_SETTINGS, ...(typeof stored === 'object' ? stored : null) };
  return isSettings(merged) ? merged : DEFAULT_SETTINGS;
}

export function saveSettings(settings: Settings): Promise<void> {
  return figma.clientStorage.setAsync(SETTINGS_KEY, settings);
}

/** Lets Figma draw and handle input: the sandbox runs on its main thread. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
