import { cordon, deleteAttachment, deletePod, dropLeftover, nothing, secondLook, unplanned } from './case-lines.ts';

const VAULT = 'vaultwarden/vaultwarden-data-proxmox';
const NOVEL = 'novelapp/novelapp-data-proxmox';
const PLOTTING = 'plotting-book/plotting-book-data-proxmox';
const HELD_BY_LOST_NODE = [`held-by-lost-node ${VAULT}`, `held-by-lost-node ${NOVEL}`, `held-by-lost-node ${PLOTTING}`];

const TAKE_VAULT = deleteAttachment(
  'csi-af6933eddb1dd9af5fbdb84bf8436956394122779371b94d280bd165960c7a6f',
  '589fcc80-2bc6-493b-ac39-328c60475a3b',
);
const PLUG_PLOTTING_AGAIN = deleteAttachment(
  'csi-00727964b7146a64835d0c0508b70a488700580674c334ccdbea63b95120c967',
  'bd10e368-f041-47af-a30f-e4069447f642',
);

/** Attachments that stand in the way, and such that only seem to. */
const attachments = [
  {
    scenario: 'block-stale-attachment',
    words: ['all'],
    verdict: 'ill',
    findings: [`stale-attachment ${VAULT}`],
    changes: [TAKE_VAULT],
  },
  {
    scenario: 'block-stale-attachment',
    name: 'service-with-a-stale-attachment',
    words: ['vaultwarden'],
    verdict: 'ill',
    findings: [`stale-attachment ${VAULT}`],
    changes: [TAKE_VAULT],
  },
  unplanned('block-node-off', ...HELD_BY_LOST_NODE),
  unplanned('block-node-silent', ...HELD_BY_LOST_NODE),
  unplanned('block-node-gone', 'node-gone k8s-node4'),
  {
    scenario: 'block-job-elsewhere',
    words: ['all'],
    verdict: 'ill',
    findings: ['held-by-healthy-pod nextcloud/nextcloud-backup-29252340-wc9n7'],
    changes: [deletePod('nextcloud/pods/nextcloud-backup-29252340-wc9n7', '2052ee1c-54ea-4241-a618-cc8cd1fd8f55')],
  },
  unplanned('multi-attach', 'held-by-healthy-pod immich/immich-redis-9jlfgg5lhf-qkwxf'),
  nothing('block-claim-waits', 'well'),
] as const;

/** What is the matter with the machine of a node. */
const machines = [
  {
    scenario: 'block-slot-cap',
    words: ['all'],
    verdict: 'ill',
    findings: ['slot-cap k8s-node1'],
    changes: [
      cordon('k8s-node1', true),
      deletePod('plotting-book/pods/plotting-book-p44wfmnbk5-tgh6l', '35d5e44b-a509-4e07-a295-2d54f8928194'),
    ],
  },
  {
    scenario: 'block-slot-cap-ghosts',
    words: ['all'],
    verdict: 'ill',
    findings: ['slot-cap k8s-node1', 'ghost-disks k8s-node1', `held-by-lost-node ${NOVEL}`, `held-by-lost-node ${PLOTTING}`],
    changes: secondLook('k8s-node1', 201, 25, 26, 27, 28, 29),
  },
  {
    scenario: 'block-few-ghosts',
    words: ['all'],
    verdict: 'ill',
    findings: ['ghost-disks k8s-node3'],
    changes: secondLook('k8s-node3', 203, 6, 7, 8),
  },
  {
    scenario: 'block-ghost-disks',
    words: ['all'],
    verdict: 'ill',
    findings: ['ghost-disks k8s-node3'],
    changes: secondLook('k8s-node3', 203, 14, 15, 16, 17, 18),
  },
  {
    scenario: 'block-ghost-in-use',
    words: ['all'],
    verdict: 'ill',
    findings: ['ghost-disks k8s-node3', 'ghost-disk-in-use k8s-node3/scsi7'],
    changes: secondLook('k8s-node3', 203, 6),
  },
  {
    scenario: 'block-ghost-as-device',
    words: ['all'],
    verdict: 'ill',
    findings: ['ghost-disks k8s-node3', 'ghost-disk-in-use k8s-node3/scsi7'],
    changes: secondLook('k8s-node3', 203, 6),
  },
  unplanned('block-ghost-elsewhere', 'ghost-disks k8s-node3', 'chain-broken k8s-node3/scsi7'),
  {
    scenario: 'block-attach-in-progress',
    words: ['node', 'k8s-node3'],
    verdict: 'ill',
    findings: ['ghost-disks k8s-node3'],
    changes: secondLook('k8s-node3', 203, 6),
  },
  {
    scenario: 'block-wedged-hotplug',
    words: ['plotting-book'],
    verdict: 'ill',
    findings: [`wedged-hotplug ${PLOTTING}`],
    changes: [PLUG_PLOTTING_AGAIN],
  },
  {
    scenario: 'block-wedged-for-good',
    words: ['all'],
    verdict: 'ill',
    findings: [`wedged-hotplug ${PLOTTING}`],
    changes: [PLUG_PLOTTING_AGAIN],
  },
  ...(['block-poisoned-slot', 'block-poisoned-by-object'] as const).map(
    (scenario) =>
      ({
        scenario,
        words: ['all'],
        verdict: 'ill',
        findings: ['poisoned-slot k8s-node3/scsi6'],
        changes: [dropLeftover(203, 6), PLUG_PLOTTING_AGAIN],
      }) as const,
  ),
  unplanned('block-zombie-node', 'node-without-machine k8s-node6'),
  unplanned('block-machine-locked', 'machine-locked k8s-node3'),
  unplanned('block-machine-wedged', 'machine-wedged k8s-node3'),
] as const;

