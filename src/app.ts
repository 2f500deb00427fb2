import { createHash } from 'node:crypto';
import { readLogins } from './app/logins.ts';
import type { MembersOf } from './approval/groups.ts';
import type { ApprovalPolicy } from './approval/policy.ts';
import type { Config, KubernetesAccess } from './config/schema.ts';
import type { Secrets } from './config/secrets.ts';
import { siteOf } from './config/site.ts';
import { type KubernetesAccess as Access, createKubernetes } from './connectors/kubernetes/index.ts';
import { redactedTargets } from './connectors/redacted-targets.ts';
import { createResolveHost } from './connectors/resolve-host.ts';
import { createSsh } from './connectors/ssh/index.ts';
import { createTargets } from './connectors/targets.ts';
import type { Engine, Reporter, Targets } from './core/ports.ts';
import type { Runbook } from './core/runbook.ts';
import { createEngine } from './engine/engine.ts';
import { type Log, redactor } from './log.ts';
import { createStore, type Store } from './store/store.ts';

export interface AppOptions {
  readonly runbooks: readonly Runbook[];
  readonly secrets: Secrets;
  /** How runs are shown where they were asked for. It may remember in the store what it has shown. */
  readonly reporter: (store: Store) => Reporter;
  readonly buildVersion: string;
  readonly log: Log;
  /** Instead of the configured one. */
  readonly stateDirectory?: string;
  /** Who is in a Slack user group; absent: nobody. */
  readonly membersOf?: MembersOf;
  /** Instead of real ones. */
  readonly targets?: Targets;
}

export interface App {
  readonly engine: Engine;
  /** Lets what is being applied end, then closes all connections. A second call waits for the first. */
  readonly close: () => Promise<void>;
}

/** The whole bot without its mouth: Slack and the terminal both stand on it. Rejects with a sentence when it cannot start. */
export async function createApp(config: Config, options: AppOptions): Promise<App> {
  const { runbooks, reporter, buildVersion, log, membersOf, stateDirectory = config.state.directory } = options;
  const targets = options.targets ?? (await openTargets(config, options));
  const store = createStore(stateDirectory);
  const site = siteOf(config);
  try {
    const engine = await createEngine({
      runbooks,
      site,
      targets,
      store,
      stateDirectory,
      report: reporter(store),
      buildVersion: builtWith(config, buildVersion),
      log,
      policy: policyOf(config),
      ...(membersOf === undefined ? {} : { membersOf }),
    });
    return { engine, close: once(() => engine.stop().then(() => targets.close())) };
  } catch (error) {
    store.close();
    await targets.close();
    throw error;
  }
}

/** By another configuration the same name may be another machine: an approval under one is void under another. */
function builtWith(config: Config, buildVersion: string): string {
  return `${buildVersion}.${createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 12)}`;
}

export function policyOf({ approval: { tiers, expiresAfterMs } }: Config): ApprovalPolicy {
  return { tiers, expiresAfterMs };
}

async function openTargets(config: Config, { secrets, log }: AppOptions): Promise<Targets> {
  const logins = await readLogins(config, secrets);
  const kubernetes = createKubernetes({
    read: accessOf(config.kubernetes.read),
    change: accessOf(config.kubernetes.change),
    learn: secrets.learn,
  });
  const resolve = createResolveHost({
    ...logins,
    ask: async (command) => {
      if (command.via !== 'kubernetes')
        throw new Error(`Addresses of nodes are asked of the cluster only, not via ${command.via}`);
      return kubernetes.read(command);
    },
  });
  const { connectTimeoutMs } = config.ssh;
  const ssh = createSsh({ resolve, limits: { connectTimeoutMs }, log: (event) => log.debug(event, 'ssh') });
  return redactedTargets(createTargets({ ssh, kubernetes }), (text) => redactor(secrets.known())(text));
}

function accessOf(access: KubernetesAccess): Access {
  if ('inCluster' in access) return { source: { kind: 'in-cluster' } };
  const { kubeconfig: path, context } = access;
  return { source: { kind: 'kubeconfig', path, ...(context === undefined ? {} : { context }) } };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
