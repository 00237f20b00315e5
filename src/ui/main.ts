import './style.css';
import { Controller } from './controller.ts';
import { Store } from './state.ts';
import { Panel } from './views/panel.ts';
import { createThreads } from './worker/threads.ts';

/** Address of a copy of this panel served from the web, with ?plugin=ID; empty unless the build was given one. */
declare const __HOSTED__: string;
/** How long a copy may take to answer before this page goes on by itself, ms. */
const HOSTED_PATIENCE = 1500;

/** The text of worker/entry.ts, which the build puts into the page as data. */
function workerSource(): string {
  return document.getElementById('worker')?.textContent ?? '';
}

/** Figma tells its theme only to pages it wrote itself, so the address carries it over. */
function theme(): string {
  return document.documentElement.classList.contains('figma-dark') ? 'dark' : 'light';
}

/** Whether a copy of the panel exists that may use the graphics card while this frame may not. */
async function copyAnswers(): Promise<boolean> {
  if (__HOSTED__ === '' || location.protocol.startsWith('http') || 'gpu' in navigator) return false;
  try {
    await fetch(__HOSTED__, { mode: 'no-cors', signal: AbortSignal.timeout(HOSTED_PATIENCE) });
    return true;
  } catch {
    return false;
  }
}

async function begin(): Promise<void> {
  if (await copyAnswers()) {
    location.replace(`${__HOSTED__}&theme=${theme()}`);
    return;
  }
  const carried = location.protocol.startsWith('http') && new URLSearchParams(location.search).get('theme');
  if (carried) document.documentElement.classList.add(carried === 'dark' ? 'figma-dark' : 'figma-light');
  const store = new Store();
  const controller = new Controller(store, createThreads(workerSource()));
  new Panel(controller, document.getElementById('panel')!);
}

void begin();
