import type { Failure, Outcome } from '../../core/output.ts';
import { DeadlinePassed } from '../kubernetes/deadline.ts';
import { codeOf, isCertificateProblem, neverConnected } from '../network-error.ts';
import { HttpRefusal, NotOfProxmox, TokenUnusable, TrustUnreadable } from './server.ts';

export type Role = 'read' | 'change';

/** What the texts of a failure may say beside the words of Proxmox itself. */
export interface About {
  readonly where: string;
  readonly role: Role;
  readonly tokenId: string;
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  /** That the call may have arrived: then nothing is said that means that it was not sent. */
  readonly mayHaveArrived: () => boolean;
  /** Takes our own secrets out of what the server said. */
  readonly clean: (text: string) => string;
}

/** What the call means that gave no data: refused as pvesh tells it, or no answer. Of a foreign error only its code is used. */
export function outcomeOf(error: unknown, about: About): Outcome {
  if (error instanceof HttpRefusal) return refused(error, about);
  if (error instanceof TokenUnusable) return notConfigured(`the secret of token ${about.tokenId} ${error.why}`);
  if (error instanceof TrustUnreadable) return notConfigured('the file of site.hypervisor.api.ca cannot be read');
  if (error instanceof NotOfProxmox) return unreadable(about);
  if (error instanceof DeadlinePassed) return timedOut(about);
  return broken(error, about);
}

function notConfigured(reason: string): Failure {
  return {
    failed: 'not-configured',
    says: `There is no usable access to the API of Proxmox: ${reason}.`,
    toDo: 'Correct site.hypervisor.api in the configuration or the file that it names.',
  };
}

/** Errors of the one that was asked end as a command that failed; those of what stands between are no answer. */
function refused({ status, words }: HttpRefusal, about: About): Outcome {
  const said = about.clean(words).replace(/[.!]$/, '');
  if (status === 401) return loginRefused(said, about);
  if (status === 403) return forbidden(said, about);
  if ([400, 404, 500, 501].includes(status)) return { exitCode: 1, stdout: '', stderr: `${said || `HTTP status ${status}`}\n` };
  if (status === 504 || status === 596) return { ...between(status, said, about), failed: 'timed-out' };
  return between(status, said, about);
}

function loginRefused(said: string, { where, role, tokenId }: About): Failure {
  return {
    failed: 'login-refused',
    says: `${where} does not accept the ${role === 'read' ? 'reading' : 'changing'} token ${tokenId}: ${said || 'HTTP status 401'}.`,
    toDo: `Compare its secret with the one in Proxmox, and see that it has not expired: pveum user token list ${tokenId.split('!')[0]}.`,
  };
}

const MISSING = /^Permission check failed \((?<path>[^,\s]+), (?<privileges>[\w.|]+)\)$/;

function forbidden(said: string, { tokenId }: About): Failure {
  const { path, privileges } = MISSING.exec(said)?.groups ?? {};
  return {
    failed: 'forbidden',
    says: `Proxmox refuses this to ${tokenId}: ${said || 'HTTP status 403'}.`,
    toDo:
      path === undefined
        ? 'Read the reason; a role of this token must allow it.'
        : `Give ${tokenId} a role with ${privileges} on ${path}: pveum acl modify ${path} --tokens '${tokenId}' --roles ROLE. Do not use root@pam instead.`,
  };
}

/** 595 and up are pveproxy's own, where it does not get through to the node that the path names. */
function between(status: number, said: string, { where }: About): Failure {
  return {
    failed: 'cut',
    says: `${where} answered with HTTP status ${status}${said === '' ? '' : ` (${said})`}: the node of Proxmox itself did not answer.`,
    toDo: 'Check pveproxy and pvedaemon on the hypervisor, and any proxy in front of it; whether a change had an effect is not known.',
  };
}

function unreadable({ where }: About): Failure {
  return {
    failed: 'unreadable',
    says: `${where} answered, and not in the form of the API of Proxmox VE.`,
    toDo: 'Check that site.hypervisor.api.url is that of Proxmox (port 8006), and what stands in front of it.',
  };
}

function timedOut({ where, timeoutMs }: About): Failure {
  return {
    failed: 'timed-out',
    says: `${where} did not finish its answer within ${timeoutMs} ms.`,
    toDo: 'Check the load of the hypervisor and pvedaemon, then look again.',
  };
}

function broken(error: unknown, { where, maxAnswerBytes, mayHaveArrived }: About): Failure {
  const code = codeOf(error);
  const isSent = mayHaveArrived();
  if (!isSent && neverConnected(error)) {
    const toDo = 'Check that pveproxy runs, and that this machine can reach its address and port.';
    return { failed: 'unreachable', says: `Nothing answers at ${where} (${code}).`, toDo };
  }
  if (!isSent && isCertificateProblem(code)) {
    const says = `What answers at ${where} does not prove with its certificate that it is this site's Proxmox (${code}).`;
    return {
      failed: 'host-key',
      says,
      toDo: 'Compare it on the hypervisor with: pvenode cert info. Do not switch the check off.',
    };
  }
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
    const says = `The answer of ${where} is larger than ${maxAnswerBytes} bytes.`;
    return { failed: 'unreadable', says, toDo: 'Report this as an issue: the question asks for too much.' };
  }
  const toDo = 'Look again; if it stays, check the network and pveproxy.';
  return { failed: 'cut', says: `The connection to ${where} ended before its answer did (${code}).`, toDo };
}
