import { describe, expect, test } from 'vitest';
import diagnosePostgres from '../../runbooks/diagnose-postgres/index.ts';
import { readerOver } from '../../src/core/reading.ts';
import {
  ail,
  crash,
  endInstances,
  fill,
  idle,
  instance,
  logged,
  setCluster,
  setPhase,
} from '../lab/scenarios/postgres-changes.ts';
import { addBackups, type LabBackup, postgresNights } from '../lab/site/databases/backups.ts';
import { addPostgres, type LabPostgres } from '../lab/site/databases/postgres.ts';
import { labSite, labTargets, newWorld, type World } from '../lab/site/index.ts';
import { nodeOf } from '../lab/site/world.ts';
import { codesOf, lookAt, worldIn } from './world.ts';

const PARTED = "requested timeline 4 is not in this server's history";
const GIB = 1_073_741_824;

async function found(change: (world: World, postgres: LabPostgres) => void): Promise<readonly string[]> {
  const world = newWorld({ hangScale: 0.001 });
  change(world, addPostgres(world));
  return codesOf(await lookAt(world, { runbook: diagnosePostgres, words: [] }));
}

describe('a replica is said to be unable to join', () => {
  const cannotJoin = (world: World) => {
    idle(world, 0);
    crash(world, 'pg-cluster-2', { says: PARTED });
  };

  test('in each of the words that PostgreSQL has for it', async () => {
    const words = [
      PARTED,
      "requested timeline 4 is not a child of this server's history",
      "could not receive data from WAL stream: ERROR:  requested starting point 0/6B000000 on timeline 3 is not in this server's history",
      'highest timeline 3 of the primary is behind recovery timeline 4',
      'could not receive data from WAL stream: ERROR:  requested WAL segment 00000003000000000000006B has already been removed',
    ];
    for (const says of words) {
      const codes = await found((world) => {
        idle(world, 0);
        crash(world, 'pg-cluster-2', { says });
      });
      expect(codes, says).toEqual(['replica-cannot-join dbaas/pg-cluster-2']);
    }
  });

  test('also while its pod counts as ready', async () => {
    const codes = await found((world) => {
      idle(world, 0);
      ail(world, 'pg-cluster-2', { reason: 'Error', exitCode: 1, says: [logged(world, 'pg-cluster-2', PARTED)] });
    });
    expect(codes).toEqual(['replica-cannot-join dbaas/pg-cluster-2']);
  });

  test('by what it failed of last, and not by what clients are told meanwhile', async () => {
    const said = (...messages: string[]) =>
      found((world) => {
        idle(world, 0);
        crash(world, 'pg-cluster-2', { says: PARTED });
        const says = messages.map((message) => logged(world, 'pg-cluster-2', message));
        world.cluster.ailments.splice(0);
        ail(world, 'pg-cluster-2', { reason: 'Error', exitCode: 1, says });
      });
    expect(await said(PARTED, 'the database system is starting up')).toEqual(['replica-cannot-join dbaas/pg-cluster-2']);
    expect(await said(PARTED, 'could not write to file: No space left on device')).toEqual(['instance-down dbaas/pg-cluster-2']);
  });

  test('never where it ended for another reason', async () => {
    const codes = await found((world) => {
      idle(world, 0);
      crash(world, 'pg-cluster-2', { says: 'could not open file "pg_wal/00000004.history": Permission denied' });
    });
    expect(codes).toEqual(['instance-down dbaas/pg-cluster-2']);
  });

  test('never where the operator calls it the primary, whatever its label says', async () => {
    const codes = await found((world) => {
      cannotJoin(world);
      setPhase(world, 'Cluster in healthy state', { currentPrimary: 'pg-cluster-2', targetPrimary: 'pg-cluster-2' });
    });
    expect(codes).toEqual(['instance-down dbaas/pg-cluster-2']);
  });

  test('never while the primary could not be asked', async () => {
    const codes = await found((world) => {
      cannotJoin(world);
      nodeOf(world, 'k8s-node3').sshAnswers = false;
    });
    expect(codes).toEqual(['instance-down dbaas/pg-cluster-2']);
  });

  test('never while the primary is about to change', async () => {
    const codes = await found((world) => {
      cannotJoin(world);
      setPhase(world, 'Failing over', { targetPrimary: 'pg-cluster-2' });
    });
    expect(codes).toEqual(['switching dbaas/pg-cluster', 'instance-down dbaas/pg-cluster-2']);
  });
});

