import { NAS_ADDRESS, OTHER_NAS } from './addresses.ts';
import type { LabContainer, Workload } from './workload.ts';

/** A volume on NFS: its claim, its persistent volume and its handle have one name. */
export interface NfsVolume {
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
  readonly server?: string;
  /** Owner of the directory, where it is not root with a mode of 0777. */
  readonly owner?: number;
  /** A persistent volume without CSI, as they were made years ago. */
  readonly old?: true;
}

export const NFS_VOLUMES: readonly NfsVolume[] = [
  { namespace: 'immich', name: 'immich-upload', path: '/mnt/main/immich/upload' },
  { namespace: 'immich', name: 'immich-library', path: '/mnt/main/immich/library' },
  { namespace: 'immich', name: 'immich-encoded-video', path: '/mnt/main/immich/encoded-video' },
  { namespace: 'immich', name: 'immich-profile', path: '/mnt/main/immich/profile' },
  { namespace: 'immich', name: 'immich-thumbs', path: '/mnt/ssd/immich/thumbs' },
  { namespace: 'immich', name: 'immich-ml-cache', path: '/mnt/ssd/immich/ml-cache' },
  { namespace: 'immich', name: 'immich-postgresql-data', path: '/mnt/main/immich/postgresql', owner: 999 },
  { namespace: 'navidrome', name: 'navidrome-data', path: '/mnt/main/navidrome' },
  { namespace: 'navidrome', name: 'navidrome-music', path: OTHER_NAS.path, server: OTHER_NAS.address },
  { namespace: 'vaultwarden', name: 'vaultwarden-backup', path: '/mnt/main/vaultwarden-backup' },
  { namespace: 'nextcloud', name: 'nextcloud-backup', path: '/mnt/main/nextcloud-backup' },
  { namespace: 'audiobookshelf', name: 'audiobookshelf-config', path: '/mnt/main/audiobookshelf/config' },
  { namespace: 'audiobookshelf', name: 'audiobookshelf-audiobooks', path: '/mnt/main/audiobookshelf/audiobooks' },
  { namespace: 'technitium', name: 'technitium-config', path: '/mnt/main/technitium' },
  { namespace: 'technitium', name: 'technitium-secondary-config', path: '/mnt/main/technitium-secondary' },
  { namespace: 'forgejo', name: 'forgejo-data', path: '/mnt/main/forgejo' },
  { namespace: 'uptime-kuma', name: 'uptime-kuma-data', path: '/mnt/main/uptime-kuma' },
  { namespace: 'servarr', name: 'servarr-downloads', path: '/mnt/main/servarr/downloads' },
  { namespace: 'servarr', name: 'servarr-lidarr', path: '/mnt/main/servarr/lidarr' },
  { namespace: 'servarr', name: 'servarr-qbittorrent', path: '/mnt/main/servarr/qbittorrent' },
  { namespace: 'dbaas', name: 'dbaas-postgresql-backup', path: '/mnt/main/postgresql-backup' },
  { namespace: 'headscale', name: 'headscale-data', path: '/mnt/main/headscale', old: true },
];

/** Exported, and not by way of a persistent volume. */
export const FRIGATE_PATH = '/mnt/main/frigate';

export interface BlockVolume {
  readonly namespace: string;
  readonly claim: string;
  readonly driver: 'csi.proxmox.sinextra.dev' | 'org.democratic-csi.iscsi';
  readonly sizeGib: number;
  /** Share of its size that holds data. */
  readonly usedPercent: number;
  readonly files: number;
}

type BlockRow = readonly [namespace: string, claim: string, sizeGib: number, usedPercent: number, files: number];

const PROXMOX: readonly BlockRow[] = [
  ['immich', 'immich-redis-data-proxmox', 1, 9, 12],
  ['vaultwarden', 'vaultwarden-data-proxmox', 1, 21, 164],
  ['nextcloud', 'nextcloud-data-proxmox', 20, 47, 38_211],
  ['dbaas', 'pg-cluster-1', 20, 38, 4_107],
  ['dbaas', 'pg-cluster-2', 20, 38, 4_102],
  ['dbaas', 'datadir-mysql-cluster-0', 30, 29, 611],
  ['dbaas', 'datadir-mysql-cluster-1', 30, 29, 609],
  ['dbaas', 'datadir-mysql-cluster-2', 30, 29, 609],
  ['redis', 'redis-data-redis-node-0', 2, 6, 9],
  ['redis', 'redis-data-redis-node-1', 2, 6, 9],
  ['monitoring', 'prometheus-data-proxmox', 200, 58, 1_890],
  ['plotting-book', 'plotting-book-data-proxmox', 1, 4, 17],
  ['novelapp', 'novelapp-data-proxmox', 1, 11, 36],
  ['ebooks', 'ebooks-calibre-config-proxmox', 2, 33, 2_380],
];

