const NOVEL = 'novelapp/novelapp-data-proxmox';
const GROWS = `cluster$ kubectl patch persistentvolumeclaims/novelapp-data-proxmox --namespace=novelapp --type=merge '--patch={"spec":{"resources":{"requests":{"storage":"2Gi"}}}}' --output=json`;

const planned = { words: [NOVEL, '2Gi'], verdict: 'ill', findings: [`not-expanded ${NOVEL}`], changes: [GROWS] } as const;
/** Nothing is planned for any of these. */
const refused = (code: string, claim = NOVEL, size = '2Gi') =>
  ({ words: [claim, size], verdict: 'ill', findings: [`${code} ${claim}`], changes: [] }) as const;
const well = (size: string) => ({ words: [NOVEL, size], verdict: 'well', findings: [], changes: [] }) as const;

/** What each recorded situation must lead to. Scenarios are those of the simulated site. */
export const cases = [
  { scenario: 'all-well', ...well('1Gi') },
  { scenario: 'all-well', name: 'to-expand', ...planned },
  { scenario: 'claim-full', ...planned },
  { scenario: 'claim-not-mounted', ...planned },
  { scenario: 'expansion-waits-for-a-pod', ...well('2Gi') },
  { scenario: 'expansion-hangs', ...refused('expansion-pending') },
  { scenario: 'file-system-behind', ...refused('file-system-behind') },
  { scenario: 'all-well', name: 'to-shrink', ...refused('would-shrink', 'nextcloud/nextcloud-data-proxmox', '10Gi') },
  { scenario: 'claim-waits-for-its-pod', ...refused('not-bound', 'immich/new-data') },
  { scenario: 'all-well', name: 'on-nfs', ...refused('on-nfs', 'immich/immich-library', '100Gi') },
  { scenario: 'all-well', name: 'on-nfs-without-csi', ...refused('on-nfs', 'headscale/headscale-data', '100Gi') },
  { scenario: 'all-well', name: 'on-iscsi', ...refused('driver-deprecated', 'vaultwarden/vaultwarden-data-iscsi', '5Gi') },
  { scenario: 'claim-on-another-driver', ...refused('driver-unknown') },
  { scenario: 'class-forbids-expansion', ...refused('class-forbids') },
  { scenario: 'claims-owned', name: 'owned-by-terraform', ...refused('owned-by-terraform') },
  { scenario: 'claims-owned', name: 'owned-by-cnpg', ...refused('owned-by-cnpg', 'dbaas/pg-cluster-1', '30Gi') },
  {
    scenario: 'claims-owned',
    name: 'owned-by-operator',
    ...refused('owned-by-operator', 'monitoring/prometheus-data-proxmox', '300Gi'),
  },
  { scenario: 'claims-owned', name: 'owned-by-helm', ...refused('owned-by-helm', 'nextcloud/nextcloud-data-proxmox', '30Gi') },
  {
    scenario: 'all-well',
    name: 'owned-by-stateful-set',
    ...refused('owned-by-stateful-set', 'redis/redis-data-redis-node-0', '4Gi'),
  },
  {
    scenario: 'restore-operator-set',
    name: 'owned-by-operator-of-the-set',
    ...refused('owned-by-operator', 'dbaas/datadir-mysql-cluster-0', '50Gi'),
  },
  { scenario: 'database-full', ...refused('owned-by-cnpg', 'dbaas/pg-cluster-1', '30Gi') },
  { scenario: 'volume-twice', ...refused('volume-twice') },
  { scenario: 'pool-promised', ...planned },
  { scenario: 'thin-data-high', ...refused('pool-short') },
  { scenario: 'thin-metadata-read-only', ...refused('pool-short') },
  { scenario: 'all-well', name: 'more-than-the-pool-has', ...refused('pool-short', 'nextcloud/nextcloud-data-proxmox', '6Ti') },
  { scenario: 'blind-kubernetes', words: [NOVEL, '2Gi'], verdict: 'blind', findings: [], changes: [] },
] as const;
