const CLAIM = 'vaultwarden/vaultwarden-data-proxmox';
const DISK = 'vm-9999-pvc-2bafd781-608b-4c6f-ab37-92f3643027cf';
const SNAPSHOT = `${DISK}_snap_20260403_0300`;

const fromSnapshot = { words: [CLAIM, 'snapshot', '20260403_0300'], verdict: 'ill', changes: [] } as const;
const fromFiles = { words: [CLAIM, 'files', '2026-14'], verdict: 'ill', changes: [] } as const;
const asked = (...words: readonly string[]) => ({ words, verdict: 'ill', changes: [] }) as const;

/** Nothing is planned for any of these. */
export const obstacles = [
  { scenario: 'all-well', name: 'restore-nothing-kept', ...asked(CLAIM), findings: [`nothing-kept ${CLAIM}`] },
  { scenario: 'all-well', name: 'restore-no-snapshot', ...fromSnapshot, findings: [`no-such-copy ${CLAIM}`] },
  {
    scenario: 'restore-offered',
    name: 'restore-no-such-week',
    ...asked(CLAIM, 'files', '2026-10'),
    findings: [`no-such-copy ${CLAIM}`],
  },
  {
    scenario: 'restore-offered',
    name: 'restore-snapshot-of-another-volume',
    ...asked(CLAIM, 'snapshot', 'vm-9999-pvc-bc92eab8-b5c6-447d-a196-ef8e54d62045_snap_20260403_0300'),
    findings: [`no-such-copy ${CLAIM}`],
  },
  {
    scenario: 'restore-offered',
    name: 'restore-left-behind-claim',
    ...asked('vaultwarden/vaultwarden-data-iscsi', 'snapshot', '20260403_0300'),
    findings: ['not-on-lvm vaultwarden/vaultwarden-data-iscsi'],
  },
  {
    scenario: 'restore-offered',
    name: 'restore-part-of-a-name',
    ...asked('vaultwarden/vaultwarden-data', 'snapshot', '20260403_0300'),
    findings: ['no-such-claim vaultwarden/vaultwarden-data'],
  },
  { scenario: 'restore-storage-unknown', ...fromSnapshot, findings: [`chain-broken ${CLAIM}`] },
  { scenario: 'restore-volume-gone', ...fromSnapshot, findings: [`chain-broken ${CLAIM}`] },
  { scenario: 'restore-other-origin', ...fromSnapshot, findings: [`other-origin ${SNAPSHOT}`] },
  { scenario: 'restore-no-origin', ...fromSnapshot, findings: [`other-origin ${SNAPSHOT}`] },
  { scenario: 'restore-snapshot-failed', ...fromSnapshot, findings: [`snapshot-unfit ${SNAPSHOT}`] },
  { scenario: 'restore-snapshot-smaller', ...fromSnapshot, findings: [`snapshot-unfit ${SNAPSHOT}`] },
  { scenario: 'restore-attached-elsewhere', ...fromSnapshot, findings: ['attached-elsewhere 202'] },
  { scenario: 'restore-new-node', ...fromSnapshot, findings: ['machine-unknown k8s-node5'] },
  { scenario: 'restore-attachment-left', ...fromSnapshot, findings: ['attached-elsewhere k8s-node2'] },
  { scenario: 'restore-volume-open', ...fromSnapshot, findings: [`volume-open ${DISK}`] },
  { scenario: 'restore-bare-pod', ...fromSnapshot, findings: ['cannot-stop Pod vaultwarden/looking-around'] },
  { scenario: 'restore-daemon-set', ...fromSnapshot, findings: ['cannot-stop DaemonSet vaultwarden/scanner'] },
  {
    scenario: 'restore-job-running',
    ...fromSnapshot,
    findings: ['backup-running Pod vaultwarden/vaultwarden-backup-29586780-x7k2p'],
  },
  { scenario: 'restore-snapshot-job-runs', ...fromSnapshot, findings: ['backup-running lvm-pvc-snapshot.service'] },
  {
    scenario: 'restore-operator',
    ...asked('dbaas/pg-cluster-1', 'snapshot', '20260403_0300'),
    findings: ['operator-owned dbaas/pg-cluster-1', 'operator-owned Pod dbaas/pg-cluster-1'],
  },
  {
    scenario: 'restore-operator-set',
    ...asked('dbaas/datadir-mysql-cluster-0', 'snapshot', '20260403_0300'),
    findings: ['operator-owned StatefulSet dbaas/mysql-cluster'],
  },
  { scenario: 'restore-pool-full', ...fromSnapshot, findings: ['pool-unfit pve'] },
  { scenario: 'restore-metadata-full', ...fromSnapshot, findings: ['pool-unfit pve'] },
  { scenario: 'restore-pool-read-only', ...fromSnapshot, findings: ['pool-unfit pve'] },
  { scenario: 'restore-copy-empty', ...fromFiles, findings: ['copy-empty 2026-14'] },
  { scenario: 'restore-copy-too-large', ...fromFiles, findings: ['copy-too-large 2026-14'] },
  { scenario: 'restore-encrypted', ...fromFiles, findings: [`not-ext4 ${DISK}`] },
  { scenario: 'restore-encrypted-unfilled', ...fromFiles, findings: [`not-ext4 ${DISK}_storagebot-3f2a9c81d0-2-new`] },
  { scenario: 'restore-claim-going', ...fromSnapshot, findings: [`being-deleted ${CLAIM}`] },
  { scenario: 'restore-users-unseen', ...fromSnapshot, verdict: 'blind', findings: [] },
] as const;
