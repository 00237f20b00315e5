/** A file that cannot be worked on, in words a designer reads: what it is and what would work. */
export class ReadError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReadError';
  }
}
