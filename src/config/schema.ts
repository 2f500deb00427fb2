import { z } from 'zod';
import { AlertSettings } from './alert-schema.ts';
import { Approvals } from './approval-schema.ts';
import { AuditSettings } from './audit-schema.ts';
import { CapacitySettings } from './capacity-schema.ts';
import { BackupSettings, DatabaseSettings, ToolsImage } from './database-schema.ts';
import {
  AbsolutePath,
  Address,
  Duration,
  HostKeys,
  HostName,
  IpAddress,
  MountOptions,
  Network,
  Port,
  Secret,
  SecretOutsideVault,
  SlackChannel,
  UserName,
  Vmid,
} from './fields.ts';
import { PrometheusSettings } from './prometheus-schema.ts';
import { ProxmoxSettings } from './proxmox-schema.ts';
import { CsiNamespaces, TerraformSettings } from './terraform-schema.ts';
import { safeUrl } from './url.ts';
import { ZfsBaseline } from './zfs-schema.ts';

const Slack = z.strictObject({
  appToken: Secret,
  botToken: Secret,
  apiUrl: safeUrl('https://slack.com/api/')
    .transform((url) => (url.endsWith('/') ? url : `${url}/`))
    .default('https://slack.com/api/'),
  channels: z.array(SlackChannel).min(1, 'must name at least one channel; leave it out to allow all').exactOptional(),
});

/** One way into the cluster: a kubeconfig, or the service account of the pod that the bot runs in. */
const ClusterAccess = z
  .strictObject({
    kubeconfig: AbsolutePath.meta({ example: '/etc/storagebot/kubeconfig-read' }).exactOptional(),
    context: z.string().min(1).meta({ example: 'storagebot-read' }).exactOptional(),
    inCluster: z.literal(true, 'can only be true; leave it out otherwise').exactOptional(),
  })
  .transform(({ kubeconfig, context, inCluster }, checks): KubernetesAccess => {
    if (kubeconfig !== undefined && inCluster === undefined) return { kubeconfig, ...(context === undefined ? {} : { context }) };
    if (kubeconfig === undefined && context === undefined && inCluster !== undefined) return { inCluster };
    checks.issues.push({
      code: 'custom',
      message: 'must have either kubeconfig (and context) or inCluster: true',
      input: undefined,
    });
    return z.NEVER;
  })
  .meta({ example: { kubeconfig: '/etc/storagebot/kubeconfig-read' } });

export type KubernetesAccess = { readonly kubeconfig: string; readonly context?: string } | { readonly inCluster: true };

const Kubernetes = z
  .strictObject({ read: ClusterAccess, change: ClusterAccess })
  .refine(({ read, change }) => !same(read, change), {
    path: ['change'],
    error: 'must be another identity than read: what only looks must not be able to change anything',
  });

const Identity = z.strictObject({ user: UserName, key: Secret, passphrase: Secret.exactOptional() });
const IdentityOverride = z
  .strictObject({ user: UserName.exactOptional(), key: Secret.exactOptional(), passphrase: Secret.exactOptional() })
  .exactOptional();

const Ssh = z
  .strictObject({
    read: Identity,
    change: Identity,
    connectTimeout: Duration.default(5000),
  })
  .refine(({ read, change }) => !same(read, change), {
    path: ['change'],
    error: 'must be another identity than read: the far side then can refuse changes to the one that only looks',
  })
  .transform(({ connectTimeout, ...identities }) => ({ ...identities, connectTimeoutMs: connectTimeout }));

const login = {
  /** For both identities. */
  user: UserName.exactOptional(),
  read: IdentityOverride,
  change: IdentityOverride,
  port: Port.default(22),
  jump: HostName.exactOptional(),
};

const SshHost = z.strictObject({
  ...login,
  address: Address,
  hostKeys: HostKeys,
  sudo: z.boolean('must be true or false').meta({ example: true }).exactOptional(),
});

const Nodes = z.strictObject({
  ...login,
  sudo: z.boolean('must be true or false').meta({ example: true }).default(true),
  hostKeys: z.record(HostName, HostKeys).default({}),
  addresses: z.record(HostName, z.strictObject({ address: Address, port: Port.exactOptional() })).default({}),
});

