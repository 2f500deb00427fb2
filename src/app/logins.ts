import type { SecretRef } from '../config/fields.ts';
import type { Config } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import type { NodeAccess } from '../connectors/resolve-host.ts';
import type { SshEndpoint, SshIdentity } from '../connectors/ssh/types.ts';
import { resolveAll } from './secrets.ts';

export interface Logins {
  readonly hosts: ReadonlyMap<string, SshEndpoint>;
  readonly nodes: NodeAccess;
}

/** Who logs in where, with the keys read. Rejects with every key that cannot be read. */
export async function readLogins(config: Config, secrets: Secrets): Promise<Logins> {
  const valueOf = await resolveAll(secrets, sshSecrets(config));
  const identities = (place: Overrides) => {
    const { read, change } = loginsOf(config, place);
    return { read: withSecrets(read, valueOf), change: withSecrets(change, valueOf) };
  };
  const { nodes } = config;
  return {
    hosts: new Map(
      Object.entries(config.hosts).map(([name, host]) => [
        name,
        { ...route(host), ...identities(host), address: host.address, hostKeys: host.hostKeys },
      ]),
    ),
    nodes: {
      ...route(nodes),
      ...identities(nodes),
      hostKeys: new Map(Object.entries(nodes.hostKeys)),
      addresses: new Map(Object.entries(nodes.addresses)),
    },
  };
}

/** Every secret that SSH logins need. */
export function sshSecrets(config: Config): SecretRef[] {
  const logins = [config.nodes, ...Object.values(config.hosts)].flatMap((place) => Object.values(loginsOf(config, place)));
  return logins.flatMap(({ key, passphrase }) => (passphrase === undefined ? [key] : [key, passphrase]));
}

interface Login {
  readonly user: string;
  readonly key: SecretRef;
  readonly passphrase?: SecretRef;
}

interface Overrides {
  readonly user?: string;
  readonly read?: Partial<Login>;
  readonly change?: Partial<Login>;
}

function loginsOf({ ssh }: Config, { user, read, change }: Overrides): { read: Login; change: Login } {
  return { read: loginOf(ssh.read, { user, ...read }), change: loginOf(ssh.change, { user, ...change }) };
}

/** Another key does not have the passphrase of the usual one. */
function loginOf(usual: Login, { user = usual.user, key, passphrase }: { [Key in keyof Login]?: Login[Key] | undefined }): Login {
  const chosen = passphrase ?? (key === undefined ? usual.passphrase : undefined);
  return { user, key: key ?? usual.key, ...(chosen === undefined ? {} : { passphrase: chosen }) };
}

function withSecrets({ user, key, passphrase }: Login, valueOf: (ref: SecretRef) => string): SshIdentity {
  return { user, privateKey: valueOf(key), ...(passphrase === undefined ? {} : { passphrase: valueOf(passphrase) }) };
}

function route({ port, jump }: { readonly port: number; readonly jump?: string }): { port: number; jump?: string } {
  return { port, ...(jump === undefined ? {} : { jump }) };
}
