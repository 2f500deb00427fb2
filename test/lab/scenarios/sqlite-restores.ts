import { putSqliteBack, reindexSqlite, restoreSqlite } from '../../../src/commands/sqlite-scripts.ts';
import type { StartedWork } from '../../../src/commands/work-unit.ts';
import { addBackups, type LabBackup, vaultwardenBackups } from '../site/databases/backups.ts';
import { DATABASES, TOOLS_IMAGE } from '../site/databases/settings.ts';
import { addSqlite, sqliteOf } from '../site/databases/sqlite.ts';
import { uidOf } from '../site/ids.ts';
import { kind, text } from '../site/volumes.ts';
import type { World } from '../site/world.ts';
import { abortJournal, diskOf, VAULT } from './block-changes.ts';
import type { Scenario } from './scenario.ts';
import { setFile } from './sqlite-changes.ts';

const DEPLOYMENTS = kind('apps/v1', 'deployments');
const CRON_JOBS = kind('batch/v1', 'cronjobs');
const CLAIMS = kind('v1', 'persistentvolumeclaims');
const VOLUMES = kind('v1', 'persistentvolumes');

type Service = keyof typeof DATABASES.sqlite;

export const RESTORED_FROM = '2026_04_03_06_00';
const EARLIER = 'storagebot-3f2a9c81d0-2-restore';

const DAMAGE = [
  '*** in database main ***',
  'Tree 14 page 1187: btreeInitPage() returns error code 11',
  'Tree 14 page 1187 cell 3: Rowid 4312 out of order',
];
const INDEX_DAMAGE = [
  'row 4312 missing from index sqlite_autoindex_ciphers_1',
  'wrong # of entries in index sqlite_autoindex_ciphers_1',
];

function prepare(world: World): void {
  addSqlite(world);
  addBackups(world, vaultwardenBackups(world));
  world.longWork.runsMs = 30_000;
}

function damaged(world: World): void {
  prepare(world);
  sqliteOf(world, 'vaultwarden').database.integrity = DAMAGE;
}

function indexesDamaged(world: World): void {
  prepare(world);
  for (const service of ['vaultwarden', 'headscale'] as const) sqliteOf(world, service).database.integrity = INDEX_DAMAGE;
}

/** As a first round leaves it. */
function stop(world: World, service: Service): void {
  const { namespace, workload, cronJobs } = DATABASES.sqlite[service];
  const annotations = { 'storagebot/ran-before': '1', 'storagebot/stopped-for': `sqlite ${service}` };
  for (const name of cronJobs)
    world.store.patch({ resource: CRON_JOBS, namespace, name }, { metadata: { annotations }, spec: { suspend: true } });
  world.store.patch({ resource: DEPLOYMENTS, namespace, name: workload }, { metadata: { annotations }, spec: { replicas: 0 } });
  world.time.advance(60_000);
}

function start(world: World, service: Service): void {
  const { namespace, workload, cronJobs } = DATABASES.sqlite[service];
  const annotations = { 'storagebot/ran-before': null, 'storagebot/stopped-for': null };
  for (const name of cronJobs)
    world.store.patch({ resource: CRON_JOBS, namespace, name }, { metadata: { annotations }, spec: { suspend: false } });
  world.store.patch({ resource: DEPLOYMENTS, namespace, name: workload }, { metadata: { annotations }, spec: { replicas: 1 } });
  world.time.advance(60_000);
}

/** Lets a Job of the bot come to its end. */
function work(world: World, { change }: StartedWork): void {
  const { command } = change;
  if (command.via !== 'kubernetes' || command.request.verb !== 'create') throw new Error('This work is no Job');
  const { kind: kindName, name, namespace, labels, spec } = command.request;
  world.store.create({
    apiVersion: 'batch/v1',
    kind: kindName,
    metadata: { name, ...(namespace && { namespace }), ...(labels && { labels }) },
    spec,
  });
  world.time.advance(60_000);
}

function workOf(service: Service, name: string, stamp = name) {
  const { namespace, volume, file } = DATABASES.sqlite[service];
  return { namespace, name, deadlineS: 3_600, image: TOOLS_IMAGE, claim: volume, file, stamp };
}

function restoreJob(name: string): StartedWork {
  const { needs, mayHave, backups } = DATABASES.sqlite.vaultwarden;
  const rows = { users: 4, ciphers: 1_204 };
  return restoreSqlite({ ...workOf('vaultwarden', name), backupClaim: backups.claim, from: RESTORED_FROM, rows, needs, mayHave });
}

