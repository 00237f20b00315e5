/** Puts results into the document, and to the user what the sandbox asks. */
import type { Answers, Question, ToUi } from '../wire/messages.ts';
import type { HandedImage } from '../wire/pictures.ts';
import type { Problem } from '../wire/selection.ts';
import type { InsertPort } from './ports.ts';
import { keptWords } from './words.ts';

/**
 * Encodes the result and hands it to the sandbox. A refusal is no failure of the run: the result stays on show with
 * a quiet line and the button to insert it.
 */
export async function insertItem(panel: InsertPort, key: string): Promise<void> {
  const { store, bridge } = panel;
  const item = store.state.items.find((other) => other.key === key);
  if (!item?.result || item.imageHash === undefined) return;
  store.setItem(key, { status: 'writing' });
  store.set({ writing: 'Saving the image without loss' });
  panel.phase('writing');
  const { nodeId, fillIndex, imageHash, result } = item;
  const { settings } = store.state;
  const { operation, place, factor, inArea } = result;
  const image = await handOver(panel, key);
  const answer =
    'words' in image
      ? ({ type: 'failed', problem: image } as const)
      : await untilAnswered(panel, key, (answers) =>
          bridge.ask(
            {
              ...{ type: 'write', nodeId, fillIndex, imageHash, task: operation, image, answers },
              ...{ place, factor },
              ...(result.replaces !== undefined && { replaces: result.replaces }),
              hideOriginal: settings.hideOriginal,
              hideMasks: inArea && settings.hideMasks,
            },
            (writing) => store.set({ writing }),
          ),
        );
  if (answer?.type === 'failed') store.set({ notice: answer.problem.words });
  if (answer?.type === 'done') {
    const kept = place === 'layer' ? keptWords(store.state, item) : [];
    const notes = [...new Set([...result.notes, ...answer.notes, ...kept])];
    store.setItem(key, { result: { ...result, notes, insertedAs: answer.name, nodeId: answer.nodeId } });
  }
  store.setItem(key, { status: 'done' });
}

/** Encodes a result and hands it over piece by piece, so that no two pieces are in memory at once. */
async function handOver({ store, bridge, threads }: InsertPort, key: string): Promise<HandedImage | Problem> {
  const tiles = [];
  for (let index = 0; ; index++) {
    const piece = await threads.studio.call('encode', { key, index });
    const { width, height, boxes, png } = piece;
    const which = boxes.length > 1 ? `, piece ${index + 1} of ${boxes.length}` : '';
    store.set({ writing: `Handing the result over${which}` });
    const answer = await bridge.ask({ type: 'hand', png });
    if (answer.type === 'failed') return answer.problem;
    if (answer.type !== 'handed') throw new Error(`Expected 'handed', received '${answer.type}'.`);
    tiles.push({ ...boxes[index]!, hash: answer.hash });
    if (tiles.length === boxes.length) return { width, height, tiles };
  }
}

/** Puts a question of the sandbox; undefined = the user would rather not. */
async function ask(panel: InsertPort, question: Question): Promise<string | undefined> {
  const before = panel.store.state.phase;
  panel.store.set({ question });
  panel.phase('asking');
  const choice = await new Promise<string | undefined>((resolve) => {
    panel.answer = resolve;
  });
  panel.answer = undefined;
  panel.store.set({ question: undefined });
  panel.phase(before);
  return choice;
}

/** Repeats a request with the user's answers; undefined = the user would rather not. */
export async function untilAnswered<A extends { readonly type: string }>(
  panel: InsertPort,
  key: string,
  request: (answers: Answers) => Promise<A | Extract<ToUi, { type: 'question' }>>,
): Promise<A | undefined> {
  const { store } = panel;
  for (;;) {
    const { answers = {} } = store.state.items.find((item) => item.key === key) ?? {};
    const answer = await request(answers);
    if (answer.type !== 'question') return answer as A;
    const { question } = answer as Extract<ToUi, { type: 'question' }>;
    const choice = await ask(panel, question);
    if (choice === undefined) return undefined;
    store.setItem(key, { answers: { ...answers, [question.code]: choice } });
  }
}
