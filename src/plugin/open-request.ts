import type { RequestId, ToUi } from '../wire/messages.ts';
import { pause, post } from './host.ts';
import { Refusal } from './refusal.ts';

const CANCELLED = 'Cancelled. Nothing was changed.';

/** One request on its way: cancellable between its steps, reporting how far it is. */
export class OpenRequest {
  private static readonly open = new Map<RequestId, OpenRequest>();
  private cancelled = false;

  private constructor(readonly request: RequestId) {}

  /** Runs the work of one request and returns its answer, whatever happens. */
  static async run(request: RequestId, work: (open: OpenRequest) => Promise<ToUi>): Promise<ToUi> {
    const opened = new OpenRequest(request);
    OpenRequest.open.set(request, opened);
    try {
      return await work(opened);
    } finally {
      OpenRequest.open.delete(request);
    }
  }

  static cancel(request: RequestId): void {
    const opened = OpenRequest.open.get(request);
    if (opened) opened.cancelled = true;
  }

  static cancelAll(): void {
    for (const opened of OpenRequest.open.values()) opened.cancelled = true;
  }

  /** Throws if the request was cancelled. */
  check(): void {
    if (this.cancelled) throw new Refusal('cancelled', CANCELLED);
  }

  /** Between two steps: lets Figma breathe, notices a cancel, tells the panel. */
  async step(words: string, done: number, total: number): Promise<void> {
    post({ type: 'progress', request: this.request, words, done, total });
    await pause();
    this.check();
  }
}
