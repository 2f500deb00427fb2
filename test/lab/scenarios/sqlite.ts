import { at } from '../kubernetes/store.ts';
import { sqliteOf } from '../site/databases/sqlite.ts';
import { addWorkload } from '../site/populate.ts';
import { power } from '../site/power.ts';
import { kind } from '../site/volumes.ts';
import type { World } from '../site/world.ts';
import { abortJournal, diskOf, VAULT, vmOf } from './block-changes.ts';
import { exhaust } from './capacity-changes.ts';
import { podOf } from './changes.ts';
import type { Scenario } from './scenario.ts';
import { corrupt, failBackups, HOUR_MS, refuse, setFile, spoilBackups, sqlite } from './sqlite-changes.ts';

const DEPLOYMENTS = kind('apps/v1', 'deployments');
const PODS = kind('v1', 'pods');
const MEBIBYTE = 1_048_576;
const VAULTWARDEN = { resource: DEPLOYMENTS, namespace: 'vaultwarden', name: 'vaultwarden' };
const HEADSCALE = { resource: DEPLOYMENTS, namespace: 'headscale', name: 'headscale' };

function stopped(world: World, name: typeof VAULTWARDEN): void {
  world.store.patch(name, { spec: { replicas: 0 } });
  world.time.advance(60_000);
}

function turnOffNodeOf(world: World, sinceMs: number): void {
  const { spec } = podOf(world, HEADSCALE);
  power(world, vmOf(world, `${at(spec, 'nodeName')}`), { action: 'stop', user: 'root@pam' });
  world.time.advance(sinceMs);
}

/** What is in the database. */
const content: readonly Scenario[] = [
  sqlite('well', 'The databases of vaultwarden and headscale are healthy and in use.'),
  sqlite(
    'corrupt',
    'Pages of a table of vaultwarden are damaged, and its backup job refuses to copy it since midnight.',
    (world) => {
      const midnight = Math.floor(world.time.nowMs / (24 * HOUR_MS)) * 24 * HOUR_MS;
      corrupt(world, 'vaultwarden');
      spoilBackups(world, { isGone: (writtenMs) => writtenMs > midnight + HOUR_MS });
      failBackups(world, midnight + 12_000);
    },
  ),
  sqlite('corrupt-in-backups', 'Vaultwarden is damaged, and was so when its two newest backups were made.', (world) => {
    corrupt(world, 'vaultwarden');
    spoilBackups(world, { isBad: (index) => index < 2 });
  }),
  sqlite('corrupt-everywhere', 'Vaultwarden is damaged, and so are all of its backups.', (world) => {
    corrupt(world, 'vaultwarden');
    spoilBackups(world, { isBad: () => true });
  }),
  sqlite('corrupt-at-once', 'The first page of vaultwarden makes no sense: nothing of it can be read.', (world) => {
    corrupt(world, 'vaultwarden', ['ok']);
  }),
  sqlite('corrupt-on-nfs', 'Headscale on NFS was locked for days, and then its pages were damaged.', (world) => {
    corrupt(world, 'headscale');
    const { lab } = sqliteOf(world, 'headscale');
    lab.log = [...Array.from({ length: 40 }, () => 'ERR failed to save node error="database is locked"'), ...lab.log];
  }),
  sqlite('indexes', 'An index of vaultwarden lacks two rows that its table has.', (world) => {
    sqliteOf(world, 'vaultwarden').database.integrity = [
      'row 1211 missing from index ciphers_user_uuid',
      'row 1212 missing from index ciphers_user_uuid',
      'wrong # of entries in index ciphers_user_uuid',
    ];
  }),
  sqlite('search-index', 'A full-text index of vaultwarden disagrees with its rows.', (world) => {
    sqliteOf(world, 'vaultwarden').database.integrity = ['malformed inverted index for FTS5 table main.ciphers_fts'];
  }),
  sqlite(
    'rules',
    'A column of vaultwarden has NULL where its table allows none, and rows refer to users that are gone.',
    (world) => {
      Object.assign(sqliteOf(world, 'vaultwarden').database, {
        integrity: ['NULL value in users.security_stamp'],
        brokenKeys: 3,
      });
    },
  ),
  sqlite('overwritten', 'Something wrote over the beginning of the database of vaultwarden.', (world) => {
    refuse(world, 'vaultwarden', 26, 'file is not a database');
  }),
  sqlite('made-anew', 'Vaultwarden found no database and made an empty one.', (world) => {
    Object.assign(sqliteOf(world, 'vaultwarden').database, { tables: {} });
  }),
  sqlite('missing', 'There is no database in the volume of vaultwarden.', (world) => {
    for (const end of ['-wal', '-shm', '']) setFile(world, 'vaultwarden', end, undefined);
  }),
  sqlite('empty', 'The database of vaultwarden has no byte.', (world) => {
    sqliteOf(world, 'vaultwarden').file.bytes = 0;
  }),
];