describe('room', () => {
  test('of exactly a tenth is enough, and a byte less is told', async () => {
    const free = (freeBytes: number) => found((world) => fill(world, 'pg-cluster-1', { freeBytes, walBytes: GIB }));
    expect(await free(2 * GIB)).toEqual([]);
    expect(await free(2 * GIB - 1)).toEqual(['disk-fills dbaas/pg-cluster-1']);
  });

  test('that is full is told of a server that still runs', async () => {
    expect(await found((world) => fill(world, 'pg-cluster-1', { freeBytes: 60_000_000, walBytes: GIB }))).toEqual([
      'disk-full dbaas/pg-cluster-1',
    ]);
  });

  test('is not asked of a directory that nothing is mounted on: the node’s own disk would answer', async () => {
    const world = newWorld({ hangScale: 0.001 });
    addPostgres(world);
    crash(world, 'pg-cluster-1', { says: 'could not write' });
    const node = nodeOf(world, 'k8s-node3');
    const { uid } = instance(world, 'pg-cluster-1').metadata;
    node.mounts.splice(0, node.mounts.length, ...node.mounts.filter(({ podUid }) => podUid !== uid));
    const look = await lookAt(world, { runbook: diagnosePostgres, words: [] });
    expect(codesOf(look)).toEqual(['instance-down dbaas/pg-cluster-1']);
    expect(look.diagnosis.evidence.map(({ status, says }) => `${status}: ${says}`)).toContainEqual(
      expect.stringMatching(/^unknown: pg-cluster-1: could not look\./),
    );
  });
});

describe('a slot', () => {
  test('that nobody reads and that keeps little is no finding', async () => {
    const codes = await found((_world, { slots }) => {
      slots.push({ name: 'debezium', active: false, walStatus: 'reserved', keptBytes: GIB - 1 });
    });
    expect(codes).toEqual([]);
  });

  test('that keeps much and is read is no finding', async () => {
    const codes = await found((_world, { slots }) => {
      slots.push({ name: 'debezium', active: true, walStatus: 'extended', keptBytes: 9 * GIB });
    });
    expect(codes).toEqual([]);
  });
});

describe('a database', () => {
  test('with a row in one table is not empty', async () => {
    const codes = await found((_world, { databases }) => {
      const tables = databases.get('linkwarden')?.tables ?? {};
      for (const name of Object.keys(tables)) tables[name] = name === 'public."User"' ? 1 : 0;
    });
    expect(codes).toEqual([]);
  });

  test('that a restore made beside another one is not asked for rows', async () => {
    const codes = await found((_world, { databases }) => {
      databases.set('linkwarden_storagebot-3f2a9c81d0-1-restore', {
        oid: 20_002,
        owner: 'postgres',
        tables: { 'public.a': 0 },
        allowsConnections: true,
        bytes: 1,
      });
    });
    expect(codes).toEqual([]);
  });

  test('that was restored once is asked like any other', async () => {
    const codes = await found((world, { databases }) => {
      const own = databases.get('linkwarden');
      if (own === undefined) throw new Error('no linkwarden');
      own.comment = `storagebot: linkwarden of dump_2026_04_01_00_00.sql.gz, 11540112 bytes, oid ${own.oid}`;
      for (const name of Object.keys(own.tables)) own.tables[name] = 0;
      world.nas.acceptsKeys = false;
    });
    expect(codes).toEqual(['database-empty dbaas/pg-cluster/linkwarden']);
  });

  test('of a name that begins like the missing one, and that nobody restored, is not what is missing', async () => {
    const codes = await found((_world, { databases }) => {
      const lost = databases.get('linkwarden');
      databases.delete('linkwarden');
      if (lost !== undefined) databases.set('linkwarden_old', lost);
    });
    expect(codes).toEqual(['database-missing dbaas/pg-cluster/linkwarden']);
  });

  test('is looked for on the replica while the primary is down', async () => {
    const codes = await found((world, { databases }) => {
      databases.delete('linkwarden');
      crash(world, 'pg-cluster-1', { says: 'could not write' });
    });
    expect(codes).toEqual(['instance-down dbaas/pg-cluster-1', 'database-missing dbaas/pg-cluster/linkwarden']);
  });
});

