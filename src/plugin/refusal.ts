import type { Question } from '../wire/messages.ts';
import type { Problem, ProblemCode } from '../wire/selection.ts';

/** Thrown where a request cannot be met; the panel gets the problem, the document is as it was. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(code: ProblemCode, words: string, nodeId?: string) {
    super(words);
    this.name = 'Refusal';
    this.problem = nodeId === undefined ? { code, words } : { code, words, nodeId };
  }
}

/** Thrown where the user must decide first; nothing was changed. */
export class Undecided extends Error {
  constructor(readonly question: Question) {
    super(question.words);
    this.name = 'Undecided';
  }
}

/** What Figma is believed to say where the user may not change the file. */
const LOCKED = /read-?only|view-?only|edit (access|permission)/i;

/** What went wrong, in words; the host's own errors come as Error with a message for developers. */
export function problemOf(error: unknown, host = 'Figma'): Problem {
  if (error instanceof Refusal) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  if (LOCKED.test(message))
    return {
      code: 'read-only',
      words: 'This file can only be viewed. Nothing was changed: duplicate it, or ask to edit it.',
    };
  const said = message.replace(/\.$/, '');
  return { code: 'refused-by-figma', words: `${host} refused: ${said}. Nothing was changed; try again.` };
}
