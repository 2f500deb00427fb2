import { createHash } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import type { Failure } from '../../core/output.ts';

export interface HostKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa` … */
  readonly type: string;
  /** As `ssh-keygen -l` prints it: `SHA256:…`. */
  readonly fingerprint: string;
}

const ALGORITHMS: readonly (readonly [keyType: string, algorithm: ServerHostKeyAlgorithm])[] = [
  ['ssh-ed25519', 'ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp256'],
  ['ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp384'],
  ['ecdsa-sha2-nistp521', 'ecdsa-sha2-nistp521'],
  ['ssh-rsa', 'rsa-sha2-512'],
  ['ssh-rsa', 'rsa-sha2-256'],
];

/** What to offer so that the host presents a key of another type than these. */
export function algorithmsBeside(presented: readonly HostKey[]): ServerHostKeyAlgorithm[] {
  return ALGORITHMS.filter(([keyType]) => presented.every(({ type }) => type !== keyType)).map(([, algorithm]) => algorithm);
}

/** Reads a public key as it is sent on the wire: its type is its first string (RFC 4253, section 6.6). */
export function hostKeyOf(blob: Buffer): HostKey {
  const typeBytes = blob.readUInt32BE(0);
  return { type: blob.toString('latin1', 4, 4 + typeBytes), fingerprint: fingerprintOf(blob) };
}

export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The host showed these keys, one of each type it has, and none of them is pinned. */
export function hostKeyFailure(host: string, presented: readonly HostKey[], pinned: readonly string[]): Failure {
  const keys = presented.map(({ type, fingerprint }) => `${type} ${fingerprint}`).join(', ');
  const console = `Compare on the console of ${host} with "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"`;
  if (pinned.length === 0) {
    return {
      failed: 'host-key',
      says: `${host} presents the key ${keys}, and no key is pinned for it.`,
      toDo: `${console}; if it is the same, set it as "hostKeys" of ${host} in storagebot.yaml.`,
    };
  }
  return {
    failed: 'host-key',
    says: `${host} is not the pinned host: it presents ${keys}; pinned is ${pinned.join(', ')}.`,
    toDo: `${console}: if the key was renewed on purpose, correct "hostKeys" of ${host} in storagebot.yaml; if not, something else answers at its address.`,
  };
}
