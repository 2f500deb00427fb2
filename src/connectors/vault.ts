import { readFile } from 'node:fs/promises';
import nodeVault from 'node-vault';
import { z } from 'zod';
import { cleanly, VaultError } from './vault-error.ts';

/** How to prove to Vault who we are. */
export type VaultLogin =
  /** `tokenFile` is read anew at each login: the kubelet replaces it. */
  | { readonly kubernetes: { readonly role: string; readonly mount: string; readonly tokenFile: string } }
  | { readonly token: string }
  | { readonly appRole: { readonly roleId: string; readonly secretId: string; readonly mount: string } };

export interface VaultOptions {
  readonly address: string;
  readonly login: VaultLogin;
  readonly namespace?: string;
  /** Path of the certificate authority in PEM form; absent: the system's. */
  readonly ca?: string;
  /** For each request. */
  readonly timeoutMs: number;
  /** Called with each token that we get from Vault or show to it. */
  readonly learn: (secret: string) => void;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** One key of a KV version 2 secret: `read('secret/data/platform', 'truenas_api_key')`. Rejects with a VaultError. */
export interface Vault {
  readonly read: (path: string, key: string) => Promise<string>;
}

type Client = nodeVault.client;
type Call = (doing: string, request: () => Promise<unknown>) => Promise<unknown>;

/** Rejects with a VaultError when TLS checks are switched off. Logs in with the first read. */
export async function createVault(options: VaultOptions): Promise<Vault> {
  refuseUncheckedTls(options.env ?? process.env);
  const client = await connect(options);
  const call: Call = (doing, request) => cleanly({ address: options.address, doing, timeoutMs: options.timeoutMs }, request);
  let loggedIn: Promise<void> | undefined;
  const readOnce = async (path: string) => {
    loggedIn ??= logIn(client, options, call);
    await loggedIn;
    return call(`reading ${path}`, () => client.read(path));
  };
  const readFresh = async (path: string, error: unknown) => {
    loggedIn = undefined;
    // Our token may have expired: a new one tells whether it had.
    if (isForbidden(error) && !('token' in options.login)) return readOnce(path);
    throw error;
  };
  return {
    read: async (path, key) => keyOf(await readOnce(path).catch((error: unknown) => readFresh(path, error)), path, key),
  };
}

function refuseUncheckedTls(env: Readonly<Record<string, string | undefined>>): void {
  const off = [
    ...(env['VAULT_SKIP_VERIFY'] ? ['VAULT_SKIP_VERIFY'] : []),
    ...(env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0' ? ['NODE_TLS_REJECT_UNAUTHORIZED=0'] : []),
  ];
  if (off.length === 0) return;
  const why = `${off.join(' and ')} in the environment would let anybody pose as Vault and take our secrets.`;
  throw new VaultError('unchecked-tls', `${why} Unset it, and name Vault's certificate authority in vault.ca.`);
}

async function connect({ address, namespace, ca, timeoutMs }: VaultOptions): Promise<Client> {
  const authority = ca === undefined ? {} : { ca: await readFile(ca, 'utf8') };
  const client = nodeVault({
    endpoint: address,
    requestOptions: { timeout: timeoutMs, strictSSL: true, ...authority },
    // Its own debug output prints what is written, and with a login that is a secret.
    debug: () => undefined,
  });
  // node-vault takes these from the environment where they are not given; only the configuration counts.
  return Object.assign(client, { token: '', namespace: namespace ?? '', pathPrefix: '' });
}

const LoggedIn = z.object({ auth: z.object({ client_token: z.string().min(1) }) });

async function logIn(client: Client, options: VaultOptions, call: Call): Promise<void> {
  const { login, learn } = options;
  // An old token in the header would be judged instead of the login.
  client.token = '';
  if ('token' in login) {
    client.token = login.token;
    return;
  }
  const answer = LoggedIn.safeParse(await call('logging in', () => sendLogin(client, login, learn)));
  if (!answer.success) throw new VaultError('unreadable', 'Vault accepted the login and gave no token.');
  client.token = answer.data.auth.client_token;
  learn(client.token);
}

async function sendLogin(
  client: Client,
  login: Exclude<VaultLogin, { token: string }>,
  learn: VaultOptions['learn'],
): Promise<unknown> {
  if ('appRole' in login) {
    const { roleId, secretId, mount } = login.appRole;
    return client.write(`auth/${mount}/login`, { role_id: roleId, secret_id: secretId });
  }
  const { role, mount, tokenFile } = login.kubernetes;
  const jwt = (await readFile(tokenFile, 'utf8')).trim();
  learn(jwt);
  return client.write(`auth/${mount}/login`, { role, jwt });
}

const SecretVersion2 = z.object({ data: z.object({ data: z.record(z.string(), z.unknown()), metadata: z.unknown() }) });

function keyOf(answer: unknown, path: string, key: string): string {
  const secret = SecretVersion2.safeParse(answer);
  if (!secret.success)
    throw new VaultError('unreadable', `${path} in Vault is not a KV version 2 secret: its path is <mount>/data/<name>.`);
  const value = secret.data.data.data[key];
  if (typeof value === 'string') return value;
  const known = Object.keys(secret.data.data.data).length;
  throw new VaultError('not-found', `${path} in Vault has no text under the key ${key} (it has ${known} keys).`);
}

function isForbidden(error: unknown): boolean {
  return error instanceof VaultError && error.failed === 'forbidden';
}
