import { readFile } from 'node:fs/promises';
import { messageOf } from '../core/errors.ts';
import { type SecretRef, showSecretRef } from './fields.ts';

/** Reads one key of a secret that is kept in Vault. Rejects with a sentence that holds no secret. */
export type ReadVault = (path: string, key: string) => Promise<string>;

export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
  readonly vault?: ReadVault;
}

/** Reads secrets where they are kept, and remembers each value so that the log can be kept free of them. */
export interface Secrets {
  /** Rejects with a SecretError. White space around the value is no part of it. */
  readonly resolve: (ref: SecretRef) => Promise<string>;
  /** Every value that was handed out so far. */
  readonly known: () => readonly string[];
  /** From now on this is a secret too. */
  readonly learn: (value: string) => void;
}

export class SecretError extends Error {
  override readonly name = 'SecretError';
  readonly code = 'SECRET';
  constructor(ref: SecretRef, why: string) {
    super(`The secret ${showSecretRef(ref)} cannot be used: ${why}`);
  }
}

export function createSecrets(sources: SecretSources): Secrets {
  const known = new Set<string>();
  return {
    resolve: async (ref) => {
      const raw = await read(sources, ref).catch((error: unknown) => {
        throw error instanceof SecretError ? error : new SecretError(ref, messageOf(error));
      });
      const value = raw.trim();
      if (value === '') throw new SecretError(ref, 'it is empty.');
      known.add(value);
      return value;
    },
    known: () => [...known],
    learn: (value) => void known.add(value),
  };
}

/** Secrets from this process's environment and file system, and from Vault where there is one. */
export function systemSources(vault?: ReadVault): SecretSources {
  return { env: process.env, readFile: (path) => readFile(path, 'utf8'), ...(vault === undefined ? {} : { vault }) };
}

async function read({ env, readFile, vault }: SecretSources, ref: SecretRef): Promise<string> {
  if (ref.from === 'file') return readFile(ref.path);
  if (ref.from === 'env') {
    const value = env[ref.name];
    if (value === undefined) throw new SecretError(ref, 'the environment variable is not set.');
    return value;
  }
  if (vault === undefined) throw new SecretError(ref, 'the configuration has no vault section.');
  return vault(ref.path, ref.key);
}
