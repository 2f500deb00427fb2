import { asideName, markOf, scratchName } from '../../../runbooks/restore-postgres/state.ts';
import {
  addBackups,
  addUsualBackups,
  backupsIn,
  type LabBackup,
  postgresDumpOf,
  removeBackups,
} from '../site/databases/backups.ts';
import { addPostgres, type LabPostgres } from '../site/databases/postgres.ts';
import { DATABASES } from '../site/databases/settings.ts';
import { startJob } from '../site/jobs.ts';
import { addWorkload } from '../site/populate.ts';
import { kind } from '../site/volumes.ts';
import type { World } from '../site/world.ts';
import type { Scenario } from './scenario.ts';

const NAME = 'linkwarden';
const FOR = 'dbaas/pg-cluster/linkwarden';
const WORK = 'storagebot-3f2a9c81d0-1';
const PODS = kind('v1', 'pods');
const DEPLOYMENTS = kind('apps/v1', 'deployments');
const CLUSTERS = kind('postgresql.cnpg.io/v1', 'clusters');
const APP = { resource: DEPLOYMENTS, namespace: NAME, name: NAME };
const { path: DIRECTORY, claim: CLAIM } = DATABASES.postgres.backups;

function postgresOf({ databases: { postgres } }: World): LabPostgres {
  if (postgres === undefined) throw new Error('The lab has no PostgreSQL');
  return postgres;
}

function dumps(world: World): readonly LabBackup[] {
  const directory = world.nas.disk.at(DIRECTORY);
  const own = directory === undefined ? [] : backupsIn(world, directory);
  return own.toSorted((a, b) => b.writtenMs - a.writtenMs);
}

function newest(world: World): LabBackup {
  const [first] = dumps(world);
  if (first === undefined) throw new Error('The lab has no dump');
  return first;
}

function changeNewest(world: World, change: Partial<LabBackup>, content: Partial<ReturnType<typeof postgresDumpOf>> = {}): void {
  const first = newest(world);
  addBackups(world, [{ ...first, ...change, content: { ...postgresDumpOf(0), ...content } }]);
}

/** The application with its database, fourteen nights of dumps, and rows that somebody deleted this morning. */
function prepare(world: World): void {
  const postgres = addPostgres(world);
  addUsualBackups(world);
  addWorkload(world, { namespace: NAME, name: NAME, kind: 'Deployment', nodes: ['k8s-node2'] });
  const address = postgres.sessions.find(({ database }) => database === NAME)?.address ?? '';
  const giveAddress = () => {
    for (const pod of world.store.list({ resource: PODS, namespace: NAME }))
      world.store.patch({ resource: PODS, namespace: NAME, name: pod.metadata.name }, { status: { podIP: address } });
  };
  giveAddress();
  const live = postgres.databases.get(NAME);
  if (live !== undefined) live.tables['public."Link"'] = 3;
  world.longWork.runsMs = 30_000;
}

function besides(world: World): void {
  prepare(world);
  const { bytes, path, content } = newest(world);
  const oid = 17_001;
  const tables = content.kind === 'pg_dumpall' ? { ...content.databases[NAME]?.tables } : {};
  const comment = `${markOf(NAME, { name: path.slice(DIRECTORY.length + 1), bytes })}${oid}\nwhere the links are`;
  const made = { oid, owner: NAME, tables, comment, allowsConnections: false, bytes: 51_000_000 };
  postgresOf(world).databases.set(scratchName(NAME, WORK), made);
}

function openMade(world: World): void {
  const made = postgresOf(world).databases.get(scratchName(NAME, WORK));
  if (made !== undefined) made.allowsConnections = true;
}

function swapped(world: World): void {
  besides(world);
  const { databases, sessions } = postgresOf(world);
  const [live, made] = [databases.get(NAME), databases.get(scratchName(NAME, WORK))];
  if (live === undefined || made === undefined) throw new Error('The lab has no database to swap');
  databases.delete(scratchName(NAME, WORK));
  databases.set(asideName(NAME, 'storagebot-3f2a9c81d0-2'), Object.assign(live, { allowsConnections: false }));
  databases.set(NAME, Object.assign(made, { allowsConnections: true }));
  sessions.splice(0, sessions.length, ...sessions.filter(({ database }) => database !== NAME));
}

function stopped(world: World): void {
  const annotations = { 'storagebot/ran-before': '1', 'storagebot/stopped-for': FOR };
  world.store.patch(APP, { metadata: { annotations }, spec: { replicas: 0 } });
  world.time.advance(60_000);
}

const situation = (name: string, says: string, change: (world: World) => void): Scenario => ({
  name: `postgres-restore-${name}`,
  says,
  prepare: (world) => {
    prepare(world);
    change(world);
  },
});

