import type { Failure } from '../../core/output.ts';
import type { Intent } from './types.ts';

export function hasFailed<T extends object>(result: T | Failure): result is Failure {
  return 'failed' in result;
}

/** Text from a library or from the far side, fit to be shown. */
export function printable(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]+/gu, ' ')
    .trim()
    .slice(0, 200);
}

/** The same failure, for a command that was never sent. */
export function notSent(failure: Failure, intent: Intent): Failure {
  return intent === 'read' ? failure : { ...failure, says: `${failure.says} The command was not sent: it did not run.` };
}

/** A connection that cannot even be tried, such as one to port 70000. */
export function cannotConnect(host: string, problem: string): Failure {
  return {
    failed: 'not-configured',
    says: `The way to ${host} is configured wrongly: ${printable(problem)}`,
    toDo: `Correct address, port and user of ${host} in storagebot.yaml.`,
  };
}

/** The connection ended, for a reason such as `read ECONNRESET`, before the command was sent. */
export function cutBefore(host: string, why: string, intent: Intent): Failure {
  return notSent({ failed: 'cut', says: `The connection to ${host} broke (${why}).`, toDo: TRY_AGAIN }, intent);
}

/** The connection ended after the command was sent. */
export function cutDuring(host: string, why: string, intent: Intent): Failure {
  if (intent === 'read')
    return { failed: 'cut', says: `The connection to ${host} broke before the command ended (${why}).`, toDo: TRY_AGAIN };
  return {
    failed: 'cut',
    says: `The connection to ${host} broke after the command was sent (${why}): it is not known whether it ran.`,
    toDo: LOOK_FIRST,
  };
}

export function noExitStatus(host: string, intent: Intent, signal?: string): Failure {
  const how =
    signal === undefined
      ? 'closed the channel without an exit status'
      : `ended the command by an unknown signal, ${printable(signal)}`;
  return { failed: 'cut', says: `${host} ${how}.`, toDo: intent === 'read' ? TRY_AGAIN : LOOK_FIRST };
}

export function tooMuchOutput(host: string, maxOutputBytes: number, intent: Intent): Failure {
  return {
    failed: 'cut',
    says: `The command on ${host} printed more than ${maxOutputBytes} bytes, and was left.`,
    toDo: intent === 'read' ? `Run it by hand on ${host}: its output is too long to be read here.` : LOOK_FIRST,
  };
}

interface Sent {
  readonly host: string;
  readonly intent: Intent;
  readonly timeoutMs: number;
}

/** `exitCode` is known when only something that the command had started still holds its output open. */
export function timedOut({ host, intent, timeoutMs }: Sent, exitCode?: number): Failure {
  const seconds = timeoutMs / 1000;
  const says =
    exitCode === undefined
      ? `The command on ${host} did not end within ${seconds} s.`
      : `The command on ${host} ended with exit code ${exitCode}, and something it started still held its output open after ${seconds} s.`;
  if (intent === 'read') {
    return { failed: 'timed-out', says, toDo: `Look on ${host} for a process that hangs: what it asks for does not answer.` };
  }
  return { failed: 'timed-out', says: `${says} It may still be running.`, toDo: LOOK_FIRST };
}

export function noFreeChannel(host: string, queueTimeoutMs: number): Failure {
  return {
    failed: 'timed-out',
    says: `No channel to ${host} became free within ${queueTimeoutMs / 1000} s: all are used by commands that have not ended.`,
    toDo: `Look on ${host} for processes that hang, or ask again when the running commands have ended.`,
  };
}

export function noConnection(host: string, queueTimeoutMs: number): Failure {
  return {
    failed: 'timed-out',
    says: `The way to ${host} was not open within ${queueTimeoutMs / 1000} s.`,
    toDo: `Check the source of the keys for ${host}, and the hosts that lead to it.`,
  };
}

export function noSession(host: string, detail: string, intent: Intent): Failure {
  const failure: Failure = {
    failed: 'forbidden',
    says: `${host} lets us log in and opens no session (${printable(detail)}).`,
    toDo: `Check MaxSessions in sshd_config of ${host}, and what its log says about the session.`,
  };
  return notSent(failure, intent);
}

export function execRefused(host: string): Failure {
  return {
    failed: 'forbidden',
    says: `${host} did not accept the command.`,
    toDo: `It was not run. Read the log of sshd on ${host}: a forced command or a missing shell may be the cause.`,
  };
}

export function closing(host: string, intent: Intent): Failure {
  return notSent({ failed: 'cut', says: `The connections are being closed; ${host} was not asked.`, toDo: TRY_AGAIN }, intent);
}

const TRY_AGAIN = 'Ask again: a new connection is made.';
const LOOK_FIRST = 'Look at the target before anything is repeated: the change may have been made.';
