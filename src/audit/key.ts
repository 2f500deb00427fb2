import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretRef } from '../config/fields.ts';
import type { Secrets } from '../config/secrets.ts';
import { hasCode, isMissing, syncDirectoryOf } from './files.ts';
import { AuditUnusable } from './trail.ts';

export interface KeySource {
  readonly stateDirectory: string;
  /** Where the configuration keeps the key; absent: in the state directory. */
  readonly key?: SecretRef;
  readonly secrets: Pick<Secrets, 'resolve' | 'learn'>;
}

/** As long as 32 random bytes in hexadecimal are, or in base64 nearly are. */
const MIN_KEY_LENGTH = 32;

/** The key of the audit trail; makes one in `audit.key` where there is none. The state directory must exist. */
export async function openAuditKey(source: KeySource): Promise<Uint8Array> {
  const key = await readAuditKey(source);
  if (key !== undefined) return key;
  createKey(keyFile(source));
  return openAuditKey(source);
}

/** Undefined where no key is configured and none was made yet. Throws `AuditUnusable` for one that is too short. */
export async function readAuditKey(source: KeySource): Promise<Uint8Array | undefined> {
  const text = source.key === undefined ? readIfThere(keyFile(source)) : await source.secrets.resolve(source.key);
  if (text === undefined) return undefined;
  if (text.length < MIN_KEY_LENGTH) {
    throw new AuditUnusable(`The key of the audit trail must have at least ${MIN_KEY_LENGTH} characters: openssl rand -hex 32`);
  }
  source.secrets.learn(text);
  return Buffer.from(text);
}

function keyFile({ stateDirectory }: KeySource): string {
  return join(stateDirectory, 'audit.key');
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Under its name there is a whole key or nothing, and never a second one. */
function createKey(file: string): void {
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
  syncDirectoryOf(file);
}
