import type { Failure } from '../../core/output.ts';
import { DeadlinePassed } from '../kubernetes/deadline.ts';
import { codeOf, isCertificateProblem, neverConnected } from '../network-error.ts';

/** A file of the configuration, or a secret, could not be read. */
export class CredentialUnreadable extends Error {
  override readonly name = 'CredentialUnreadable';
  readonly code = 'CREDENTIAL_UNREADABLE';
}

/** What a failure's texts may say: nothing else of an error or a request gets into them. */
export interface About {
  readonly where: string;
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

/** Why there was no answer. Uses of a foreign error only its code: its message may hold headers. */
export function failureOf(error: unknown, { where, timeoutMs, maxAnswerBytes }: About): Failure {
  if (error instanceof CredentialUnreadable) {
    const toDo = 'Correct the prometheus section of the configuration or the file that it names.';
    return { failed: 'not-configured', says: `Prometheus cannot be asked: ${error.message} cannot be read.`, toDo };
  }
  if (error instanceof DeadlinePassed) {
    const says = `${where} did not finish its answer within ${timeoutMs} ms.`;
    return { failed: 'timed-out', says, toDo: 'Check the load of Prometheus, then look again.' };
  }
  return byCode(error, { where, maxAnswerBytes });
}

function byCode(error: unknown, { where, maxAnswerBytes }: Pick<About, 'where' | 'maxAnswerBytes'>): Failure {
  const code = codeOf(error);
  if (neverConnected(error)) {
    const toDo = 'Check that Prometheus runs, and that this machine can reach its address and port.';
    return { failed: 'unreachable', says: `Nothing answers at ${where} (${code}).`, toDo };
  }
  if (isCertificateProblem(code)) {
    const toDo = 'Set prometheus.ca to the authority of its certificate, and see that it names this address.';
    return {
      failed: 'host-key',
      says: `What answers at ${where} does not prove that it is this site's Prometheus (${code}).`,
      toDo,
    };
  }
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
    const says = `The answer of ${where} is larger than ${maxAnswerBytes} bytes.`;
    return { failed: 'cut', says, toDo: 'Report this as an issue: the question asks for too much.' };
  }
  const toDo = 'Look again; if it stays, check the network and Prometheus.';
  return { failed: 'cut', says: `The connection to ${where} ended before its answer did (${code}).`, toDo };
}