describe('the dumps of an empty database', () => {
  const EMPTY = 'database-empty dbaas/pg-cluster/linkwarden';

  function emptyWith(change: (nights: readonly LabBackup[]) => readonly LabBackup[]) {
    return found((world, { databases }) => {
      const { tables = {} } = databases.get('linkwarden') ?? {};
      for (const name of Object.keys(tables)) tables[name] = 0;
      addBackups(world, change(postgresNights(world)));
    });
  }

  function cut({ content, ...backup }: LabBackup): LabBackup {
    return content.kind === 'pg_dumpall' ? { ...backup, content: { ...content, isTruncated: true } } : { ...backup, content };
  }

  test('are searched for a whole one: rows of one that was cut count for nothing', async () => {
    expect(await emptyWith((nights) => nights.map(cut))).toEqual([EMPTY, 'rows-in-no-dump dbaas/pg-cluster/linkwarden']);
    expect(await emptyWith((nights) => [...nights.slice(0, 1).map(cut), ...nights.slice(1)])).toEqual([
      EMPTY,
      'rows-in-dump dbaas/pg-cluster/linkwarden',
    ]);
  });

  test('that are not there have none of its rows', async () => {
    expect(await emptyWith(() => [])).toEqual([EMPTY, 'rows-in-no-dump dbaas/pg-cluster/linkwarden']);
  });

  test('are said to have no rows only where each of them could be looked into', async () => {
    const world = worldIn('postgres-database-never-dumped');
    const { read } = labTargets(world);
    const hurried = readerOver(async (command) => {
      const isOldest = command.via === 'ssh' && command.argv.some((word) => word.includes('dump_2026_03_21'));
      return isOldest ? { failed: 'timed-out', says: 'No answer within the deadline.', toDo: 'Look again.' } : read(command);
    });
    expect(codesOf(await diagnosePostgres.look({}, hurried, labSite(world)))).toEqual([EMPTY]);
  });
});

test('volumes that other claims left are not taken for those of the cluster', async () => {
  const world = newWorld({ hangScale: 0.001 });
  addPostgres(world);
  endInstances(world);
  setPhase(world, 'Cluster is unrecoverable and needs manual intervention', { readyInstances: 0 });
  const { diagnosis } = await lookAt(world, { runbook: diagnosePostgres, words: [] });
  expect(diagnosis.findings.map(({ says }) => says)).toEqual([
    expect.stringContaining('No released volume of an instance is left'),
  ]);
});

test('every instance that is fenced at once is one finding, and none of them is looked into', async () => {
  const codes = await found((world) => {
    setCluster(world, { metadata: { annotations: { 'cnpg.io/fencedInstances': '["*"]' } } });
    for (const name of ['pg-cluster-1', 'pg-cluster-2']) crash(world, name, { says: 'terminating' });
  });
  expect(codes).toEqual(['fenced dbaas/pg-cluster']);
});

test('without databases.postgres in the configuration the command is refused, and nothing is asked', async () => {
  const world = newWorld({ hangScale: 0.001 });
  const { databases: _databases, ...site } = labSite(world);
  const asked: unknown[] = [];
  const read = readerOver(async (command) => {
    asked.push(command);
    return labTargets(world).read(command);
  });
  await expect(diagnosePostgres.look({}, read, site)).rejects.toThrow(/databases\.postgres is not in the configuration/);
  expect(asked).toEqual([]);
});
