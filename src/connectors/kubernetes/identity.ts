import type { KubeConfig, RequestContext } from '@kubernetes/client-node';

/** One identity at the API server. Without path and text, a kubeconfig is found as kubectl finds it. */
export interface KubernetesAccess {
  readonly source:
    | { readonly kind: 'kubeconfig'; readonly path?: string; readonly text?: string; readonly context?: string }
    | { readonly kind: 'in-cluster' };
}

export interface Identity {
  /** URL of the API server without a slash at its end. */
  readonly server: string;
  readonly proxied: boolean;
  /** Headers and TLS settings for one request, read anew where they expire. Rejects with CredentialFailure. */
  readonly authenticate: (url: string) => Promise<RequestContext>;
}

/** The access cannot be used as it is written. The message is for a person and holds nothing of the file. */
export class UnusableAccess extends Error {
  override readonly name = 'UnusableAccess';
  readonly code = 'UNUSABLE_ACCESS';
}

/** Token, certificate or plugin that the kubeconfig names could not be had. */
export class CredentialFailure extends Error {
  override readonly name = 'CredentialFailure';
  readonly code = 'CREDENTIAL_FAILURE';
}

/** Takes note of a secret that must not be shown. */
export type Learn = (secret: string) => void;

/** Reads the access. It imports the Kubernetes client, which takes half a second, at its first call. */
export async function loadIdentity(access: KubernetesAccess, learn: Learn): Promise<Identity> {
  const { KubeConfig, RequestContext } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  load(config, access);
  const server = requireVerified(config, access);
  for (const secret of secretsOf(config)) learn(secret);
  return {
    server,
    proxied: config.getCurrentCluster()?.proxyUrl !== undefined,
    authenticate: async (url) => {
      const context = new RequestContext(url, 'GET');
      // The cause is left out: a plugin's error output may hold what it was given.
      await config.applySecurityAuthentication(context).catch(() => Promise.reject(new CredentialFailure()));
      // Tokens of files and plugins are known only now.
      const { Authorization: authorization } = context.getHeaders();
      if (authorization !== undefined) learn(authorization.replace(/^\w+ /, ''));
      return context;
    },
  };
}

function secretsOf(config: KubeConfig): string[] {
  const { token, password, keyData } = config.getCurrentUser() ?? {};
  const key = keyData === undefined ? undefined : Buffer.from(keyData, 'base64').toString('utf8');
  return [token, password, key].filter((secret) => secret !== undefined);
}

/** Where the access is written, for a person. */
export function describeAccess({ source }: KubernetesAccess): string {
  if (source.kind === 'in-cluster') return 'the service account of this pod';
  const context = source.context === undefined ? '' : `, context ${source.context}`;
  const where = source.path ?? (source.text === undefined ? 'in the default place' : 'in the configuration');
  return `the kubeconfig ${where}${context}`;
}

function load(config: KubeConfig, access: KubernetesAccess): void {
  const { source } = access;
  try {
    if (source.kind === 'in-cluster') config.loadFromCluster();
    else if (source.text !== undefined) config.loadFromString(source.text);
    else if (source.path !== undefined) config.loadFromFile(source.path);
    else config.loadFromDefault();
  } catch {
    // A parser's message would quote the line, and with it a token.
    throw new UnusableAccess(`${describeAccess(access)} cannot be read or is not a kubeconfig`);
  }
  if (source.kind === 'kubeconfig' && source.context !== undefined) config.setCurrentContext(source.context);
}

/** Returns the URL of the server, if its certificate is going to be verified. */
function requireVerified(config: KubeConfig, access: KubernetesAccess): string {
  const cluster = config.getCurrentCluster();
  const where = describeAccess(access);
  if (access.source.kind === 'in-cluster' && process.env['KUBERNETES_SERVICE_HOST'] === undefined) {
    throw new UnusableAccess('this process does not run in a pod, so there is no service account to use');
  }
  if (cluster === null || config.getCurrentUser() === null) throw new UnusableAccess(`${where} has no usable context`);
  if (!URL.canParse(cluster.server) || new URL(cluster.server).username !== '')
    throw new UnusableAccess(`${where} names no usable server`);
  if (!cluster.server.startsWith('https://')) throw new UnusableAccess(`${where} names a server without TLS`);
  if (cluster.skipTLSVerify === true || process.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    throw new UnusableAccess(`${where} or the environment switches off the check of the server's certificate`);
  }
  return cluster.server;
}