/** What keeps SQLite from looking, and says nothing of the content. */
const refusals: readonly Scenario[] = [
  sqlite('locked', 'A job has vaultwarden locked for longer than anybody waits.', (world) => {
    refuse(world, 'vaultwarden', 5, 'database is locked');
  }),
  sqlite('locked-on-nfs', 'The lock of a program that is gone holds the database of headscale on NFS.', (world) => {
    refuse(world, 'headscale', 5, 'database is locked');
  }),
  sqlite('locked-before', 'Vaultwarden was locked while a job ran, and is whole.', (world) => {
    sqliteOf(world, 'vaultwarden').lab.log = ['[error] database is locked', '[error] database is locked'];
  }),
  sqlite('read-only', 'The kernel stopped writing to the disk of vaultwarden after an error.', (world) => {
    abortJournal(world, VAULT);
    sqliteOf(world, 'vaultwarden').lab.log = ['[error] attempt to write a readonly database'];
  }),
  sqlite('read-only-asked', 'The template of vaultwarden asks for its volume to be read-only.', (world) => {
    world.store.patch(VAULTWARDEN, {
      spec: {
        template: {
          spec: {
            volumes: [
              {
                name: 'vaultwarden-data-proxmox',
                persistentVolumeClaim: { claimName: 'vaultwarden-data-proxmox', readOnly: true },
              },
            ],
          },
        },
      },
    });
    const { uid } = podOf(world, VAULT).metadata;
    for (const { mounts } of world.nodes.values()) for (const mount of mounts) if (mount.podUid === uid) mount.readOnly = true;
  }),
  sqlite('io-error', 'The thin pool below vaultwarden is out of space, and its disk gives errors.', (world) => {
    exhaust(world, []);
    refuse(world, 'vaultwarden', 10, 'disk I/O error');
  }),
  sqlite('unfinished', 'Vaultwarden was killed in the middle of a transaction.', (world) => {
    for (const end of ['-wal', '-shm']) setFile(world, 'vaultwarden', end, undefined);
    setFile(world, 'vaultwarden', '-journal', 12_824);
    sqliteOf(world, 'vaultwarden').database.journal = 'rollback';
    refuse(world, 'vaultwarden', 8, 'attempt to write a readonly database');
  }),
  sqlite('not-readable', 'SQLite can read vaultwarden only if it may write.', (world) => {
    refuse(world, 'vaultwarden', 520, 'attempt to write a readonly database');
  }),
  sqlite('half-a-log', 'Beside the database of vaultwarden lies a log without its shared memory.', (world) => {
    setFile(world, 'vaultwarden', '-shm', undefined);
    sqliteOf(world, 'vaultwarden').lab.log = ['[error] unable to open database file'];
  }),
];

/** What is around the database. */
const around: readonly Scenario[] = [
  sqlite('no-permission', 'A copy as root took the database away from the user of vaultwarden.', (world) => {
    const { namespace = '', name } = podOf(world, VAULT).metadata;
    world.store.patch(
      { resource: PODS, namespace, name },
      { spec: { securityContext: { runAsUser: 1_000, runAsGroup: 1_000, fsGroup: 1_000 } } },
    );
    for (const file of sqliteOf(world, 'vaultwarden').lab.files.values())
      Object.assign(file, { mode: file.isDirectory ? 0o2775 : 0o660, gid: 1_000 });
    Object.assign(sqliteOf(world, 'vaultwarden').file, { mode: 0o644, gid: 0 });
  }),
  sqlite('full', 'The file system of vaultwarden has no room.', (world) => {
    const { fileSystem } = diskOf(world, VAULT);
    fileSystem.usedBytes = fileSystem.sizeBytes - 3 * MEBIBYTE;
    sqliteOf(world, 'vaultwarden').lab.log = ['[error] database or disk is full'];
  }),
  sqlite('inodes', 'The file system of vaultwarden has no inode left, and more than half of its bytes.', (world) => {
    diskOf(world, VAULT).fileSystem.inodesUsedPercent = 100;
  }),
  sqlite('large-log', 'A reader that never ends keeps the log of vaultwarden growing.', (world) => {
    setFile(world, 'vaultwarden', '-wal', 210 * MEBIBYTE);
  }),
  sqlite('several-nodes', 'A second copy of headscale runs on another node.', (world) => {
    addWorkload(world, {
      namespace: 'headscale',
      kind: 'Deployment',
      name: 'headscale-copy',
      nodes: ['k8s-node1'],
      claims: ['headscale-data'],
    });
  }),
  sqlite('no-workload', 'Somebody removed the Deployment of vaultwarden.', (world) => {
    world.store.delete(VAULTWARDEN, {});
  }),
  sqlite('older-tool', 'The sqlite3 of the node is older than the words in the schema of vaultwarden.', (world) => {
    refuse(world, 'vaultwarden', 11, 'malformed database schema (users) - unknown table option: STRICT');
    sqliteOf(world, 'vaultwarden').lab.log = [];
  }),
  sqlite('stopped', 'Vaultwarden is stopped.', (world) => stopped(world, VAULTWARDEN)),
  sqlite('stopped-on-nfs', 'Headscale is stopped; its database can be seen on the NAS.', (world) => {
    stopped(world, HEADSCALE);
    for (const end of ['-wal', '-shm']) setFile(world, 'headscale', end, undefined);
  }),
  sqlite('node-off-on-nfs', 'The machine of the node of headscale is off, and Kubernetes waits for it still.', (world) => {
    turnOffNodeOf(world, 60_000);
  }),
  sqlite('node-given-up-on-nfs', 'The machine of the node of headscale is off, and headscale runs on another node.', (world) => {
    turnOffNodeOf(world, 460_000);
  }),
  sqlite('no-tool', 'The node of vaultwarden lacks the program sqlite3.', (world) => {
    sqliteOf(world, 'vaultwarden').lab.hasNoTool = true;
  }),
  sqlite('too-large', 'Vaultwarden has 300 MiB and a rollback journal: a look would hold off its writers.', (world) => {
    for (const end of ['-wal', '-shm']) setFile(world, 'vaultwarden', end, undefined);
    Object.assign(sqliteOf(world, 'vaultwarden').file, { bytes: 300 * MEBIBYTE });
    sqliteOf(world, 'vaultwarden').database.journal = 'rollback';
  }),
];

export const sqliteScenarios: readonly Scenario[] = [...content, ...refusals, ...around];
