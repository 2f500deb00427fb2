import { copyClaim } from '../../src/commands/copy-jobs.ts';
import { show } from '../../src/core/command.ts';

const CLAIM = 'uptime-kuma/uptime-kuma-data';
const asked = { words: [CLAIM, 'proxmox-lvm'] };
const ill = (...findings: readonly string[]) => ({ ...asked, verdict: 'ill', findings }) as const;
const refused = (...findings: readonly string[]) => ({ ...ill(...findings), changes: [] }) as const;
const refusedFor = (claim: string, ...findings: readonly string[]) =>
  ({ words: [claim, 'proxmox-lvm'], verdict: 'ill', findings, changes: [] }) as const;

const claimOf = (namespace: string, claim: string, size: string) =>
  `cluster$ kubectl create --raw=/api/v1/namespaces/${namespace}/persistentvolumeclaims --filename=- <<< '{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"${claim}-storagebot-lvm","namespace":"${namespace}","labels":{"app.kubernetes.io/managed-by":"storagebot"}},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"proxmox-lvm","resources":{"requests":{"storage":"${size}"}},"volumeMode":"Filesystem"}}'`;
const scale = (namespace: string, name: string) =>
  `cluster$ kubectl patch deployments.apps/${name} --namespace=${namespace} --type=merge '--patch={"metadata":{"annotations":{"storagebot/ran-before":"1"}},"spec":{"replicas":0}}' --output=json`;
const SUSPEND = `cluster$ kubectl patch cronjobs.batch/uptime-kuma-backup --namespace=uptime-kuma --type=merge '--patch={"metadata":{"annotations":{"storagebot/ran-before":"1"}},"spec":{"suspend":true}}' --output=json`;
const STOP = [SUSPEND, scale('uptime-kuma', 'uptime-kuma')];
const ON_NEW = `"volumes":[{"name":"uptime-kuma-data","persistentVolumeClaim":{"claimName":"uptime-kuma-data-storagebot-lvm"}}]`;
const [CRON_UID, APP_UID] = ['4b4f16cf-7b05-46db-a868-45d684b2b4e0', '2eee591f-6f7d-4ec5-a22c-005867646472'];
const SOURCE_UID = '0156134f-a216-4eed-a5ee-70f2d90618eb';
const [TARGET_UID, UID_ANEW] = ['5710404a-9c73-447c-a079-fefe7a02ad70', 'b55d1050-6549-487a-a8f9-7a302d96d1ad'];

const FAILED = [{ name: 'storagebot-3f2a9c81d0-2-copy', failedAt: '2026-04-03T09:01:31Z' }];

const SWITCH = `cluster$ kubectl patch deployments.apps/uptime-kuma --namespace=uptime-kuma --type=merge '--patch={"metadata":{"annotations":{"storagebot/ran-before":null,"storagebot/moved-to":"${TARGET_UID}"}},"spec":{"replicas":1,"template":{"spec":{${ON_NEW}}}}}' --output=json`;
const RESUME = `cluster$ kubectl patch cronjobs.batch/uptime-kuma-backup --namespace=uptime-kuma --type=merge '--patch={"metadata":{"annotations":{"storagebot/ran-before":null,"storagebot/moved-to":"${TARGET_UID}"}},"spec":{"suspend":false,"jobTemplate":{"spec":{"template":{"spec":{${ON_NEW}}}}}}}' --output=json`;

const copyOf = (failed: Parameters<typeof copyClaim>[0]['failed'], into = TARGET_UID) =>
  show(
    copyClaim({
      namespace: 'uptime-kuma',
      name: 'storagebot-copy',
      deadlineS: 4_767,
      image: 'registry.lab.lan/storagebot-tools:1',
      source: 'uptime-kuma-data',
      target: 'uptime-kuma-data-storagebot-lvm',
      sourceUid: SOURCE_UID,
      failed,
      hashedBytes: 50 * 2 ** 30,
      stopped: `CronJob uptime-kuma/uptime-kuma-backup 2 ${CRON_UID}, Deployment uptime-kuma/uptime-kuma 4 ${APP_UID}; into ${into}`,
    }).change.command,
  );

