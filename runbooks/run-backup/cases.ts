const POSTGRES = 'dbaas/postgresql-backup';
const DUE = `due ${POSTGRES}`;
const VAULTWARDEN = 'vaultwarden/vaultwarden-backup';

/** The very template of the CronJob, with labels by which the run is found again. */
const RUN =
  'cluster$ kubectl create --raw=/apis/batch/v1/namespaces/dbaas/jobs --filename=- <<< \'{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"storagebot-backup","namespace":"dbaas","labels":{"storagebot/run-of":"postgresql-backup","app.kubernetes.io/managed-by":"storagebot","storagebot/work":"storagebot-backup"}},"spec":{"template":{"spec":{"volumes":[{"name":"dbaas-postgresql-backup","persistentVolumeClaim":{"claimName":"dbaas-postgresql-backup"}}],"containers":[{"name":"postgresql-backup","image":"registry.lab.lan/postgresql-backup:1","resources":{},"volumeMounts":[{"name":"dbaas-postgresql-backup","mountPath":"/data/dbaas-postgresql-backup"}]}],"restartPolicy":"OnFailure","terminationGracePeriodSeconds":30,"securityContext":{}},"metadata":{"labels":{"app.kubernetes.io/managed-by":"storagebot","storagebot/work":"storagebot-backup"}}}}}\'';

const PASSWORDS =
  'cluster$ kubectl create --raw=/apis/batch/v1/namespaces/vaultwarden/jobs --filename=- <<< \'{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"storagebot-backup","namespace":"vaultwarden","labels":{"storagebot/run-of":"vaultwarden-backup","app.kubernetes.io/managed-by":"storagebot","storagebot/work":"storagebot-backup"}},"spec":{"template":{"spec":{"volumes":[{"name":"vaultwarden-data-proxmox","persistentVolumeClaim":{"claimName":"vaultwarden-data-proxmox"}},{"name":"vaultwarden-backup","persistentVolumeClaim":{"claimName":"vaultwarden-backup"}}],"containers":[{"name":"vaultwarden-backup","image":"registry.lab.lan/vaultwarden-backup:1","resources":{},"volumeMounts":[{"name":"vaultwarden-data-proxmox","mountPath":"/data/vaultwarden-data-proxmox"},{"name":"vaultwarden-backup","mountPath":"/data/vaultwarden-backup"}]}],"restartPolicy":"OnFailure","terminationGracePeriodSeconds":30,"securityContext":{}},"metadata":{"labels":{"app.kubernetes.io/managed-by":"storagebot","storagebot/work":"storagebot-backup"}}}}}\'';

const ofPostgres = { words: ['postgresql'], verdict: 'ill', changes: [] } as const;

/** What each recorded situation must lead to: findings and exact commands. Scenarios are those of the simulated site. */
export const cases = [
  { scenario: 'backups-just-made', words: ['postgresql'], verdict: 'well', findings: [], changes: [] },
  { scenario: 'backups-well', ...ofPostgres, findings: [DUE], changes: [RUN] },
  { scenario: 'backups-well', name: 'well-on-scale', nas: 'scale', ...ofPostgres, findings: [DUE], changes: [RUN] },
  { scenario: 'backups-well', name: 'well-on-debian', nas: 'debian', ...ofPostgres, findings: [DUE], changes: [RUN] },
  { scenario: 'backups-just-made-in-part', ...ofPostgres, findings: [DUE], changes: [RUN] },
  { scenario: 'backups-truncated', ...ofPostgres, findings: [DUE], changes: [RUN] },
  {
    scenario: 'backups-suspended-and-due',
    words: ['vaultwarden'],
    verdict: 'ill',
    findings: [`due ${VAULTWARDEN}`],
    changes: [PASSWORDS],
  },
  {
    scenario: 'backups-half-made',
    words: ['vaultwarden'],
    verdict: 'ill',
    findings: [`due ${VAULTWARDEN}`],
    changes: [PASSWORDS],
  },
  { scenario: 'backups-of-the-future', ...ofPostgres, findings: [DUE, `time-ahead ${POSTGRES}`] },
  { scenario: 'backups-no-cron-job', ...ofPostgres, findings: [DUE, `no-cron-job ${POSTGRES}`] },
  { scenario: 'backups-being-written', ...ofPostgres, findings: [DUE, `runs-now ${POSTGRES}`] },
  { scenario: 'backups-beside-change', ...ofPostgres, findings: [DUE, `change-runs ${POSTGRES}`] },
  { scenario: 'backups-beside-others', ...ofPostgres, findings: [DUE, `others-run ${POSTGRES}`] },
  { scenario: 'backups-disk-busy', ...ofPostgres, findings: [DUE, `disk-busy ${POSTGRES}`] },
  { scenario: 'backups-no-room', ...ofPostgres, findings: [DUE, `no-room ${POSTGRES}`] },
  {
    scenario: 'backups-source-refused',
    words: ['vaultwarden'],
    verdict: 'ill',
    findings: [`due ${VAULTWARDEN}`, `source-refused ${VAULTWARDEN}`],
    changes: [],
  },
  { scenario: 'blind-nas-ssh', words: ['postgresql'], verdict: 'blind', findings: [], changes: [] },
] as const;
