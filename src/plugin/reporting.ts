/** Tells the panel how things are: what is selected, and what of it is gone. */
import { post } from './host.ts';
import { countEdits } from './look.ts';
import { describeSelection, unreadable } from './selection.ts';

/** Layers whose images the panel works on right now. */
let working: readonly string[] = [];

export function watchFor(nodeIds: readonly string[]): void {
  working = nodeIds;
}

export function startReporting(): void {
  figma.on('selectionchange', () => reportSoon(0));
  figma.on('currentpagechange', pageLeft);
  watchPage();
}

/** A layer that is dragged changes many times a second: one report once it rests this long, ms. */
const REST = 150;
let due: { readonly timer: number; readonly wait: number } | undefined;
/** Selections change in bursts; one report after the last. */
function reportSoon(wait: number): void {
  if (due) {
    if (due.wait < wait) return;
    clearTimeout(due.timer);
  }
  const timer = setTimeout(() => {
    due = undefined;
    void report();
  }, wait);
  due = { timer, wait };
}

/** The last report; those before it that were still being made are dropped. */
let reporting: Promise<void> = Promise.resolve();
/** Resolves once the panel was told how things are now, by this report or a later one. */
export async function report(): Promise<void> {
  const own: Promise<void> = describeSelection(figma.currentPage.selection)
    .catch(unreadable)
    .then((selection) => {
      if (own === reporting) post({ type: 'selection', selection });
    });
  reporting = own;
  await own;
  if (own !== reporting) await reporting;
}

let watched: PageNode | undefined;
/** Deletions and changed fills reach the panel, whoever made them. */
function watchPage(): void {
  // A page that was deleted answers nothing any more.
  if (watched && !watched.removed) watched.off('nodechange', pageChanged);
  watched = figma.currentPage;
  watched.on('nodechange', pageChanged);
}

/** Another page is shown, perhaps because somebody deleted the last one with all that was on it. */
function pageLeft(): void {
  watchPage();
  void reportGone();
  reportSoon(0);
}

function pageChanged({ nodeChanges }: NodeChangeEvent): void {
  const deleted = nodeChanges.some(({ type }) => type === 'DELETE');
  if (deleted) void reportGone();
  const touched = countEdits(nodeChanges);
  if (deleted) reportSoon(0);
  else if (figma.currentPage.selection.some(({ id }) => touched.has(id))) reportSoon(REST);
}

/** A deletion names only the topmost layer that went, so each layer being worked on is looked up. */
async function reportGone(): Promise<void> {
  for (const id of working) {
    const node = await figma.getNodeByIdAsync(id);
    if (!node || node.removed) post({ type: 'gone', nodeId: id });
  }
}
