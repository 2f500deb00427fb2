import { obstacles } from './cases-of-obstacles.ts';

const CLAIM = 'vaultwarden/vaultwarden-data-proxmox';
const DISK = 'vm-9999-pvc-2bafd781-608b-4c6f-ab37-92f3643027cf';
const SNAPSHOT = `${DISK}_snap_20260403_0300`;

const fromSnapshot = { words: [CLAIM, 'snapshot', '20260403_0300'] };
const fromFiles = { words: [CLAIM, 'files', '2026-14'] };

const suspend = (note: string, is: boolean) =>
  `cluster$ kubectl patch cronjobs.batch/vaultwarden-backup --namespace=vaultwarden --type=merge '--patch={"metadata":{"annotations":{"storagebot/ran-before":${note}}},"spec":{"suspend":${is}}}' --output=json`;
const scale = (note: string, replicas: number) =>
  `cluster$ kubectl patch deployments.apps/vaultwarden --namespace=vaultwarden --type=merge '--patch={"metadata":{"annotations":{"storagebot/ran-before":${note}}},"spec":{"replicas":${replicas}}}' --output=json`;

const STOP = [suspend('"1"', true), scale('"1"', 0)];
const START = [scale('null', 1), suspend('null', false)];
const PUT_ASIDE = `pve$ lvrename pve/${DISK} pve/${DISK}_storagebot-before`;
const COPY = `pve$ lvcreate -s -kn --addtag storagebot-from-20260403_0300 -n ${DISK} pve/${SNAPSHOT}`;
const NEW = `${DISK}_storagebot-new`;
const COPY_BESIDE = `pve$ lvcreate -s -kn -n ${NEW} pve/${DISK}`;
const EARLIER = `${DISK}_storagebot-3f2a9c81d0-2`;
const placeOf = (name: string) => `pve$ lvrename pve/${name} pve/${DISK}`;
const PLACE = placeOf(NEW);
const fillOf = (name: string) =>
  `pve$ systemd-run --no-block --unit=storagebot-fill.service --property=Type=exec --property=RemainAfterExit=yes --property=RuntimeMaxSec=648 --property=TimeoutStopSec=60 --property=NotifyAccess=all -- unshare --mount sh -c 'set -eu; found=$$(find "$$2" -xdev -type f -print -quit); [ -n "$$found" ]; lvchange -ay "$$5"; mkdir -m 0700 "$$3"; mount -t ext4 -o nodev,nosuid,noexec "$$1" "$$3"; rsync -aHAX --numeric-ids --delete-before --exclude=/lost+found "$$2/" "$$3/"; sync -f "$$3"; umount "$$3"; e2fsck -fn "$$1"; mount -t ext4 -o ro,nodev,nosuid,noexec "$$1" "$$3"; rest=$$(rsync -aHAX --numeric-ids --delete --exclude=/lost+found --checksum --dry-run --itemize-changes "$$2/" "$$3/"); umount "$$3"; [ -z "$$rest" ]; rmdir "$$3"; lvchange --addtag "$$4" "$$5"' storagebot /dev/pve/${name} /mnt/backup/pvc-data/2026-14/${CLAIM} /run/storagebot-fill storagebot-files-2026-14 pve/${name}`;
const FILL = fillOf(NEW);

