/**
 * What a finding proves to be ill: so ill that what stands on it cannot work. `own`: only what it is about, or nothing at all, as a symptom, a risk, a
 * counter, or slowness. `nas-if-subject`: the NAS where the finding is about the whole server. `pool-of-root`: the pool where all below the directory
 * that it is mounted at is gone. `driver`: the driver that the runbook or the subject names. `driver-of-nodes`: that driver where it is so on several
 * nodes, else the node. `driver-of-pods`: where several of its pods end. `machine`: whatever runs in the virtual machine that the subject begins with.
 * `thin-pool`: all machines and volumes stand on it.
 */
const KINDS = [
  'own',
  'thin-pool',
  'network',
  'pool',
  'pool-of-dataset',
  'pool-of-root',
  'nas',
  'nas-if-subject',
  'driver',
  'driver-of-nodes',
  'driver-of-pods',
  'node',
  'machine',
  'database-server',
  'backups',
] as const;
export type Proves = (typeof KINDS)[number];

/** By the runbook's id: of each kind the codes of its findings. A test compares them with the runbooks that look. */
const CODES: Readonly<Record<string, Readonly<Partial<Record<Proves, string>>>>> = {
  'diagnose-nfs': {
    network: 'network-path-down',
    nas: 'fsid-zero nas-vm-down nfsd-stopped server-unreachable mountd-down',
    'nas-if-subject': 'export-missing export-not-loaded export-line-refused export-wrong-network',
    'pool-of-root': 'path-missing',
    'driver-of-nodes': 'driver-not-registered driver-pod-missing driver-port-forgotten driver-port-taken',
    node: 'node-cut-off client-wedged v3-broken v42-session-broken',
    own: `
      server-overloaded dataset-not-mounted dataset-hidden stale-handle frozen-mount pod-stuck-terminating
      slow-ownership-change write-maybe-lost ghost-client write-denied owners-unmapped hard-mount event-elsewhere
    `,
  },
  'diagnose-slow-nfs': {
    machine: 'machine-stalled',
    own: `
      server-drowning network-loss scrub-running resilver-running pool-nearly-full pool-fragmented job-floods
      workload-floods machine-floods dataset-hot disk-saturated cache-swept working-set-too-large threads-busy
      client-queueing node-slow foreign-mount
    `,
  },
  'diagnose-zfs': {
    pool: 'pool-missing pool-suspended volumes-without-space',
    own: `
      pool-not-whole device-errors disk-errors all-devices-grow checksums-grow new-errors no-baseline errors-unlisted
      database-blocks thin-pool-exhausted thin-pool-high capacity-critical capacity-high scrub-paused scrub-due
    `,
  },
  'diagnose-sqlite': {
    own: `
      corrupt-tables corrupt-indexes corrupt-search-index not-a-database rules-broken tables-missing file-missing file-empty
      locked read-only unfinished-transaction not-readable io-error cannot-open no-permission volume-full inodes-used-up
      log-large several-nodes on-nfs backups-refused no-good-backup no-volume
    `,
  },
  'diagnose-backups': {
    backups: `
      no-cron-job suspended missed denied not-created multi-attach pod-waits hangs failed hidden-failure only-by-hand
      never-succeeded source-refused claim-elsewhere dataset-hides wrote-elsewhere no-backups stale truncated damaged
      incomplete schema-only empty-database
    `,
    own: 'constant-size shrunk offsite-stale metric-missing metric-never',
  },
  'diagnose-block': {
    'thin-pool': 'pool-out-of-space pool-metadata-full',
    driver: 'token-refused',
    'driver-of-nodes': 'driver-not-registered',
    node: 'slot-cap network-down-first wrong-controller machine-wedged machine-locked',
    own: `
      ghost-disks wrong-machine node-gone stale-attachment held-by-healthy-pod held-by-lost-node ghost-disk-in-use
      wedged-hotplug poisoned-slot shared-device foreign-disk stale-mount chain-broken open-twice open-elsewhere
      file-system-read-only inodes-exhausted file-system-full node-without-machine
    `,
  },
  'diagnose-node': {
    node: `
      kubelet-not-ready kubelet-silent another-machine machine-locked machine-off machine-turned-off machine-cannot-start
      machine-paused machine-io-error machine-crashed machine-stalled still-writing fenced tainted-though-up
    `,
    own: 'stale-identity',
  },
  'diagnose-csi': {
    driver: 'token-refused',
    'driver-of-nodes': 'driver-not-registered driver-stalled',
    'driver-of-pods': 'container-ending',
    node: 'driver-pod-missing network-down port-forgotten port-taken',
    own: `
      controller-down controllers-together memory-limit-low memory-limit-ignored memory-limit-differs unlocking-killed
      pods-refused driver-unused
    `,
  },
  'diagnose-iscsi': {
    'pool-of-dataset': 'pool-full',
    driver: 'portal-down',
    node: 'node-sessions-failed',
    own: `
      controller-down target-vanished extent-gone login-refused session-failed session-missing leaked-session
      session-without-disk io-errors filesystem-aborted record-defaults live-defaults login-defaults conf-defaults
      stacked-devices operation-locked
    `,
  },
  'diagnose-capacity': {
    'thin-pool': 'thin-pool-failed thin-metadata-full thin-data-full',
    machine: 'machine-stopped',
    own: `
      server-full thin-metadata-critical thin-metadata-high thin-data-critical thin-data-high pool-fills host-volume-full
      slots-nearly-full claim-full claim-inodes claim-fills
    `,
  },
  'check-exports': {
    nas: 'fsid-zero',
    'nas-if-subject': 'export-missing export-not-loaded export-line-refused export-wrong-network',
    'pool-of-root': 'path-missing',
    own: `
      dataset-not-mounted dataset-hidden export-not-in-file export-options-conflict export-open-to-world
      export-to-other-network share-differs share-has-missing-path mountpoint-not-empty
    `,
  },
  'diagnose-postgres': {
    'database-server': 'no-cluster cluster-going unrecoverable hibernated switching no-primary two-primaries',
    own: `
      operator-down operator-at-work fenced node-down not-scheduled not-attached instance-down disk-full disk-fills
      slot-holds-log replica-cannot-join replica-behind instance-missing database-missing database-aside database-closed
      database-empty rows-in-dump rows-in-no-dump
    `,
  },
  'diagnose-mysql': {
    'database-server': 'no-pods quorum-lost two-primaries primary-read-only label-wrong',
    own: `
      member-not-online datafile-locked zombie-pod pod-waits pod-down disk-full connections-full connections-high
      operator-down
    `,
  },
  'diagnose-redis': {
    'database-server': 'stopped split-brain right-master right-master-unclear no-master',
    own: `
      pod-down server-down loading replica-link-down sentinel-disagrees sentinel-down no-quorum save-failing memory-full
      volume-full volume-read-only
    `,
  },
  triage: {
    'nas-if-subject': 'nfs-silent',
    'driver-of-nodes': 'nfs-driver',
    node: 'block-driver no-free-slot node-down',
    own: `
      nfs-path nfs-handle slow-ownership multi-attach device-missing file-system block-silent no-space database not-storage
    `,
  },
};

/** As it is written, so that a test finds a code that is there twice. */
export const CLASSIFIED: readonly (readonly [runbook: string, code: string, proves: Proves])[] = Object.entries(CODES).flatMap(
  ([runbook, byKind]) => KINDS.flatMap((kind) => wordsIn(byKind[kind]).map((code) => [runbook, code, kind] as const)),
);

function wordsIn(text = ''): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

const BY_CODE: ReadonlyMap<string, Proves> = new Map(CLASSIFIED.map(([runbook, code, proves]) => [`${runbook} ${code}`, proves]));

/** What no table has proves nothing. */
export function provedBy(runbook: string, code: string): Proves {
  return BY_CODE.get(`${runbook} ${code}`) ?? 'own';
}
