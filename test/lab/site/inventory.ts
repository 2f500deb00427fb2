import { NAS_ADDRESS, OTHER_NAS } from './addresses.ts';
import type { Workload } from './workload.ts';

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
}

export const BLOCK_VOLUMES: readonly BlockVolume[] = [
  { namespace: 'immich', claim: 'immich-redis-data-proxmox', driver: 'csi.proxmox.sinextra.dev' },
  { namespace: 'vaultwarden', claim: 'vaultwarden-data-proxmox', driver: 'csi.proxmox.sinextra.dev' },
  { namespace: 'vaultwarden', claim: 'vaultwarden-data-iscsi', driver: 'org.democratic-csi.iscsi' },
  { namespace: 'nextcloud', claim: 'nextcloud-data-proxmox', driver: 'csi.proxmox.sinextra.dev' },
  { namespace: 'dbaas', claim: 'pg-cluster-1', driver: 'csi.proxmox.sinextra.dev' },
  { namespace: 'dbaas', claim: 'pg-cluster-2', driver: 'csi.proxmox.sinextra.dev' },
];

const ALL_NODES = ['k8s-master', 'k8s-node1', 'k8s-node2', 'k8s-node3', 'k8s-node4'];

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
];

export const WORKLOADS: readonly Workload[] = [
  ...ROWS.map(([namespace, kind, name, nodes, claims = []]) => ({ namespace, kind, name, nodes, claims })),
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