/** Left behind when everything moved away from this driver: bound, and nothing mounts them. */
const ISCSI: readonly BlockRow[] = [
  ['vaultwarden', 'vaultwarden-data-iscsi', 1, 20, 160],
  ['nextcloud', 'nextcloud-data-iscsi', 20, 46, 38_020],
  ['novelapp', 'novelapp-data', 1, 11, 36],
  ['ebooks', 'ebooks-calibre-config-iscsi', 2, 33, 2_380],
  ['dbaas', 'old-pg-data', 20, 36, 4_100],
  ['dbaas', 'old-mysql-data', 30, 28, 600],
];

function blockVolumes(driver: BlockVolume['driver'], rows: readonly BlockRow[]): readonly BlockVolume[] {
  return rows.map(([namespace, claim, sizeGib, usedPercent, files]) => ({
    namespace,
    claim,
    driver,
    sizeGib,
    usedPercent,
    files,
  }));
}

export const BLOCK_VOLUMES: readonly BlockVolume[] = [
  ...blockVolumes('csi.proxmox.sinextra.dev', PROXMOX),
  ...blockVolumes('org.democratic-csi.iscsi', ISCSI),
];

const ALL_NODES = ['k8s-master', 'k8s-node1', 'k8s-node2', 'k8s-node3', 'k8s-node4'];

type Named = readonly [name: string, memory: string, request?: string];

function containers(...named: readonly Named[]): readonly LabContainer[] {
  return named.map(([name, memory, request]) => ({ name, memory, ...(request === undefined ? {} : { request }) }));
}

/** The containers of the drivers' pods, with their limits. */
const CONTAINERS: Readonly<Record<string, readonly LabContainer[]>> = {
  'csi-nfs-node': containers(['liveness-probe', '64Mi'], ['node-driver-registrar', '64Mi'], ['nfs', '128Mi']),
  'csi-nfs-controller': containers(
    ['csi-provisioner', '128Mi'],
    ['csi-resizer', '128Mi'],
    ['csi-snapshotter', '128Mi'],
    ['liveness-probe', '64Mi'],
    ['nfs', '128Mi'],
  ),
  'proxmox-csi-plugin-node': containers(
    ['csi-node-driver-registrar', '64Mi', '32Mi'],
    ['liveness-probe', '64Mi', '32Mi'],
    ['proxmox-csi-plugin-node', '64Mi', '32Mi'],
  ),
  'proxmox-csi-plugin-controller': containers(
    ['csi-attacher', '64Mi', '32Mi'],
    ['csi-provisioner', '64Mi', '32Mi'],
    ['csi-resizer', '64Mi', '32Mi'],
    ['liveness-probe', '64Mi', '32Mi'],
    ['proxmox-csi-plugin-controller', '64Mi', '32Mi'],
  ),
  'democratic-csi-iscsi-node': containers(
    ['csi-driver', '192Mi'],
    ['csi-proxy', '32Mi'],
    ['driver-registrar', '32Mi'],
    ['cleanup', '32Mi'],
  ),
  'democratic-csi-iscsi-controller': containers(
    ['external-provisioner', '64Mi'],
    ['external-attacher', '64Mi'],
    ['external-resizer', '64Mi'],
    ['external-snapshotter', '80Mi'],
    ['csi-driver', '192Mi'],
    ['csi-proxy', '32Mi'],
  ),
};

type Row = readonly [
  namespace: string,
  kind: Workload['kind'],
  name: string,
  nodes: readonly string[],
  claims?: readonly string[],
];

