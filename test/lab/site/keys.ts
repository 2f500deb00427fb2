import type { ParsedKey } from 'ssh2';
import ssh2 from 'ssh2';

/** Both halves of a key, as ssh-keygen would write them. */
export interface KeyPair {
  readonly private: string;
  readonly public: string;
}

export interface SshKey {
  /** The private half. */
  readonly text: string;
  readonly parsed: ParsedKey;
}

/** A new ed25519 key. About one in 250 that ssh2 1.17 makes it cannot read itself: then another is made. */
export function newKeyPair(passphrase?: string): KeyPair {
  const encryption = { cipher: 'aes256-ctr', rounds: 4 };
  const { generateKeyPairSync, parseKey } = ssh2.utils;
  const pair =
    passphrase === undefined ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed25519', { ...encryption, passphrase });
  return parseKey(pair.private, passphrase) instanceof Error ? newKeyPair(passphrase) : pair;
}

export function newKey(): SshKey {
  const { private: text } = newKeyPair();
  const parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error) throw parsed;
  return { text, parsed };
}
