import { describe, expect, test } from 'vitest';
import { cases } from '../../runbooks/restore-postgres/cases.ts';
import restorePostgres from '../../runbooks/restore-postgres/index.ts';
import { asideName } from '../../runbooks/restore-postgres/state.ts';
import { stepsOf } from '../../src/core/plan.ts';
import type { Site } from '../../src/core/site.ts';
import { undoSteps } from '../../src/core/undo.ts';
import { deleteCluster, fill } from '../lab/scenarios/postgres-changes.ts';
import { addBackups, addUsualBackups, type LabBackup, postgresNights, removeBackups } from '../lab/site/databases/backups.ts';
import type { LabPostgres } from '../lab/site/databases/postgres.ts';
import { DATABASES } from '../lab/site/databases/settings.ts';
import { labSite, labTargets, type World } from '../lab/site/index.ts';
import { startJob } from '../lab/site/jobs.ts';
import { addWorkload } from '../lab/site/populate.ts';
import { kind } from '../lab/site/volumes.ts';
import { carryOut } from '../system/by-hand.ts';
import { carriedOut, changesOf, codesOf, lookAt, worldIn } from './world.ts';

const DUMP = 'dump_2026_04_03_00_00.sql.gz';
const GIB = 1_073_741_824;

function ask(world: World, words: readonly string[] = ['linkwarden', 'from', DUMP], site: Site = labSite(world)) {
  return lookAt(world, { runbook: restorePostgres, words, site });
}

function postgresOf({ databases: { postgres } }: World): LabPostgres {
  if (postgres === undefined) throw new Error('The lab has no PostgreSQL');
  return postgres;
}

function changesIn(name: string): readonly string[] {
  const found = cases.find((each) => ('name' in each ? each.name : each.scenario) === name);
  if (found === undefined) throw new Error(`There is no case ${name}`);
  return found.changes;
}

/** Each of the nights with another content of one database. */
function withTables(nights: readonly LabBackup[], change: (rows: number, table: string) => number): readonly LabBackup[] {
  return nights.map(({ content, ...backup }) => {
    const own = content.kind === 'pg_dumpall' ? content.databases.linkwarden : undefined;
    if (content.kind !== 'pg_dumpall' || own === undefined) throw new Error(`${backup.path} has no linkwarden`);
    const tables = Object.fromEntries(Object.entries(own.tables).map(([table, rows]) => [table, change(rows, table)]));
    return { ...backup, content: { ...content, databases: { ...content.databases, linkwarden: { ...own, tables } } } };
  });
}

describe('the room for a restore', () => {
  const emptied = (freeBytes: number) => {
    const world = worldIn('postgres-restore-offered');
    const live = postgresOf(world).databases.get('linkwarden');
    if (live !== undefined) live.bytes = 8_000_000;
    addBackups(
      world,
      postgresNights(world).map((each, ago) => ({ ...each, bytes: GIB - ago })),
    );
    fill(world, 'pg-cluster-1', { freeBytes, walBytes: 0 });
    return ask(world);
  };

  test('is not measured by what a database takes that has lost its rows', async () => {
    expect(codesOf(await emptied(9 * GIB))).toEqual(['no-room pg-cluster-1']);
    expect(codesOf(await emptied(11 * GIB))).toEqual(['not-restored linkwarden']);
  });

  test('is measured by the database where it has all that the dump has, however large the dump of all is', async () => {
    const world = worldIn('postgres-restore-offered');
    const { tables = {} } = postgresOf(world).databases.get('linkwarden') ?? {};
    tables['public."Link"'] = 1_900;
    addBackups(
      world,
      postgresNights(world).map((each, ago) => ({ ...each, bytes: GIB - ago })),
    );
    fill(world, 'pg-cluster-1', { freeBytes: GIB, walBytes: 0 });
    expect(codesOf(await ask(world))).toEqual(['not-restored linkwarden']);
  });
});

test('a dump that has nothing of a database but the history of its migrations is doubtful', async () => {
  const world = worldIn('postgres-restore-offered');
  addBackups(
    world,
    withTables(postgresNights(world), (rows, table) => (table === 'public._prisma_migrations' ? rows : 0)),
  );
  const look = await ask(world);
  expect(codesOf(look)).toEqual([`dump-doubtful ${DUMP}`]);
  expect(look.diagnosis.findings[0]?.says).toContain('but for the history of its migrations');
});

