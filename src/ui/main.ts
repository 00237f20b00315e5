import './style.css';
import { Controller } from './controller.ts';
import { createThreads } from './heavy/threads.ts';
import { Store } from './state.ts';
import { Panel } from './views/panel.ts';

/** The text of heavy/entry.ts, which the build puts into the page as data. */
function heavySource(): string {
  return document.getElementById('heavy')?.textContent ?? '';
}

const store = new Store();
const threads = createThreads(heavySource());
const controller = new Controller(store, threads);
new Panel(controller, document.getElementById('panel')!);
