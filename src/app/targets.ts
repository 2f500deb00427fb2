import type { Config, KubernetesAccess } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import { type Alertmanager, createAlertmanager } from '../connectors/alertmanager/index.ts';
import { type KubernetesAccess as Access, createKubernetes } from '../connectors/kubernetes/index.ts';
import { createPrometheus, type Prometheus } from '../connectors/prometheus/index.ts';
import { createProxmox, type Proxmox } from '../connectors/proxmox/index.ts';
import { createResolveHost } from '../connectors/resolve-host.ts';
import { createSsh } from '../connectors/ssh/index.ts';
import { createTargets } from '../connectors/targets.ts';
import type { Targets } from '../core/ports.ts';
import type { Log } from '../log.ts';
import { readLogins } from './logins.ts';

interface TargetsOptions {
  readonly secrets: Secrets;
  readonly log: Log;
}

/** The connectors that this configuration asks for, as they are: without redaction. */
export async function openTargets(config: Config, { secrets, log }: TargetsOptions): Promise<Targets> {
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
  const { prometheus, site, alerts: { alertmanager } = {} } = config;
  const { api } = site.hypervisor ?? {};
  return createTargets({
    ssh,
    kubernetes,
    ...(api && { proxmox: proxmoxOf(api, secrets) }),
    ...(prometheus && { prometheus: prometheusOf(prometheus, secrets) }),
    ...(alertmanager && { alertmanager: alertmanagerOf(alertmanager, secrets) }),
  });
}

function accessOf(access: KubernetesAccess): Access {
  if ('inCluster' in access) return { source: { kind: 'in-cluster' } };
  const { kubeconfig: path, context } = access;
  return { source: { kind: 'kubeconfig', path, ...(context === undefined ? {} : { context }) } };
}

type ProxmoxConfig = NonNullable<NonNullable<Config['site']['hypervisor']>['api']>;

function proxmoxOf({ url, trust, ...tokens }: ProxmoxConfig, { resolve }: Secrets): Proxmox {
  const tokenOf = ({ tokenId, secret }: ProxmoxConfig['read']) => ({ tokenId, secret: () => resolve(secret) });
  return createProxmox({ url, trust, read: tokenOf(tokens.read), change: tokenOf(tokens.change) });
}

function prometheusOf({ token, ...server }: NonNullable<Config['prometheus']>, { resolve }: Secrets): Prometheus {
  return createPrometheus({ ...server, ...(token === undefined ? {} : { token: () => resolve(token) }) });
}

type AlertmanagerConfig = NonNullable<NonNullable<Config['alerts']>['alertmanager']>;

function alertmanagerOf({ token, ...server }: AlertmanagerConfig, { resolve }: Secrets): Alertmanager {
  return createAlertmanager({ ...server, ...(token === undefined ? {} : { token: () => resolve(token) }) });
}
