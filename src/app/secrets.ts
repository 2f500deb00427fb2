import type { SecretRef } from '../config/fields.ts';
import { showSecretRef } from '../config/fields.ts';
import type { Config } from '../config/schema.ts';
import { createSecrets, type ReadVault, type Secrets, systemSources } from '../config/secrets.ts';
import type { VaultLogin } from '../connectors/vault.ts';
import { messageOf } from '../core/errors.ts';

/** Secrets as the configuration says. Vault is called when the first secret is wanted from it. */
export function openSecrets({ vault }: Config): Secrets {
  const secrets: Secrets = createSecrets(systemSources(vault && fromVault(vault, () => secrets)));
  return secrets;
}

/** Several secrets could not be read; the message has a line for each. */
export class SecretsUnusable extends Error {
  override readonly name = 'SecretsUnusable';
  readonly code = 'SECRETS_UNUSABLE';
}

/** Reads each secret once. Rejects with everything that cannot be read, not with the first. */
export async function resolveAll(secrets: Secrets, refs: readonly SecretRef[]): Promise<(ref: SecretRef) => string> {
  const wanted = new Map(refs.map((ref) => [showSecretRef(ref), ref]));
  const values = new Map<string, string>();
  const problems: string[] = [];
  const resolve = async ([name, ref]: readonly [string, SecretRef]) => {
    await secrets.resolve(ref).then(
      (value) => void values.set(name, value),
      (error: unknown) => void problems.push(messageOf(error)),
    );
  };
  await Promise.all([...wanted].map(resolve));
  if (problems.length > 0) throw new SecretsUnusable(problems.toSorted().join('\n'));
  return (ref) => {
    const value = values.get(showSecretRef(ref));
    if (value === undefined) throw new Error(`The secret ${showSecretRef(ref)} was not asked for.`);
    return value;
  };
}

type VaultConfig = NonNullable<Config['vault']>;

function fromVault(vault: VaultConfig, secrets: () => Secrets): ReadVault {
  const open = async () => {
    const { createVault } = await import('../connectors/vault.ts');
    const { auth, ...where } = vault;
    return createVault({ ...where, login: await loginOf(auth, secrets()), learn: secrets().learn });
  };
  let opened: ReturnType<typeof open> | undefined;
  return async (path, key) => (await (opened ??= open())).read(path, key);
}

async function loginOf(auth: VaultConfig['auth'], { resolve }: Secrets): Promise<VaultLogin> {
  const { kubernetes, token, appRole } = auth;
  if (token !== undefined) return { token: await resolve(token) };
  if (appRole !== undefined) {
    const [roleId, secretId] = await Promise.all([resolve(appRole.roleId), resolve(appRole.secretId)]);
    return { appRole: { roleId, secretId, mount: appRole.mount } };
  }
  if (kubernetes !== undefined) return { kubernetes };
  throw new Error('vault.auth names no way to log in');
}
