/** What a command printed and how it ended, verbatim. It is evidence, test fixture and journal in one. */
export interface Output {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why there is no answer. Closed, so that every reader of an outcome must decide what each case means. */
export type FailureReason =
  | 'unreachable' // nothing answered at the address, or it refused the connection
  | 'host-key' // something answered, and it is not the pinned host
  | 'login-refused' // the host or API does not accept our key or token
  | 'forbidden' // it knows us, and does not allow this
  | 'timed-out' // it had started to answer, or should have, and the deadline passed
  | 'cut' // the connection or the output ended before the command did
  | 'not-configured' // the site's configuration does not say how to get there
  | 'unexpected-exit' // the command ran, and its exit code is not an answer
  | 'unreadable'; // the command ran, and what it printed is not of the known form

/** There is no answer. `says` is one sentence for a person; `toDo` says what to do about it now. */
export interface Failure {
  readonly failed: FailureReason;
  readonly says: string;
  readonly toDo: string;
}

export type Outcome = Output | Failure;

export function isFailure(outcome: Outcome): outcome is Failure {
  return 'failed' in outcome;
}

/** Every outcome of one run, keyed by the exact command line. A recording of an incident is a regression test. */
export type Recording = Readonly<Record<string, Outcome>>;