const ROWS: readonly Row[] = [
  ['calico-system', 'DaemonSet', 'calico-node', ALL_NODES],
  ['nfs-csi', 'DaemonSet', 'csi-nfs-node', ALL_NODES],
  ['nfs-csi', 'Deployment', 'csi-nfs-controller', ['k8s-node3', 'k8s-node4']],
  ['proxmox-csi', 'DaemonSet', 'proxmox-csi-plugin-node', ALL_NODES],
  ['proxmox-csi', 'Deployment', 'proxmox-csi-plugin-controller', ['k8s-node3', 'k8s-node4']],
  ['iscsi-csi', 'DaemonSet', 'democratic-csi-iscsi-node', ALL_NODES],
  ['iscsi-csi', 'Deployment', 'democratic-csi-iscsi-controller', ['k8s-node3', 'k8s-node4']],
  [
    'immich',
    'Deployment',
    'immich-server',
    ['k8s-node2'],
    ['immich-upload', 'immich-library', 'immich-encoded-video', 'immich-profile', 'immich-thumbs'],
  ],
  ['immich', 'Deployment', 'immich-machine-learning', ['k8s-node1'], ['immich-ml-cache']],
  ['immich', 'Deployment', 'immich-redis', ['k8s-node3'], ['immich-redis-data-proxmox']],
  ['navidrome', 'Deployment', 'navidrome', ['k8s-node2'], ['navidrome-data', 'navidrome-music']],
  ['vaultwarden', 'Deployment', 'vaultwarden', ['k8s-node4'], ['vaultwarden-data-proxmox']],
  ['nextcloud', 'Deployment', 'nextcloud', ['k8s-node3'], ['nextcloud-data-proxmox']],
  ['audiobookshelf', 'Deployment', 'audiobookshelf', ['k8s-node1'], ['audiobookshelf-config', 'audiobookshelf-audiobooks']],
  ['technitium', 'Deployment', 'technitium', ['k8s-node4'], ['technitium-config']],
  ['technitium', 'Deployment', 'technitium-secondary', ['k8s-node3'], ['technitium-secondary-config']],
  ['forgejo', 'StatefulSet', 'forgejo', ['k8s-node4'], ['forgejo-data']],
  ['uptime-kuma', 'Deployment', 'uptime-kuma', ['k8s-node1'], ['uptime-kuma-data']],
  ['servarr', 'Deployment', 'lidarr', ['k8s-node2'], ['servarr-lidarr', 'servarr-downloads']],
  ['servarr', 'Deployment', 'prowlarr', ['k8s-node3'], ['servarr-downloads']],
  ['servarr', 'Deployment', 'qbittorrent', ['k8s-node4'], ['servarr-qbittorrent', 'servarr-downloads']],
  ['headscale', 'Deployment', 'headscale', ['k8s-node3'], ['headscale-data']],
  ['monitoring', 'Deployment', 'prometheus-server', ['k8s-node1'], ['prometheus-data-proxmox']],
  ['plotting-book', 'Deployment', 'plotting-book', ['k8s-node4'], ['plotting-book-data-proxmox']],
  ['novelapp', 'Deployment', 'novelapp', ['k8s-node4'], ['novelapp-data-proxmox']],
  ['ebooks', 'Deployment', 'calibre-web-automated', ['k8s-node1'], ['ebooks-calibre-config-proxmox']],
];

function own(name: string): Pick<Workload, 'containers'> {
  const known = CONTAINERS[name];
  return known === undefined ? {} : { containers: known };
}

export const WORKLOADS: readonly Workload[] = [
  ...ROWS.map(([namespace, kind, name, nodes, claims = []]) => ({ namespace, kind, name, nodes, claims, ...own(name) })),
  {
    namespace: 'immich',
    kind: 'Deployment',
    name: 'immich-postgresql',
    nodes: ['k8s-node3'],
    claims: ['immich-postgresql-data'],
    user: 999,
  },
  {
    namespace: 'frigate',
    kind: 'Deployment',
    name: 'frigate',
    nodes: ['k8s-node1'],
    inlineNfs: { name: 'media', server: NAS_ADDRESS, path: FRIGATE_PATH },
  },
  { namespace: 'dbaas', kind: 'Cluster', name: 'pg-cluster', nodes: ['k8s-node3', 'k8s-node4'] },
  {
    namespace: 'dbaas',
    kind: 'StatefulSet',
    name: 'mysql-cluster',
    nodes: ['k8s-node1', 'k8s-node3', 'k8s-node4'],
    claimTemplates: ['datadir'],
  },
  {
    namespace: 'redis',
    kind: 'StatefulSet',
    name: 'redis-node',
    nodes: ['k8s-node1', 'k8s-node3'],
    claimTemplates: ['redis-data'],
  },
];

export interface Cron {
  readonly namespace: string;
  readonly name: string;
  readonly schedule: string;
  readonly claims: readonly string[];
}

export const CRON_JOBS: readonly Cron[] = [
  {
    namespace: 'vaultwarden',
    name: 'vaultwarden-backup',
    schedule: '0 */6 * * *',
    claims: ['vaultwarden-data-proxmox', 'vaultwarden-backup'],
  },
  {
    namespace: 'nextcloud',
    name: 'nextcloud-backup',
    schedule: '0 3 * * 0',
    claims: ['nextcloud-data-proxmox', 'nextcloud-backup'],
  },
  { namespace: 'dbaas', name: 'postgresql-backup', schedule: '0 0 * * *', claims: ['dbaas-postgresql-backup'] },
];
