/** What the plugin needs of Penpot besides the document: the wire, in the same envelope as Figma's, and storage. */
import { isToPlugin, type ToPlugin, type ToUi } from '../wire/messages.ts';
import { DEFAULT_SETTINGS, isSettings, type Settings } from '../wire/settings.ts';

const SETTINGS_KEY = 'settings';

export function post(message: ToUi): void {
  penpot.ui.sendMessage({ pluginMessage: message });
}

/** Calls back with every message that is one; others are dropped. */
export function listen(receive: (message: ToPlugin) => void): void {
  penpot.ui.onMessage<{ pluginMessage?: unknown } | undefined>((data) => {
    if (isToPlugin(data?.pluginMessage)) receive(data.pluginMessage);
  });
}

/** Stored settings over the defaults: settings of an older version lack newer fields. */
export function loadSettings(): Settings {
  try {
    const stored: unknown = JSON.parse(penpot.localStorage.getItem(SETTINGS_KEY) || '{}');
    const merged: unknown = { ...DEFAULT_SETTINGS, ...(typeof stored === 'object' ? stored : null) };
    return isSettings(merged) ? merged : DEFAULT_SETTINGS;
  } catch {
    return DEFAULT_SETTINGS;
  }
}

export function saveSettings(settings: Settings): void {
  penpot.localStorage.setItem(SETTINGS_KEY, JSON.stringify(settings));
}