export const postgresRestores: readonly Scenario[] = [
  situation('offered', 'Somebody deleted most links of an application; there are fourteen dumps.', () => {}),
  { name: 'postgres-restore-beside', says: 'The dump is restored beside the database.', prepare: besides },
  {
    name: 'postgres-restore-beside-stopped',
    says: 'The dump is restored beside the database, and its application is stopped.',
    prepare: (world) => {
      besides(world);
      stopped(world);
    },
  },
  {
    name: 'postgres-restore-beside-opened',
    says: 'Somebody opened the database that is restored beside, and changed rows in it: it has as many as before.',
    prepare: (world) => {
      besides(world);
      openMade(world);
    },
  },
  {
    name: 'postgres-restore-given-back',
    says: 'After a swap somebody gave both names back by hand; the application is still stopped.',
    prepare: (world) => {
      besides(world);
      openMade(world);
      stopped(world);
    },
  },
  {
    name: 'postgres-restore-shut',
    says: 'Somebody gave a database its name back that a swap had put aside, and it still takes no connections.',
    prepare: (world) => {
      prepare(world);
      const { databases, sessions } = postgresOf(world);
      const live = databases.get(NAME);
      if (live !== undefined) live.allowsConnections = false;
      sessions.splice(0, sessions.length, ...sessions.filter(({ database }) => database !== NAME));
    },
  },
  {
    name: 'postgres-restore-swapped',
    says: 'The restored database has the name, and the application is still stopped.',
    prepare: (world) => {
      swapped(world);
      stopped(world);
    },
  },
  { name: 'postgres-restore-done', says: 'The database is restored, and its application runs.', prepare: swapped },
  situation('half-made', 'An earlier restore was killed: its database says nowhere that it is whole.', (world) => {
    const half = { oid: 17_001, owner: NAME, tables: {}, allowsConnections: true, bytes: 8_000_000 };
    postgresOf(world).databases.set(scratchName(NAME, WORK), half);
  }),
  situation('dropped', 'Somebody dropped the database.', (world) => {
    const { databases, sessions } = postgresOf(world);
    databases.delete(NAME);
    sessions.splice(0, sessions.length, ...sessions.filter(({ database }) => database !== NAME));
  }),
  situation('cut', 'The newest dump was cut.', (world) => changeNewest(world, {}, { isTruncated: true })),
  situation('not-unpackable', 'The newest dump cannot be unpacked to its end.', (world) =>
    changeNewest(world, {}, { brokenGzip: true }),
  ),
  situation('schema-only', 'The newest dump has the schemas alone.', (world) => changeNewest(world, {}, { isSchemaOnly: true })),
  situation('empty', 'The database was empty when the newest dump was made.', (world) => {
    changeNewest(world, {}, { databases: { ...postgresDumpOf(0).databases, [NAME]: { owner: NAME, tables: {} } } });
  }),
  situation('constant', 'All dumps have the same number of bytes.', (world) => {
    addBackups(
      world,
      dumps(world).map((each) => ({ ...each, bytes: 11_540_112 })),
    );
  }),
  situation('small', 'The newest dump has a tenth of the usual size.', (world) => changeNewest(world, { bytes: 1_154_011 })),
  situation('older', 'The newest dump is of the server of before the last upgrade.', (world) =>
    changeNewest(world, {}, { serverVersion: '15.8 (Debian 15.8-1.pgdg110+1)' }),
  ),
  situation('newer', 'The dump is of a newer server than the one that runs.', (world) =>
    changeNewest(world, {}, { serverVersion: '17.2 (Debian 17.2-1.pgdg110+1)' }),
  ),
  situation('no-dumps', 'There is no dump at all.', (world) =>
    removeBackups(
      world,
      dumps(world).map(({ path }) => path),
    ),
  ),
  situation('not-dumped', 'A database was made after the newest dump.', (world) => {
    const made = { oid: 17_210, owner: NAME, tables: {}, allowsConnections: true, bytes: 7_600_000 };
    postgresOf(world).databases.set('newcomer', made);
  }),
  situation('role-gone', 'The role of the application is gone.', (world) => {
    const { roles } = postgresOf(world);
    roles.splice(roles.indexOf(NAME), 1);
  }),
  situation('grantee-gone', 'A role that only reads some tables was dropped since the dump was made.', (world) => {
    const own = postgresDumpOf(0).databases[NAME];
    if (own === undefined) throw new Error('The lab has no dump of it');
    changeNewest(world, {}, { databases: { ...postgresDumpOf(0).databases, [NAME]: { ...own, grantsTo: ['metabase'] } } });
  }),
  situation('no-room', 'The database has grown to more than half of the volume.', (world) => {
    const live = postgresOf(world).databases.get(NAME);
    if (live !== undefined) live.bytes = 12_000_000_000;
  }),
  situation('job-runs', 'The nightly dump is being made.', (world) =>
    startJob(world, {
      namespace: 'dbaas',
      name: 'postgresql-backup-29586240',
      node: 'k8s-node3',
      claims: [CLAIM],
      flow: { readKBPerS: 0, writeKBPerS: 4_000 },
    }),
  ),
  situation('switching', 'The operator makes the other instance the primary.', (world) =>
    world.store.patch(
      { resource: CLUSTERS, namespace: 'dbaas', name: 'pg-cluster' },
      { status: { targetPrimary: 'pg-cluster-2', phase: 'Switchover in progress' } },
    ),
  ),
  situation('announced', 'Power is out, and the batteries last for a while.', (world) =>
    world.monitoring.firing.push({ alertname: 'PowerOutage', severity: 'critical' }),
  ),
  situation('unseen', 'The server of the primary does not answer.', (world) => {
    postgresOf(world).servers.set('pg-cluster-1', 'stopped');
  }),
  situation('bare-pod', 'A pod without an owner is connected to the database.', (world) => {
    const address = '10.10.122.77';
    postgresOf(world).sessions.push({ database: NAME, pid: 4_911, user: 'postgres', address, application: 'psql' });
    world.store.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'looking-around', namespace: NAME },
      spec: { nodeName: 'k8s-node3', containers: [{ name: 'psql', image: 'postgres:16' }] },
      status: { phase: 'Running', podIP: address },
    });
  }),
];