function stopped(world: World): void {
  damaged(world);
  stop(world, 'vaultwarden');
}

function restored(world: World): void {
  stopped(world);
  work(world, restoreJob(EARLIER));
}

function scenario(name: string, says: string, make: (world: World) => void): Scenario {
  return { name: `sqlite-restore-${name}`, says, prepare: make };
}

function where(name: string, says: string, change: (world: World) => void, before = damaged): Scenario {
  return scenario(name, says, (world) => {
    before(world);
    change(world);
  });
}

function fails(world: World, code: number, says: string): void {
  sqliteOf(world, 'vaultwarden').database.fails = { code, says };
}

function newestBackup(world: World, change: Partial<LabBackup> & { readonly content?: LabBackup['content'] }): void {
  const [newest] = vaultwardenBackups(world);
  if (newest === undefined) throw new Error('The lab has no backup of Vaultwarden');
  addBackups(world, [{ ...newest, ...change }]);
}

function inOwnPod({ store }: World, name: string, ownerReferences: readonly Record<string, unknown>[]): void {
  const { namespace, volume } = DATABASES.sqlite.vaultwarden;
  const spec = {
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: volume } }],
    containers: [{ name: 'looks' }],
    nodeName: 'k8s-node4',
  };
  const metadata = { name, namespace, uid: uidOf(`pod/${name}`), ownerReferences };
  store.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec, status: { phase: 'Running' } });
}