/** What each recorded situation must lead to. Scenarios are those of the simulated site. */
export const cases = [
  { scenario: 'restore-offered', words: [CLAIM], verdict: 'well', findings: [], changes: [] },
  {
    scenario: 'restore-offered',
    name: 'restore-snapshot',
    ...fromSnapshot,
    verdict: 'ill',
    findings: [`not-restored ${CLAIM}`],
    changes: STOP,
  },
  {
    scenario: 'restore-offered',
    name: 'restore-by-whole-name',
    words: [CLAIM, 'snapshot', SNAPSHOT],
    verdict: 'ill',
    findings: [`not-restored ${CLAIM}`],
    changes: STOP,
  },
  {
    scenario: 'restore-offered',
    name: 'restore-files-of-week',
    ...fromFiles,
    verdict: 'ill',
    findings: [`not-restored ${CLAIM}`],
    changes: STOP,
  },
  {
    scenario: 'restore-encrypted',
    name: 'restore-snapshot-of-encrypted',
    ...fromSnapshot,
    verdict: 'ill',
    findings: [`not-restored ${CLAIM}`],
    changes: STOP,
  },
  {
    scenario: 'restore-offered',
    name: 'restore-of-a-stateful-set',
    words: ['redis/redis-data-redis-node-0', 'snapshot', '20260403_0300'],
    verdict: 'ill',
    findings: ['not-restored redis/redis-data-redis-node-0'],
    changes: [
      `cluster$ kubectl patch statefulsets.apps/redis-node --namespace=redis --type=merge '--patch={"metadata":{"annotations":{"storagebot/ran-before":"2"}},"spec":{"replicas":0}}' --output=json`,
    ],
  },
  {
    scenario: 'restore-pool-nearly-full',
    ...fromSnapshot,
    verdict: 'ill',
    findings: [`not-restored ${CLAIM}`],
    changes: STOP,
  },
  {
    scenario: 'restore-stopped',
    ...fromSnapshot,
    verdict: 'ill',
    findings: [`not-restored ${CLAIM}`],
    changes: [PUT_ASIDE, COPY],
  },
  {
    scenario: 'restore-stopped',
    name: 'restore-files-stopped',
    ...fromFiles,
    verdict: 'ill',
    findings: [`not-restored ${CLAIM}`],
    changes: [COPY_BESIDE, FILL, PUT_ASIDE, PLACE],
  },
  { scenario: 'restore-put-aside', ...fromSnapshot, verdict: 'ill', findings: [`half-restored ${CLAIM}`], changes: [COPY] },
  {
    scenario: 'restore-put-aside',
    name: 'restore-files-put-aside',
    ...fromFiles,
    verdict: 'ill',
    findings: [`half-restored ${CLAIM}`],
    changes: [`pve$ lvcreate -s -kn -n ${NEW} pve/${EARLIER}-before`, FILL, PLACE],
  },
  {
    scenario: 'restore-unfilled',
    ...fromFiles,
    verdict: 'ill',
    findings: [`half-restored ${CLAIM}`],
    changes: [fillOf(`${EARLIER}-new`), PUT_ASIDE, placeOf(`${EARLIER}-new`)],
  },
  {
    scenario: 'restore-unfilled-inactive',
    ...fromFiles,
    verdict: 'ill',
    findings: [`half-restored ${CLAIM}`],
    changes: [fillOf(`${EARLIER}-new`), PUT_ASIDE, placeOf(`${EARLIER}-new`)],
  },
  {
    scenario: 'restore-filled',
    ...fromFiles,
    verdict: 'ill',
    findings: [`half-restored ${CLAIM}`],
    changes: [PUT_ASIDE, placeOf(`${EARLIER}-new`)],
  },
  {
    scenario: 'restore-filled-aside',
    ...fromFiles,
    verdict: 'ill',
    findings: [`half-restored ${CLAIM}`],
    changes: [placeOf(`${EARLIER}-new`)],
  },
  { scenario: 'restore-copied', ...fromSnapshot, verdict: 'ill', findings: [`not-started ${CLAIM}`], changes: START },
  { scenario: 'restore-expired', ...fromSnapshot, verdict: 'ill', findings: [`not-started ${CLAIM}`], changes: START },
  { scenario: 'restore-placed', ...fromFiles, verdict: 'ill', findings: [`not-started ${CLAIM}`], changes: START },
  { scenario: 'restore-done', ...fromSnapshot, verdict: 'well', findings: [], changes: [] },
  ...obstacles,
] as const;
