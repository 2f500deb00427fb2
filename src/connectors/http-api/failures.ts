import type { Failure } from '../../core/output.ts';
import { DeadlinePassed } from '../kubernetes/deadline.ts';
import { codeOf, isCertificateProblem, neverConnected } from '../network-error.ts';

/** A file of the configuration, or a secret, could not be read. */
export class CredentialUnreadable extends Error {
  override readonly name = 'CredentialUnreadable';
  readonly code = 'CREDENTIAL_UNREADABLE';
}

/** The program that is asked, and where the configuration says how. */
export interface Service {
  readonly name: string;
  readonly section: string;
}

/** What a failure's texts may say: nothing else of an error or a request gets into them. */
export interface About {
  readonly service: Service;
  readonly where: string;
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

/** Why there was no answer. Uses of a foreign error only its code: its message may hold headers. */
export function failureOf(error: unknown, about: About): Failure {
  const { service, where, timeoutMs } = about;
  if (error instanceof CredentialUnreadable) {
    const toDo = `Correct the ${service.section} section of the configuration or the file that it names.`;
    return { failed: 'not-configured', says: `${service.name} cannot be asked: ${error.message} cannot be read.`, toDo };
  }
  if (error instanceof DeadlinePassed) {
    const says = `${where} did not finish its answer within ${timeoutMs} ms.`;
    return { failed: 'timed-out', says, toDo: `Check the load of ${service.name}, then look again.` };
  }
  return byCode(error, about);
}

function byCode(error: unknown, { service: { name, section }, where, maxAnswerBytes }: About): Failure {
  const code = codeOf(error);
  if (neverConnected(error)) {
    const toDo = `Check that ${name} runs, and that this machine can reach its address and port.`;
    return { failed: 'unreachable', says: `Nothing answers at ${where} (${code}).`, toDo };
  }
  if (isCertificateProblem(code)) {
    const toDo = `Set ${section}.ca to the authority of its certificate, and see that it names this address.`;
    return {
      failed: 'host-key',
      says: `What answers at ${where} does not prove that it is this site's ${name} (${code}).`,
      toDo,
    };
  }
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
    const says = `The answer of ${where} is larger than ${maxAnswerBytes} bytes.`;
    return { failed: 'cut', says, toDo: 'Report this as an issue: the question asks for too much.' };
  }
  const toDo = `Look again; if it stays, check the network and ${name}.`;
  return { failed: 'cut', says: `The connection to ${where} ended before its answer did (${code}).`, toDo };
}

export function loginRefused({ name, section }: Service): Failure {
  return {
    failed: 'login-refused',
    says: `${name}, or what stands in front of it, does not accept our token.`,
    toDo: `Set ${section}.token in the configuration to a valid one.`,
  };
}

/** Of paths that the token must be allowed: `/api/v1/query`. */
export function forbidden({ name }: Service, paths: string): Failure {
  return {
    failed: 'forbidden',
    says: `${name}, or what stands in front of it, does not allow our token to ask.`,
    toDo: `Let this token read ${paths}.`,
  };
}

export function notOfService({ name, section }: Service, code: number): Failure {
  return {
    failed: 'cut',
    says: `It answered with HTTP status ${code} and not in the form of a whole answer of ${name}.`,
    toDo: `Check that ${section}.url is that of ${name} with its path prefix, and what stands in front of it.`,
  };
}
