import type { ParsedKey } from 'ssh2';
import ssh2 from 'ssh2';
import type { Failure } from '../../core/output.ts';
import type { Intent, SshIdentity } from './types.ts';

/** The parser's own message is only classified, never shown: it was made from a secret. */
export function privateKeyOf(host: string, intent: Intent, identity: SshIdentity): ParsedKey | Failure {
  const key = ssh2.utils.parseKey(identity.privateKey, identity.passphrase);
  if (key instanceof Error) return unusable(host, intent, problemOf(key.message));
  if (!key.isPrivateKey()) return unusable(host, intent, 'is a public key');
  return key;
}

function problemOf(message: string): string {
  if (message.includes('no passphrase given')) return 'is encrypted, and no passphrase is configured';
  if (/passphrase|integrity|decrypt/i.test(message)) return 'is encrypted, and the configured passphrase does not open it';
  return 'is not a private key in OpenSSH or PEM form';
}

function unusable(host: string, intent: Intent, problem: string): Failure {
  return {
    failed: 'not-configured',
    says: `The private key for "${intent}" on ${host} ${problem}. Nothing was sent.`,
    toDo: `Correct the "${intent}" identity of ${host}: the key as ssh-keygen wrote it, and its passphrase if it has one.`,
  };
}