/** What each recorded situation must lead to. Scenarios are those of the simulated site. */
export const cases = [
  {
    scenario: 'migrate-offered',
    ...ill(`not-migrated ${CLAIM}`),
    changes: [claimOf('uptime-kuma', 'uptime-kuma-data', '10Gi'), ...STOP],
  },
  {
    scenario: 'migrate-offered',
    name: 'by-claim-alone',
    words: ['uptime-kuma-data', 'proxmox-lvm', '20Gi'],
    verdict: 'ill',
    findings: [`not-migrated ${CLAIM}`],
    changes: [claimOf('uptime-kuma', 'uptime-kuma-data', '20Gi'), ...STOP],
  },
  {
    scenario: 'migrate-offered',
    name: 'too-small',
    words: [CLAIM, 'proxmox-lvm', '7Gi'],
    verdict: 'ill',
    findings: ['too-small uptime-kuma-data-storagebot-lvm'],
    changes: [],
  },
  {
    scenario: 'migrate-from-iscsi',
    words: ['ebooks/ebooks-calibre-config-iscsi', 'proxmox-lvm'],
    verdict: 'ill',
    findings: ['not-migrated ebooks/ebooks-calibre-config-iscsi'],
    changes: [claimOf('ebooks', 'ebooks-calibre-config-iscsi', '3Gi'), scale('ebooks', 'calibre-old')],
  },
  { scenario: 'migrate-stopped', ...ill(`half-migrated ${CLAIM}`), changes: [copyOf([])] },
  { scenario: 'migrate-copy-failed', ...ill(`half-migrated ${CLAIM}`), changes: [copyOf(FAILED)] },
  { scenario: 'migrate-taken-back', ...refused('copy-outdated uptime-kuma/uptime-kuma-data-storagebot-lvm') },
  { scenario: 'migrate-not-copied-over', ...refused('copy-outdated uptime-kuma/uptime-kuma-data-storagebot-lvm') },
  { scenario: 'migrate-copying', ...refused('job-running Job storagebot-3f2a9c81d0-2-copy') },
  { scenario: 'migrate-copied', ...ill(`not-switched ${CLAIM}`), changes: [SWITCH, RESUME] },
  { scenario: 'migrate-half-switched', ...ill(`not-switched ${CLAIM}`), changes: [RESUME] },
  { scenario: 'migrate-done', ...asked, verdict: 'well', findings: [], changes: [] },
  { scenario: 'migrate-done-not-ready', ...refused('not-ready Deployment uptime-kuma/uptime-kuma') },
  { scenario: 'migrate-restarted', ...refused('copy-outdated uptime-kuma/uptime-kuma-data-storagebot-lvm') },
  { scenario: 'migrate-restarted-and-stopped', ...refused('copy-outdated uptime-kuma/uptime-kuma-data-storagebot-lvm') },
  { scenario: 'migrate-made-anew', ...ill(`half-migrated ${CLAIM}`), changes: [copyOf([], UID_ANEW)] },
  { scenario: 'migrate-counts-differ', ...refused('copy-outdated uptime-kuma/uptime-kuma-data-storagebot-lvm') },
  { scenario: 'migrate-shared-directory', ...refused(`not-one-user ${CLAIM}`) },
  { scenario: 'migrate-autoscaler', ...refused('many-replicas Deployment uptime-kuma/uptime-kuma') },
  { scenario: 'migrate-two-pods', ...refused('many-replicas Deployment uptime-kuma/uptime-kuma') },
  { scenario: 'migrate-operator', ...refused('operator-owned Deployment uptime-kuma/uptime-kuma') },
  { scenario: 'migrate-bare-pod', ...refused('cannot-stop Pod uptime-kuma/looking-around') },
  { scenario: 'migrate-cron-running', ...refused('job-running Pod uptime-kuma/uptime-kuma-backup-29586780-x7k2p') },
  { scenario: 'migrate-template', ...refusedFor('wiki/data-wiki-0', 'claim-template StatefulSet wiki/wiki') },
  { scenario: 'migrate-target-foreign', ...refused('target-exists uptime-kuma/uptime-kuma-data-storagebot-lvm') },
  { scenario: 'migrate-pool-full', ...refused('pool-unfit pve/data') },
  { scenario: 'migrate-no-node', ...refused('slots-full nodes') },
  { scenario: 'migrate-ghosts', ...refused('slots-full nodes') },
  { scenario: 'migrate-class-elsewhere', ...refused('class-unfit proxmox-lvm') },
  { scenario: 'migrate-empty', ...refused(`nothing-there ${CLAIM}`) },
  { scenario: 'migrate-database-damaged', ...refusedFor('headscale/headscale-data', 'database-damaged headscale') },
  {
    scenario: 'all-well',
    name: 'many-users',
    ...refusedFor('servarr/servarr-downloads', 'not-one-user servarr/servarr-downloads'),
  },
  { scenario: 'all-well', name: 'no-user', ...refusedFor('novelapp/novelapp-data', 'not-one-user novelapp/novelapp-data') },
  {
    scenario: 'all-well',
    name: 'only-a-backup',
    ...refusedFor('vaultwarden/vaultwarden-backup', 'not-one-user vaultwarden/vaultwarden-backup'),
  },
  {
    scenario: 'all-well',
    name: 'on-the-hypervisor',
    ...refusedFor('ebooks/ebooks-calibre-config-proxmox', 'source-unfit ebooks/ebooks-calibre-config-proxmox'),
  },
  {
    scenario: 'all-well',
    name: 'another-server',
    ...refusedFor('navidrome/navidrome-music', 'source-unfit navidrome/navidrome-music'),
  },
  { scenario: 'migrate-users-unseen', ...asked, verdict: 'blind', findings: [], changes: [] },
  { scenario: 'blind-nas-ssh', ...asked, verdict: 'blind', findings: [], changes: [] },
] as const;