/** The driver is not there, or may not. */
const drivers = [
  {
    scenario: 'csi-driver-stalled',
    words: ['all'],
    verdict: 'ill',
    findings: ['driver-not-registered k8s-node1', 'driver-not-registered k8s-node2'],
    changes: [deletePod('proxmox-csi/pods/proxmox-csi-plugin-node-4gg76', '7eba2f37-65e9-437e-ac75-e77c348bec32')],
  },
  {
    scenario: 'csi-network-down',
    words: ['node', 'k8s-node1'],
    verdict: 'ill',
    findings: ['network-down-first k8s-node1'],
    changes: [],
  },
  unplanned('block-network-down', 'network-down-first k8s-node1', 'stale-attachment ebooks/ebooks-calibre-config-proxmox'),
  unplanned('block-token-forbidden', 'token-refused csi.proxmox.sinextra.dev'),
  unplanned('block-token-invalid', 'token-refused csi.proxmox.sinextra.dev'),
] as const;

/** Disks that are not what they seem. */
const identities = [
  unplanned('block-wrong-controller', 'wrong-controller k8s-node3'),
  unplanned('block-shared-device', 'shared-device k8s-node3/sdc'),
  unplanned('block-stale-staging', 'stale-mount k8s-node3/sdg'),
  unplanned('block-main-disk', `foreign-disk ${PLOTTING}`),
  unplanned('block-wrong-wwn', `chain-broken ${VAULT}`),
  unplanned('block-slot-lost', `chain-broken ${VAULT}`),
  unplanned('block-wrong-machine', 'wrong-machine k8s-node3'),
  {
    scenario: 'block-open-twice',
    words: ['all'],
    verdict: 'ill',
    findings: ['ghost-disks k8s-node3', `open-twice ${PLOTTING}`],
    changes: secondLook('k8s-node3', 203, 6),
  },
  unplanned('block-open-elsewhere', `open-elsewhere ${NOVEL}`),
] as const;

const CLOUD = 'nextcloud/nextcloud-data-proxmox';

/** What is on them, and what is below all of them. */
const files = [
  { ...unplanned('block-read-only', `file-system-read-only ${CLOUD}`), words: ['nextcloud'] },
  { ...unplanned('block-inodes', `inodes-exhausted ${CLOUD}`), words: ['nextcloud'] },
  { ...unplanned('claim-full', `file-system-full ${NOVEL}`), words: ['novelapp'] },
  unplanned('block-pool-queues', 'pool-out-of-space pve/data'),
  unplanned('block-pool-errors', 'pool-out-of-space pve/data'),
  unplanned('block-pool-metadata', 'pool-metadata-full pve/data'),
] as const;

/** What each recorded situation must lead to: cause and exact commands. Scenarios are those of the simulated site. */
export const cases = [
  nothing('all-well', 'well'),
  nothing('blind-block-monitor', 'blind'),
  nothing('blind-node-ssh', 'blind'),
  nothing('blind-kubernetes', 'blind'),
  ...attachments,
  ...machines,
  ...drivers,
  ...identities,
  ...files,
] as const;
