import { addBackups, mysqlDumpOf, mysqlNights, removeBackups } from '../site/databases/backups.ts';
import { addMysql, memberOf, mysqlOf } from '../site/databases/mysql.ts';
import { startJob } from '../site/jobs.ts';
import { addWorkload } from '../site/populate.ts';
import { kind } from '../site/volumes.ts';
import type { World } from '../site/world.ts';
import type { Scenario } from './scenario.ts';

const PODS = kind('v1', 'pods');
const NEWEST = 'dump_2026_04_03_00_30.sql.gz';
const MADE = 'codimd_storagebot-3f2a9c81d0-1-restore';
const ASIDE = 'codimd_storagebot-3f2a9c81d0-1-before';
const APP = { resource: kind('apps/v1', 'deployments'), namespace: 'hackmd', name: 'hackmd' };

/** Dumps of 14 nights, and the application whose notes somebody deleted this morning. */
function prepare(world: World): void {
  const mysql = addMysql(world);
  addBackups(world, mysqlNights(world));
  addWorkload(world, { namespace: 'hackmd', kind: 'Deployment', name: 'hackmd', nodes: ['k8s-node2'] });
  const [pod] = world.cluster.podsOf(world.cluster.workload('hackmd', 'hackmd'));
  if (pod === undefined) throw new Error('hackmd has no pod');
  world.store.patch({ resource: PODS, namespace: 'hackmd', name: pod.metadata.name }, { status: { podIP: '10.10.36.12' } });
  Object.assign(mysql.databases.get('codimd')?.tables ?? {}, { Notes: 3 });
  // Its sessions end with the application.
  world.time.every(1_000, () => {
    const runs = world.cluster.podsOf(world.cluster.workload('hackmd', 'hackmd')).length > 0;
    mysql.sessions.splice(0, mysql.sessions.length, ...(runs ? [SESSION] : []));
  });
  world.longWork.runsMs = 30_000;
}

const SESSION = { id: 811, user: 'codimd', host: '10.10.36.12:41822', database: 'codimd' };

function where(name: string, says: string, change: (world: World) => void): Scenario {
  return {
    name: `mysql-restore-${name}`,
    says,
    prepare: (world) => {
      prepare(world);
      change(world);
    },
  };
}

function dumpOf(world: World, change: Partial<ReturnType<typeof mysqlDumpOf>>, bytes = 3_811_904): void {
  const [newest] = mysqlNights(world);
  if (newest === undefined) throw new Error('The lab has no dumps');
  addBackups(world, [{ ...newest, bytes, content: { ...mysqlDumpOf(0), ...change } }]);
}

function loaded(world: World): void {
  mysqlOf(world).databases.set(MADE, {
    tables: { ...mysqlDumpOf(0).databases['codimd'] },
    bytes: 6_291_456,
    programs: [],
    madeOf: NEWEST,
  });
}

function stopped(world: World): void {
  loaded(world);
  const annotations = { 'storagebot/ran-before': '1', 'storagebot/stopped-for': 'dbaas/mysql-cluster/codimd' };
  world.store.patch(APP, { metadata: { annotations }, spec: { replicas: 0 } });
  world.time.advance(60_000);
}

function swapped(world: World): void {
  const { databases } = mysqlOf(world);
  const [live, made] = [databases.get('codimd'), databases.get(MADE)];
  if (live === undefined || made === undefined) throw new Error('The lab has no such database');
  databases.set(ASIDE, { ...live });
  databases.set('codimd', { tables: made.tables, bytes: made.bytes, programs: [] });
  databases.set(MADE, { ...made, tables: {}, bytes: 0 });
}