const Site = z.strictObject({
  nas: z.strictObject({
    host: HostName,
    nfsAddresses: z.tuple([Address], Address).meta({ example: ['10.0.10.15'] }),
    roots: z.tuple([AbsolutePath], AbsolutePath).meta({ example: ['/mnt/main'] }),
    clientNetwork: Network,
    exportsScript: AbsolutePath.meta({ example: '/usr/local/sbin/make-exports' }).exactOptional(),
    zfsBaseline: ZfsBaseline.exactOptional(),
    mountOptions: MountOptions.exactOptional(),
  }),
  hypervisor: z
    .strictObject({
      host: HostName.meta({ example: 'pve' }),
      nasVmid: Vmid.exactOptional(),
      nodeVmids: z.record(HostName, Vmid).default({}),
      dataDisk: z
        .string()
        .regex(/^[a-z][a-z0-9-]*$/, 'must be a device as iostat names it')
        .meta({ example: 'sdc' })
        .exactOptional(),
      api: ProxmoxSettings.exactOptional(),
      pvcCopies: AbsolutePath.meta({ example: '/mnt/backup/pvc-data' }).exactOptional(),
    })
    .exactOptional(),
  nasNeighbour: z.strictObject({ address: Address.meta({ example: '10.0.10.1' }), port: Port }).exactOptional(),
  nfsDomain: Address.meta({ example: 'localdomain' }).exactOptional(),
  capacity: CapacitySettings.exactOptional(),
  csiNamespaces: CsiNamespaces.exactOptional(),
  terraform: TerraformSettings.exactOptional(),
  databases: DatabaseSettings.exactOptional(),
  backups: BackupSettings.exactOptional(),
  toolsImage: ToolsImage.exactOptional(),
});

const MountPath = z
  .string()
  .regex(/^[\w-]+(\/[\w-]+)*$/, 'must be the path of an auth mount')
  .meta({ example: 'kubernetes' });

const VaultAuth = z
  .strictObject({
    kubernetes: z
      .strictObject({
        role: z.string().min(1).meta({ example: 'storagebot' }),
        mount: MountPath.default('kubernetes'),
        tokenFile: AbsolutePath.default('/var/run/secrets/kubernetes.io/serviceaccount/token'),
      })
      .exactOptional(),
    token: SecretOutsideVault.exactOptional(),
    appRole: z
      .strictObject({
        roleId: SecretOutsideVault,
        secretId: SecretOutsideVault,
        mount: MountPath.meta({ example: 'approle' }).default('approle'),
      })
      .exactOptional(),
  })
  .refine(
    (ways) => Object.values(ways).filter((way) => way !== undefined).length === 1,
    'must have exactly one of kubernetes, token and appRole',
  )
  .meta({ example: { kubernetes: { role: 'storagebot' } } });

const Vault = z
  .strictObject({
    address: safeUrl('https://vault.example.net:8200'),
    auth: VaultAuth,
    namespace: z.string().min(1).meta({ example: 'platform' }).exactOptional(),
    ca: AbsolutePath.meta({ example: '/etc/storagebot/vault-ca.pem' }).exactOptional(),
    timeout: Duration.default(5000),
  })
  .transform(({ timeout, ...vault }) => ({ ...vault, timeoutMs: timeout }));

const DAY_MS = 86_400_000;

const StateSettings = z
  .strictObject({
    directory: AbsolutePath,
    keepRuns: Duration.refine(
      (ms) => ms >= DAY_MS,
      'must be at least 1d: what a run has seen is needed to show it and to take it back',
    )
      .meta({ example: '90d' })
      .default(90 * DAY_MS),
  })
  .transform(({ directory, keepRuns }) => ({ directory, keepRunsMs: keepRuns }));

/** All of storagebot.yaml. Its input is the file as people write it, its output the configuration as the code uses it. */
export const Config = z.strictObject({
  slack: Slack.exactOptional(),
  approval: Approvals.prefault({}),
  state: StateSettings,
  audit: AuditSettings.prefault({}),
  http: z
    .strictObject({ address: IpAddress.default('127.0.0.1'), port: Port.meta({ example: 8080 }).default(8080) })
    .prefault({}),
  kubernetes: Kubernetes,
  ssh: Ssh,
  hosts: z.record(HostName, SshHost),
  nodes: Nodes.prefault({}),
  site: Site,
  prometheus: PrometheusSettings.exactOptional(),
  alerts: AlertSettings.exactOptional(),
  vault: Vault.exactOptional(),
});

export type Config = z.output<typeof Config>;
export type ConfigAsWritten = z.input<typeof Config>;

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
