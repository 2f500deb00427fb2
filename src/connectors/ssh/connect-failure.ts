import { z } from 'zod';
import type { Failure } from '../../core/output.ts';
import { printable } from './failures.ts';

/** How far a connection got: no TCP yet, in the handshake, or logging in. */
export type Phase = 'connecting' | 'handshake' | 'login';

export interface Attempt {
  readonly phase: Phase;
  readonly error: Error;
}

export interface Place {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Fingerprint of the public key that we log in with. */
  readonly keyFingerprint: string;
}

const SshError = z.object({ level: z.string().optional(), code: z.union([z.string(), z.number()]).optional() });

/** Why a connection could not be made. ssh2 tells the kind by `level`, Node by `code`. */
export function connectFailure(place: Place, { phase, error }: Attempt, connectTimeoutMs: number): Failure {
  const { level, code } = SshError.parse(error);
  if (level === 'client-timeout') return tooSlow(place, phase, connectTimeoutMs);
  if (level === 'client-authentication') return loginRefused(place);
  if (phase === 'connecting') return networkFailure(place, String(code ?? printable(error.message)));
  if (/no matching/.test(error.message)) return nothingInCommon(place, error.message);
  if (phase === 'login') return closedInLogin(place, error.message);
  return closedInHandshake(place, error.message);
}

function at({ host, address, port }: Pick<Place, 'host' | 'address' | 'port'>): string {
  return `${host} (${address.includes(':') ? `[${address}]` : address}:${port})`;
}

function networkFailure(place: Place, code: string): Failure {
  const { host, address } = place;
  switch (code) {
    case 'ECONNREFUSED':
      return unreachable(
        `${at(place)} refuses the connection: something answers there, and no SSH server on that port.`,
        `Start sshd on ${host}, or correct the port of ${host} in storagebot.yaml.`,
      );
    case 'ENOTFOUND':
      return unreachable(
        `The name ${address} of ${host} is unknown to DNS.`,
        `Correct the address of ${host} in storagebot.yaml, or add the name to DNS.`,
      );
    case 'EAI_AGAIN':
      return unreachable(
        `DNS does not answer for ${address}, the name of ${host}.`,
        'Check the DNS server that this machine uses, or configure an address instead of a name.',
      );
    case 'ETIMEDOUT':
      return silent(place);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return unreachable(
        `There is no way to ${at(place)} (${code}): it is off, or the network in between is down.`,
        `Check that ${host} is on, and the route to its network.`,
      );
    default:
      return unreachable(`${at(place)} cannot be reached (${code}).`, `Check the network between this machine and ${host}.`);
  }
}

function tooSlow(place: Place, phase: Phase, connectTimeoutMs: number): Failure {
  if (phase === 'connecting') return silent(place, connectTimeoutMs);
  const stage = phase === 'handshake' ? 'the SSH handshake' : 'the login';
  return {
    failed: 'timed-out',
    says: `${at(place)} accepted the connection and did not finish ${stage} within ${connectTimeoutMs / 1000} s.`,
    toDo: `Look at the load and the log of sshd on ${place.host}: the machine is up, and sshd hangs or waits.`,
  };
}

function silent(place: Place, timeoutMs?: number): Failure {
  const within = timeoutMs === undefined ? '' : ` within ${timeoutMs / 1000} s`;
  return unreachable(
    `${at(place)} does not answer${within}.`,
    `Check that ${place.host} is on, and that no firewall drops port ${place.port}.`,
  );
}

function loginRefused({ host, user, keyFingerprint }: Place): Failure {
  return {
    failed: 'login-refused',
    says: `${host} does not accept the key ${keyFingerprint} for the user ${user}.`,
    toDo: `Add that key's public half to authorized_keys of ${user} on ${host}, or correct user and key of ${host} in the configuration.`,
  };
}

function closedInLogin({ host, user }: Place, message: string): Failure {
  return {
    failed: 'login-refused',
    says: `${host} closed the connection while ${user} was logging in (${printable(message)}).`,
    toDo: `Read the log of sshd on ${host}: it says why ${user} may not log in.`,
  };
}

function closedInHandshake(place: Place, message: string): Failure {
  return unreachable(
    `${at(place)} accepted the connection and closed it before the login (${printable(message)}).`,
    `Check that an SSH server listens on that port, and MaxStartups and blocked addresses on ${place.host}.`,
  );
}

function nothingInCommon(place: Place, message: string): Failure {
  return unreachable(
    `${at(place)} and we have no SSH algorithm in common (${printable(message)}).`,
    `Update sshd on ${place.host}, or allow curve25519-sha256, aes256-gcm and an ed25519 host key there.`,
  );
}

function unreachable(says: string, toDo: string): Failure {
  return { failed: 'unreachable', says, toDo };
}