export const mysqlRestores: readonly Scenario[] = [
  where('offered', 'Somebody deleted notes, and the nightly job keeps dumps.', () => {}),
  where('loaded', 'A restore of MySQL was interrupted when the database was restored beside.', loaded),
  where('stopped', 'A restore of MySQL was interrupted when who uses it was stopped.', stopped),
  where('swapped', 'A restore of MySQL was interrupted when the tables were swapped.', (world) => {
    stopped(world);
    swapped(world);
  }),
  where('done', 'A database of MySQL was restored, and the application runs on it.', (world) => {
    loaded(world);
    swapped(world);
  }),
  where('dropped', 'A database of MySQL is gone.', (world) => {
    mysqlOf(world).databases.delete('codimd');
    mysqlOf(world).sessions.length = 0;
    world.store.patch(APP, { spec: { replicas: 0 } });
    world.time.advance(60_000);
  }),
  where('no-primary', 'All servers of MySQL went to offline mode.', (world) => {
    for (const member of mysqlOf(world).members.values())
      Object.assign(member, { state: 'OFFLINE', role: '', readOnly: true, offline: true });
  }),
  where('no-dumps', 'The directory of the dumps of MySQL is empty.', (world) => {
    removeBackups(
      world,
      mysqlNights(world).map(({ path }) => path),
    );
  }),
  where('truncated', 'The newest dump of MySQL is cut off.', (world) => dumpOf(world, { isTruncated: true })),
  where('torn', 'The newest dump of MySQL cannot be unpacked to its end.', (world) => dumpOf(world, { brokenGzip: true })),
  where('schema-only', 'The newest dump of MySQL has tables and no rows.', (world) =>
    dumpOf(world, { databases: { codimd: { Notes: 0, Users: 0, SequelizeMeta: 0 } } }, 41_004),
  ),
  where('older', 'The newest dump of MySQL was made before the server was updated.', (world) =>
    dumpOf(world, { serverVersion: '8.0.45' }),
  ),
  where('dumped-view', 'The database had a view when the newest dump of MySQL was made.', (world) =>
    dumpOf(world, { programs: { codimd: ['view latest_notes'] } }),
  ),
  where('guarded', 'Of the database that is used, a table has a trigger, and there is a view.', (world) => {
    const live = mysqlOf(world).databases.get('codimd');
    if (live !== undefined)
      live.programs = [
        ['view', 'latest_notes', ''],
        ['trigger', 'no_empty_title', 'Notes'],
      ];
  }),
  where('constant', 'The dumps of MySQL have the same size each night.', (world) => {
    addBackups(
      world,
      mysqlNights(world).map((each) => ({ ...each, bytes: 3_811_904 })),
    );
  }),
  where('no-room', 'The volume of a server of MySQL that follows is nearly full.', (world) => {
    memberOf(world, 'mysql-cluster-2').usedPercent = 99.9;
  }),
  where('left-over', 'A restore of MySQL was killed while it loaded.', (world) => {
    mysqlOf(world).databases.set(MADE, { tables: { Notes: 17 }, bytes: 81_920, programs: [] });
  }),
  where('counts-differ', 'Somebody wrote into the database that a restore made.', (world) => {
    loaded(world);
    Object.assign(mysqlOf(world).databases.get(MADE)?.tables ?? {}, { Notes: 913 });
  }),
  where('stranger', 'A machine outside the cluster is connected to the database.', (world) => {
    mysqlOf(world).sessions.push({ id: 900, user: 'codimd', host: '10.0.20.9:50122', database: 'codimd' });
  }),
  where('job-runs', 'The nightly dump of MySQL is being made.', (world) =>
    startJob(world, {
      namespace: 'dbaas',
      name: 'mysql-backup-29586270',
      node: 'k8s-node3',
      claims: ['dbaas-mysql-backup'],
      flow: { readKBPerS: 0, writeKBPerS: 4_000 },
    }),
  ),
  where('announced', 'Power is out, and the batteries last for a while.', (world) =>
    world.monitoring.firing.push({ alertname: 'PowerOutage', severity: 'critical' }),
  ),
  where('named', 'The server resolves the addresses of its clients, and names the pod of the application.', (world) => {
    const [session] = mysqlOf(world).sessions;
    Object.assign(session ?? {}, { host: '10-10-36-12.hackmd.hackmd.svc.cluster.local:41822' });
  }),
  where('silent', 'A server of MySQL cannot be asked.', (world) => {
    const member = mysqlOf(world).members.get('mysql-cluster-1');
    if (member !== undefined) member.stopped = true;
  }),
];
