import type { Failure } from '../../core/output.ts';
import { codeOf, isCertificateProblem, neverConnected } from '../network-error.ts';
import { DeadlinePassed, NotConnected } from './deadline.ts';
import { CredentialFailure, UnusableAccess } from './identity.ts';

/** Twice what 1,000 pods take up in a list with all that their managers noted, 16 KiB each; read and parsed it fits into the pod. */
export const MAX_ANSWER_BYTES = 32 * 2 ** 20;

/** An answer has more than `MAX_ANSWER_BYTES`. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
  readonly code = 'ANSWER_TOO_LARGE';
}

/** What a failure's texts may say: nothing else of an error or a request gets into them. */
export interface About {
  /** URL of the server, or where it should have been written. */
  readonly where: string;
  readonly timeoutMs: number;
}

/** Why there was no answer. Uses of a foreign error only its code: its message may hold headers. */
export function failureOf(error: unknown, about: About): Failure {
  if (error instanceof UnusableAccess) return notConfigured(error.message);
  if (error instanceof CredentialFailure) return noCredential(about);
  if (error instanceof DeadlinePassed) return timedOut(about);
  if (error instanceof AnswerTooLarge) return tooLarge(about);
  const code = error instanceof NotConnected ? 'no connection in time' : codeOf(error);
  if (error instanceof NotConnected || neverConnected(error)) return unreachable(about, code);
  if (clientCertificateRefused.test(code)) return noCredential(about);
  if (isCertificateProblem(code)) return wrongCertificate(about, code);
  return cut(about, code);
}

const clientCertificateRefused = /^ERR_SSL_.*ALERT_(BAD_CERTIFICATE|CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE)/;

function notConfigured(reason: string): Failure {
  return {
    failed: 'not-configured',
    says: `There is no usable access to the Kubernetes API: ${reason}.`,
    toDo: 'Correct the kubernetes section of the configuration or the file that it names.',
  };
}

function noCredential({ where }: About): Failure {
  return {
    failed: 'login-refused',
    says: `The credentials for ${where} cannot be used: token, certificate, key or plugin of the kubeconfig.`,
    toDo: 'Run kubectl with the same kubeconfig by hand and read its error.',
  };
}

function timedOut({ where, timeoutMs }: About): Failure {
  return {
    failed: 'timed-out',
    says: `${where} did not finish its answer within ${timeoutMs} ms.`,
    toDo: 'Check the load of the API server and its etcd, then look again.',
  };
}

function tooLarge({ where }: About): Failure {
  return {
    failed: 'cut',
    says: `The answer of ${where} is larger than ${MAX_ANSWER_BYTES / 2 ** 20} MiB, and was left: part of it would tell nothing.`,
    toDo: 'Look with kubectl what there is so much of; whether a change had an effect is not known.',
  };
}

function unreachable({ where }: About, code: string): Failure {
  return {
    failed: 'unreachable',
    says: `Nothing answers at ${where} (${code}).`,
    toDo: 'Check that the API server runs, and that this machine can reach its address and port.',
  };
}

function wrongCertificate({ where }: About, code: string): Failure {
  return {
    failed: 'host-key',
    says: `What answers at ${where} does not prove with its certificate that it is this cluster's API server (${code}).`,
    toDo: 'Compare the certificate authority in the kubeconfig with the cluster’s; do not switch the check off.',
  };
}

function cut({ where }: About, code: string): Failure {
  return {
    failed: 'cut',
    says: `The connection to ${where} ended before its answer did (${code}).`,
    toDo: 'Look again; if it stays, check the network and the API server.',
  };
}