describe('a database that cannot be dumped because it is damaged', () => {
  test('is restored without a copy of it where that is asked for, and the card says so', async () => {
    const look = await ask(worldIn('postgres-restore-offered'), ['linkwarden', 'from', DUMP, 'without-copy']);
    const [, restore] = changesIn('postgres-restore-offered');
    expect(changesOf(look)).toEqual([restore]);
    expect(stepsOf(look.plan)[0]?.warnings).toContainEqual(expect.stringContaining('No copy of linkwarden'));
  });

  test('is copied first where that is not asked for, and the card says how to go on without', async () => {
    const [copy] = stepsOf((await ask(worldIn('postgres-restore-offered'))).plan);
    expect(copy?.warnings).toContainEqual(expect.stringContaining('ask again with without-copy'));
  });

  test.each([
    ['without-copy', 'anyway'],
    ['anyway', 'without-a-copy'],
    ['without-copy', 'without-copy'],
  ])('is not restored where the words are %s %s', async (...more) => {
    await expect(ask(worldIn('postgres-restore-offered'), ['linkwarden', 'from', DUMP, ...more])).rejects.toThrow(/anyway/);
  });
});

describe('who was stopped runs again', () => {
  const START = changesIn('postgres-restore-swapped');

  test('although the dump was removed since', async () => {
    const world = worldIn('postgres-restore-swapped');
    removeBackups(world, [`/mnt/main/postgresql-backup/${DUMP}`]);
    const look = await ask(world);
    expect({ codes: codesOf(look), changes: changesOf(look) }).toEqual({ codes: ['not-started linkwarden'], changes: START });
  });

  test('although the NAS does not answer', async () => {
    const world = worldIn('postgres-restore-swapped');
    world.nas.acceptsKeys = false;
    const look = await ask(world);
    expect({ codes: codesOf(look), changes: changesOf(look) }).toEqual({ codes: ['not-started linkwarden'], changes: START });
  });

  test.each([
    ['the dump was removed', (world: World) => removeBackups(world, [`/mnt/main/postgresql-backup/${DUMP}`])],
    ['the NAS does not answer', (world: World) => void (world.nas.acceptsKeys = false)],
  ])('also where all databases were asked for and %s since', async (_what, change) => {
    const world = worldIn('postgres-restore-swapped');
    change(world);
    const look = await ask(world, ['all', 'from', DUMP]);
    expect({ codes: codesOf(look), changes: changesOf(look) }).toEqual({ codes: ['not-started linkwarden'], changes: START });
  });

  test('and nothing is said of the others of a dump that is gone', async () => {
    const world = worldIn('postgres-restore-done');
    removeBackups(world, [`/mnt/main/postgresql-backup/${DUMP}`]);
    expect(codesOf(await ask(world, ['all', 'from', DUMP]))).toEqual([`no-such-dump ${DUMP}`]);
  });

  test('after no other dump than the one that was restored', async () => {
    const look = await ask(worldIn('postgres-restore-swapped'), ['linkwarden', 'from', 'dump_2026_03_20_00_00.sql.gz']);
    expect(codesOf(look)).toEqual(['no-such-dump dump_2026_03_20_00_00.sql.gz']);
  });
});

test('who waits for the server, and is not known to use the database, is shown on the cards and not stopped', async () => {
  const world = worldIn('postgres-restore-beside');
  addWorkload(world, { namespace: 'n8n', name: 'n8n', kind: 'Deployment', nodes: ['k8s-node3'] });
  const annotations = { 'dependency.kyverno.io/wait-for': 'postgresql.dbaas:5432' };
  world.store.patch(
    { resource: kind('apps/v1', 'deployments'), namespace: 'n8n', name: 'n8n' },
    { spec: { template: { metadata: { annotations } } } },
  );
  const look = await ask(world);
  expect(changesOf(look)).toEqual(changesIn('postgres-restore-beside'));
  const waits = expect.stringContaining('not known to use this database: Deployment n8n/n8n (postgresql.dbaas:5432)');
  expect(look.diagnosis.findings[0]?.says).toEqual(waits);
  expect(stepsOf(look.plan).at(-1)?.warnings).toContainEqual(waits);
});

describe('a swap that is taken back', () => {
  const swapped = async () => {
    const world = worldIn('postgres-restore-beside-stopped');
    const look = await ask(world);
    expect(await carriedOut(world, look)).toEqual({ done: 1, stopped: undefined });
    return { world, back: undoSteps(stepsOf(look.plan)) };
  };

  test('waits for a job that has the dumps mounted', async () => {
    const { world, back } = await swapped();
    const job = { namespace: 'dbaas', name: 'postgresql-backup-29586240', node: 'k8s-node3' };
    startJob(world, { ...job, claims: [DATABASES.postgres.backups.claim], flow: { readKBPerS: 0, writeKBPerS: 4_000 } });
    const { done, stopped } = await carryOut(labTargets(world), back);
    expect({ done, stopped }).toEqual({ done: [], stopped: 'no: No job has the dumps mounted' });
  });

  test('gives the name back also where somebody opened the database from before, to look into it', async () => {
    const { world, back } = await swapped();
    for (const [name, database] of postgresOf(world).databases) if (name.endsWith('-broken')) database.allowsConnections = true;
    expect((await carryOut(labTargets(world), back)).stopped).toBeUndefined();
  });
});

