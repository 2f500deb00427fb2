/** An answer, not a fault: what was asked for is not going to happen, and the message says why and what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type RefusalCode =
  | 'bad-request' // the words are not a command, or a parameter has the wrong form
  | 'not-found' // no such service, node, dataset …
  | 'ambiguous' // several things have that name
  | 'not-allowed' // this person may not
  | 'stale' // the plan or approval is no longer what it was
  | 'could-not-look'; // what the request is about cannot be read at all

/** The text of anything that was thrown, for a person. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