export const sqliteRestores: readonly Scenario[] = [
  scenario('damaged', 'A page of the database of Vaultwarden makes no sense; its backups are good.', damaged),
  scenario('stopped', 'A restore of Vaultwarden was interrupted when who uses it was stopped.', stopped),
  where(
    'failed',
    'The Job that restored Vaultwarden was ended with its node.',
    (world) => {
      world.longWork.exitCode = 1;
      work(world, restoreJob(EARLIER));
      world.longWork.exitCode = 0;
    },
    stopped,
  ),
  where(
    'job-runs',
    'A Job that restores Vaultwarden goes on.',
    (world) => {
      world.longWork.runsMs = 3_000_000;
      work(world, restoreJob(EARLIER));
    },
    stopped,
  ),
  scenario('placed', 'A restore of Vaultwarden was interrupted before it was started.', restored),
  where('done', 'Vaultwarden was restored and runs.', (world) => start(world, 'vaultwarden'), restored),
  where(
    'undone',
    'A restore of Vaultwarden was taken back, and it is stopped.',
    (world) => work(world, putSqliteBack(workOf('vaultwarden', 'storagebot-3f2a9c81d0-3-back', EARLIER))),
    restored,
  ),
  where(
    'damaged-again',
    'Vaultwarden was restored a month ago, and is damaged again.',
    (world) => {
      start(world, 'vaultwarden');
      sqliteOf(world, 'vaultwarden').database.integrity = DAMAGE;
    },
    restored,
  ),
  scenario('whole', 'The databases are whole, and there are backups.', prepare),
  scenario('indexes', 'Only indexes of the databases are damaged.', indexesDamaged),
  where(
    'search-index',
    'Only a full-text index of Vaultwarden is damaged.',
    (world) => {
      sqliteOf(world, 'vaultwarden').database.integrity = ['fts5: corruption found reading blob 10 from table "ciphers_fts"'];
    },
    prepare,
  ),
  where('no-room', 'The volume of Vaultwarden, which is damaged, has no room for another database.', (world) => {
    const { fileSystem } = diskOf(world, VAULT);
    fileSystem.usedBytes = fileSystem.sizeBytes - 7 * 1_048_576;
  }),
  where('indexes-stopped', 'Headscale, on NFS, is stopped for its indexes.', (world) => stop(world, 'headscale'), indexesDamaged),
  where(
    'reindexed',
    'The indexes of Headscale, on NFS, were made anew, and it is stopped.',
    (world) => {
      stop(world, 'headscale');
      const { tables } = DATABASES.sqlite.headscale;
      work(world, reindexSqlite({ ...workOf('headscale', 'storagebot-3f2a9c81d0-2-reindex'), tables }));
    },
    indexesDamaged,
  ),
  where('locked', 'Somebody has the database of Vaultwarden locked, and the alert calls it corrupt.', (world) =>
    fails(world, 5, 'database is locked'),
  ),
  where('disk-error', 'The disk under Vaultwarden gives errors.', (world) => fails(world, 10, 'disk I/O error')),
  where('read-only', 'The database of Vaultwarden cannot be opened.', (world) =>
    fails(world, 14, 'unable to open database file'),
  ),
  where(
    'no-table',
    'The application of Vaultwarden made a new database, without its tables.',
    (world) => {
      sqliteOf(world, 'vaultwarden').database.tables = {};
    },
    prepare,
  ),
  where('unmounted', 'Somebody has scaled Vaultwarden down: nobody mounts its volume.', ({ store, time }) => {
    const { namespace, workload } = DATABASES.sqlite.vaultwarden;
    store.patch({ resource: DEPLOYMENTS, namespace, name: workload }, { spec: { replicas: 0 } });
    time.advance(60_000);
  }),
  where('no-tool', 'The node of Vaultwarden has no sqlite3.', (world) => {
    sqliteOf(world, 'vaultwarden').lab.hasNoTool = true;
  }),
  where('other-volume', 'The pods of Vaultwarden have no volume of the name in the configuration.', ({ store }) => {
    const { namespace, workload } = DATABASES.sqlite.vaultwarden;
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'vaultwarden-data-iscsi' } }];
    store.patch({ resource: DEPLOYMENTS, namespace, name: workload }, { spec: { template: { spec: { volumes } } } });
  }),
  where('read-only-disk', 'A page of Vaultwarden makes no sense, and the kernel stopped writing to its disk.', (world) =>
    abortJournal(world, VAULT),
  ),
  where(
    'gone',
    'There is no database in the volume of Vaultwarden.',
    (world) => {
      for (const end of ['-wal', '-shm', '']) setFile(world, 'vaultwarden', end, undefined);
    },
    prepare,
  ),
  where('other-claim', 'The claim of the backups is another directory than the one that is looked at.', ({ store }) => {
    const { namespace, backups } = DATABASES.sqlite.vaultwarden;
    const claim = store.get({ resource: CLAIMS, namespace, name: backups.claim });
    const volumeAttributes = { share: '/mnt/main/vaultwarden-backup-old' };
    store.patch({ resource: VOLUMES, name: text(claim, 'spec', 'volumeName') }, { spec: { csi: { volumeAttributes } } });
  }),
  scenario('no-backup', 'The database of Vaultwarden is damaged, and there is no backup.', (world) => {
    addSqlite(world);
    sqliteOf(world, 'vaultwarden').database.integrity = DAMAGE;
  }),
  where('truncated', 'The newest backup of Vaultwarden was cut.', (world) =>
    newestBackup(world, {
      content: {
        kind: 'sqlite',
        file: 'db.sqlite3',
        integrity: 'database disk image is malformed',
        tables: {},
        files: ['db.sqlite3', 'rsa_key.pem'],
      },
    }),
  ),
  where('without-key', 'The newest backup of Vaultwarden has no key.', (world) =>
    newestBackup(world, {
      content: {
        kind: 'sqlite',
        file: 'db.sqlite3',
        integrity: 'ok',
        tables: { users: 4, ciphers: 1_204 },
        files: ['db.sqlite3'],
      },
    }),
  ),
  where('backup-log', 'Beside the newest backup of Vaultwarden lies a log.', (world) =>
    newestBackup(world, {
      content: {
        kind: 'sqlite',
        file: 'db.sqlite3',
        integrity: 'ok\nits -wal lies beside it, and what that holds was not looked at',
        tables: { users: 4, ciphers: 1_204 },
        files: ['db.sqlite3', 'db.sqlite3-wal', 'rsa_key.pem'],
      },
    }),
  ),
  where('empty', 'The newest backup of Vaultwarden has tables without a row.', (world) =>
    newestBackup(world, {
      bytes: 139_264,
      content: {
        kind: 'sqlite',
        file: 'db.sqlite3',
        integrity: 'ok',
        tables: { users: 0, ciphers: 0 },
        files: ['db.sqlite3', 'rsa_key.pem'],
      },
    }),
  ),
  where('own-pod', 'A pod that nobody would start again has the volume of Vaultwarden.', (world) => inOwnPod(world, 'looks', [])),
  where('busy', 'A Job has the volume of Vaultwarden now.', (world) =>
    inOwnPod(world, 'vaultwarden-backup-29581200-x7k2p', [
      { apiVersion: 'batch/v1', kind: 'Job', name: 'vaultwarden-backup-29581200', uid: uidOf('job/backup'), controller: true },
    ]),
  ),
];