test('whoever was stopped runs again where names were given back by hand; what was opened is for a person then', async () => {
  const world = worldIn('postgres-restore-given-back');
  const before = await ask(world);
  expect(await carriedOut(world, before)).toEqual({ done: 1, stopped: undefined });
  const after = await ask(world);
  expect({ codes: codesOf(after), changes: changesOf(after) }).toEqual({
    codes: ['restored-opened linkwarden_storagebot-3f2a9c81d0-1-restore'],
    changes: [],
  });
  expect((await carryOut(labTargets(world), undoSteps(stepsOf(before.plan)))).stopped).toBeUndefined();
  expect(codesOf(await ask(world))).toEqual(codesOf(before));
});

test('one that somebody opened after the look is not given the name', async () => {
  const world = worldIn('postgres-restore-beside-stopped');
  const look = await ask(world);
  const made = 'linkwarden_storagebot-3f2a9c81d0-1-restore';
  for (const [name, database] of postgresOf(world).databases) if (name === made) database.allowsConnections = true;
  expect(await carriedOut(world, look)).toEqual({
    done: 0,
    stopped: `no: ${made} is the restored database (oid 17001), whole, and takes no connections`,
  });
});

test('one that takes no connections can be restored without a copy of it', async () => {
  const look = await ask(worldIn('postgres-restore-shut'), ['linkwarden', 'from', DUMP, 'without-copy']);
  expect(codesOf(look)).toEqual(['not-restored linkwarden']);
});

test('a role that only the dump names is told by its name before anything is made', async () => {
  const { diagnosis } = await ask(worldIn('postgres-restore-grantee-gone'));
  expect(diagnosis.findings[0]?.says).toContain('The server has no role metabase');
});

test('the dumps are shown although no server answers, and that is not called well', async () => {
  const world = worldIn('postgres-unrecoverable');
  addUsualBackups(world);
  const shown = await ask(world, ['linkwarden']);
  expect(codesOf(shown)).toEqual(['no-primary dbaas/pg-cluster']);
  expect(shown.diagnosis.evidence.map(({ says }) => says)).toContainEqual(
    expect.stringMatching(/^dump_2026_04_03_00_00.*; whole$/),
  );
  expect(codesOf(await ask(world, []))).toEqual(['no-primary dbaas/pg-cluster']);
});

test('nothing is restored into a cluster that somebody has deleted and that still runs', async () => {
  const world = worldIn('postgres-restore-offered');
  deleteCluster(world, { isGone: false });
  const look = await ask(world);
  expect({ codes: codesOf(look), changes: changesOf(look) }).toEqual({ codes: ['no-primary dbaas/pg-cluster'], changes: [] });
});

test('what a restore put aside is not called fit to be dropped while the database itself is missing', async () => {
  const world = worldIn('postgres-restore-dropped');
  const aside = { oid: 16_409, owner: 'linkwarden', tables: {}, allowsConnections: false, bytes: 51_000_000 };
  postgresOf(world).databases.set(asideName('linkwarden', 'storagebot-3f2a9c81d0-2'), aside);
  const { diagnosis } = await ask(world);
  expect(diagnosis.evidence.map(({ says }) => says)).toContainEqual(expect.stringMatching(/is not there, and .* drop none$/));
});

test('where the job does not pack its dumps, the copy is packed all the same, and found', async () => {
  const world = worldIn('postgres-restore-offered');
  const nights = postgresNights(world);
  removeBackups(
    world,
    nights.map(({ path }) => path),
  );
  addBackups(
    world,
    nights.map((each) => ({ ...each, path: each.path.replace(/\.gz$/, '') })),
  );
  const site = labSite(world);
  const { postgresql, ...backups } = site.backups ?? {};
  if (postgresql === undefined) throw new Error('The lab has no job');
  const plain = { ...site, backups: { ...backups, postgresql: { ...postgresql, ends: '.sql' } } };
  const look = await ask(world, ['linkwarden', 'from', DUMP.replace('.gz', '')], plain);
  expect(await carriedOut(world, look)).toEqual({ done: 2, stopped: undefined });
});
