import { describe, expect, test } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import rebuildPostgres from '../../runbooks/rebuild-postgres/index.ts';
import { calledBy } from '../../src/core/called.ts';
import { show } from '../../src/core/command.ts';
import { stepsOf, wordToType } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { apply, planned, setVolume, volumeOf } from '../lab/scenarios/postgres-rebuild.ts';
import { labSite, labTargets, type World } from '../lab/site/index.ts';
import { kind } from '../lab/site/volumes.ts';
import { carriedOut, changesOf, codesOf, lookAt, VOLUMES, worldIn } from './world.ts';

const DUMP = 'dump_2026_04_03_00_00.sql.gz';
const CLAIMS = kind('v1', 'persistentvolumeclaims');
const SECRETS = kind('v1', 'secrets');
const CLUSTER = { resource: kind('postgresql.cnpg.io/v1', 'clusters'), namespace: 'dbaas', name: 'pg-cluster' };
const SECRET = { resource: SECRETS, namespace: 'dbaas', name: 'pg-cluster-superuser' };

const ask = (world: World, site: Site = labSite(world)) =>
  lookAt(world, { runbook: rebuildPostgres, words: ['from', DUMP], site });

/** Somebody frees the volume of another application for any claim. */
function freeAnother(world: World): void {
  setVolume(world, 'vaultwarden-data-proxmox', { spec: { claimRef: null }, status: { phase: 'Available' } });
}

const ONE_DONE = { done: 1, stopped: undefined };

describe('a cluster that is lost', () => {
  test('is deleted, planned and made anew in three rounds, and its old volumes are what they were', async () => {
    const world = worldIn('postgres-rebuild-lost');
    const before = world.store.get(CLUSTER).metadata.uid;
    const secret = world.store.get(SECRET).metadata.uid;
    const volumes = () =>
      ['pg-cluster-1', 'pg-cluster-2'].map((claim) => world.store.find({ resource: VOLUMES, name: first[claim] ?? '' }));
    const first: Record<string, string> = Object.fromEntries(
      ['pg-cluster-1', 'pg-cluster-2'].map((claim) => [claim, volumeOf(world, claim)]),
    );
    const kept = volumes();
    for (const code of ['cluster-lost dbaas/pg-cluster', 'cluster-gone dbaas/pg-cluster', 'plan-waits stacks/dbaas']) {
      const look = await ask(world);
      expect(codesOf(look)).toEqual([code]);
      expect(await carriedOut(world, look)).toEqual(ONE_DONE);
    }
    const look = await ask(world);
    expect({ codes: codesOf(look), changes: changesOf(look) }).toEqual({ codes: [], changes: [] });
    expect(world.store.get(CLUSTER).metadata.uid).not.toBe(before);
    expect(world.store.get(SECRET).metadata.uid).not.toBe(secret);
    expect([...(world.databases.postgres?.databases.keys() ?? [])]).toEqual(['postgres']);
    expect(volumes()).toEqual(kept);
  });

  test('leaves people who are told what is theirs to do, in Vault first', async () => {
    const { plan } = await ask(worldIn('postgres-rebuild-done'));
    expect(plan).toMatchObject({
      stop: expect.stringMatching(/Vault.*roles.*extensions.*restore postgres all.*pgbouncer.*run backup/),
    });
  });

  test('wants the name of the cluster typed for what deletes it and for what makes it anew', async () => {
    for (const scenario of ['postgres-rebuild-lost', 'postgres-rebuild-planned']) {
      const [step] = stepsOf((await ask(worldIn(scenario))).plan);
      expect(step && { risk: step.change.risk, word: wordToType(step) }).toEqual({
        risk: 'destructive',
        word: 'dbaas/pg-cluster',
      });
    }
  });

  test('has a way back on which no volume is free for any claim', async () => {
    for (const scenario of ['postgres-rebuild-lost', 'postgres-rebuild-planned']) {
      const [step] = stepsOf((await ask(worldIn(scenario))).plan);
      expect(step?.undo).toEqual({ none: expect.stringContaining('"claimRef":{"uid":null,"resourceVersion":null}') });
    }
  });

  test('is not deleted a second time by who asks again', async () => {
    const world = worldIn('postgres-rebuild-lost');
    const look = await ask(world);
    await labTargets(world).change(stepsOf(look.plan)[0]!.change.command);
    const again = await ask(world);
    expect(codesOf(again)).toEqual(['cluster-gone dbaas/pg-cluster']);
    expect(world.executed.filter((line) => line.includes('kubectl delete'))).toHaveLength(1);
    expect(await carriedOut(world, look)).toEqual({ done: 0, stopped: expect.stringContaining('has the uid') });
  });

  test('is made anew without another plan by who asks again after the bot was killed', async () => {
    const world = worldIn('postgres-rebuild-gone');
    await carriedOut(world, await ask(world));
    const plans = [...world.workstation.plans.keys()];
    expect(codesOf(await ask(world))).toEqual(['plan-waits stacks/dbaas']);
    expect([...world.workstation.plans.keys()]).toEqual(plans);
  });

  test('is left alone where its object is another one by now', async () => {
    const world = worldIn('postgres-rebuild-lost');
    const [step] = stepsOf((await ask(world)).plan);
    const { metadata, ...rest } = world.store.get(CLUSTER);
    world.store.delete(CLUSTER, { uid: metadata.uid });
    const made = world.store.create({ ...rest, metadata: { name: metadata.name, namespace: 'dbaas' } });
    if (step === undefined) throw new Error('there is a step');
    expect(await labTargets(world).change(step.change.command)).toMatchObject({ exitCode: 1 });
    expect(world.store.get(CLUSTER).metadata.uid).toBe(made.metadata.uid);
  });
});

test('the deletion is done only once the object is gone and every volume is kept, which must both be seen', async () => {
  const world = worldIn('postgres-rebuild-lost');
  const [step] = stepsOf((await ask(world)).plan);
  if (step === undefined) throw new Error('there is a step');
  const { read, change } = labTargets(world);
  const answer = async (hidden?: string) =>
    (
      await step.after.holds(
        readerOver(async (command) =>
          hidden !== undefined && show(command).includes(hidden)
            ? { failed: 'timed-out', says: 'No answer within the deadline.', toDo: 'Look again.' }
            : read(command),
        ),
      )
    ).answer;
  expect(await answer()).toBe('no');
  await change(step.change.command);
  expect(await answer()).toBe('yes');
  expect([await answer('get clusters'), await answer('get persistentvolumes')]).toEqual(['unknown', 'unknown']);
  setVolume(world, 'pg-cluster-1', { spec: { persistentVolumeReclaimPolicy: 'Delete' } });
  expect(await answer()).toBe('no');
});

describe('between the approval and the deletion', () => {
  const drifts: readonly (readonly [what: string, drift: (world: World) => void, stopped: RegExp])[] = [
    [
      'a volume gets another reclaim policy',
      (world) => setVolume(world, 'pg-cluster-2', { spec: { persistentVolumeReclaimPolicy: 'Delete' } }),
      /^no: The volumes of .* are released and kept/,
    ],
    [
      'a volume is given to a claim',
      (world) => setVolume(world, 'pg-cluster-2', { status: { phase: 'Bound' } }),
      /^no: The volumes of .* are released and kept/,
    ],
    ['a volume of another application is freed for any claim', freeAnother, /^no: No volume of their kind is free for any claim/],
    [
      'somebody lets the operator make backups',
      (world) => world.store.patch(CLUSTER, { spec: { plugins: [{ name: 'barman-cloud.cloudnative-pg.io' }] } }),
      /^no: .* makes no backups of it/,
    ],
    [
      'a claim that its object owns appears, whatever it is called',
      ({ store }) =>
        store.create({
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: {
            name: 'rescued-pgdata',
            namespace: 'dbaas',
            ownerReferences: [
              { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'pg-cluster', uid: store.get(CLUSTER).metadata.uid },
            ],
          },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } },
        }),
      /^no: No claim of dbaas\/pg-cluster is there/,
    ],
    [
      'the operator says that the cluster is healthy',
      (world) => world.store.patch(CLUSTER, { status: { phase: 'Cluster in healthy state' } }),
      /^no: .* its operator has given it up/,
    ],
    [
      'somebody edits the stack',
      ({ workstation }) => workstation.changed.push('modules/dbaas/main.tf'),
      /^no: stacks\/dbaas is checked out/,
    ],
    ['the NAS cannot be asked', ({ nas }) => (nas.acceptsKeys = false), /^unknown: .* was not written since/],
  ];

  test.each(drifts)('%s: nothing is deleted', async (_what, drift, stopped) => {
    const world = worldIn('postgres-rebuild-lost');
    const look = await ask(world);
    drift(world);
    expect(await carriedOut(world, look)).toEqual({ done: 0, stopped: expect.stringMatching(stopped) });
    expect(world.executed).toEqual([]);
  });
});

describe('a cluster whose name begins alike', () => {
  test('keeps its claim and its volume, whatever their policy is', async () => {
    const world = worldIn('postgres-rebuild-neighbour');
    const theirs = () => [
      world.store.find({ resource: CLAIMS, namespace: 'dbaas', name: 'pg-cluster-2-1' }),
      world.store.find({ resource: VOLUMES, name: volumeOf(world, 'pg-cluster-2-1') }),
    ];
    const before = theirs();
    for (let round = 0; round < 3; round += 1) expect(await carriedOut(world, await ask(world))).toEqual(ONE_DONE);
    expect(theirs()).toEqual(before);
  });
});

describe('what could not be seen', () => {
  test.each(['postgres-rebuild-lost', 'postgres-rebuild-gone', 'postgres-rebuild-planned'])(
    'leaves nothing planned, whichever it is: %s',
    async (scenario) => {
      const world = worldIn(scenario);
      const lines = new Set<string>();
      await lookAt(world, { runbook: rebuildPostgres, words: ['from', DUMP], onAsk: (line) => lines.add(line) });
      const needed = [...lines].filter((line) => !line.startsWith('prometheus$'));
      expect(needed.length).toBeGreaterThan(7);
      for (const hidden of needed) {
        const { read } = labTargets(world);
        const reader = readerOver(async (command) =>
          show(command) === hidden
            ? { failed: 'timed-out', says: 'No answer within the deadline.', toDo: 'Look again.' }
            : read(command),
        );
        const look = await rebuildPostgres.look(rebuildPostgres.fromWords(['from', DUMP]), reader, labSite(world));
        expect({ hidden, codes: codesOf(look), changes: changesOf(look) }).toEqual({ hidden, codes: [], changes: [] });
        expect(look.diagnosis.evidence.some(({ status }) => status === 'unknown')).toBe(true);
      }
    },
  );

  test('of alerts is told to who approves, and stops nobody: Prometheus may be down with the rest', async () => {
    const world = worldIn('postgres-rebuild-lost');
    const { read } = labTargets(world);
    const reader = readerOver(async (command) =>
      command.via === 'prometheus'
        ? { failed: 'unreachable', says: 'Prometheus does not answer.', toDo: 'Look at it.' }
        : read(command),
    );
    const { plan } = await rebuildPostgres.look(rebuildPostgres.fromWords(['from', DUMP]), reader, labSite(world));
    expect(stepsOf(plan)[0]?.warnings).toContainEqual(expect.stringContaining('Prometheus could not be asked'));
  });
});

describe('the plan of Terraform', () => {
  test('is not applied once a cluster is there again, whoever made it', async () => {
    const world = worldIn('postgres-rebuild-planned');
    const look = await ask(world);
    world.store.create({
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Cluster',
      metadata: { name: 'pg-cluster', namespace: 'dbaas' },
      spec: { instances: 2 },
      status: { phase: 'Setting up primary' },
    });
    expect(await carriedOut(world, look)).toEqual({ done: 0, stopped: 'no: There is no dbaas/pg-cluster' });
    expect(codesOf(await ask(world))).toEqual(['rebuild-needless dbaas/pg-cluster']);
  });

  test('that ends well and makes nothing is not called done', async () => {
    const world = worldIn('postgres-rebuild-planned');
    world.workstation.makers.clear();
    expect(await carriedOut(world, await ask(world))).toEqual({
      done: 0,
      stopped: expect.stringMatching(/^no: dbaas\/pg-cluster is there again/),
    });
    expect(codesOf(await ask(world))).toEqual(['cluster-gone dbaas/pg-cluster']);
  });

  test.each(['postgres-rebuild-gone', 'postgres-rebuild-planned'])(
    'is neither made nor applied while the new cluster would get a volume that is free for any claim: %s',
    async (scenario) => {
      const world = worldIn(scenario);
      const look = await ask(world);
      freeAnother(world);
      expect(await carriedOut(world, look)).toEqual({
        done: 0,
        stopped: expect.stringMatching(/^no: No volume of their kind is free/),
      });
      expect(codesOf(await ask(world))).toEqual([expect.stringContaining('volume-unclaimed PersistentVolume')]);
    },
  );

  test('that made the cluster and did not end is not called done', async () => {
    const world = worldIn('postgres-rebuild-planned');
    const [step] = stepsOf((await ask(world)).plan);
    if (step === undefined) throw new Error('there is a step');
    const { plans } = world.workstation;
    for (const [path, file] of plans)
      if (path.endsWith('.tfplan') && plans.delete(path)) plans.set(path.replace(/tfplan$/, 'applying'), file);
    apply(world);
    const answer = async () => (await step.after.holds(readerOver(labTargets(world).read))).answer;
    expect(await answer()).toBe('no');
    for (const path of plans.keys()) if (path.endsWith('.applying')) plans.delete(path);
    expect(await answer()).toBe('yes');
  });

  test('that nothing of is needed any more is refused as one that does not do exactly that', async () => {
    const world = worldIn('postgres-rebuild-planned');
    for (const [path, file] of world.workstation.plans)
      if (path.endsWith('.txt'))
        world.workstation.plans.set(path, { ...file, text: 'No changes. Your infrastructure matches.\n' });
    const look = await ask(world);
    expect({ codes: codesOf(look), changes: changesOf(look) }).toEqual({ codes: ['plan-differs stacks/dbaas'], changes: [] });
  });

  test('that does more says what people may have changed, and one that leaves the resource alone that the address may be wrong', async () => {
    const remedyOf = async (world: World) => (await ask(world)).diagnosis.findings.map(({ remedy }) => remedy).join();
    expect(await remedyOf(worldIn('postgres-rebuild-plan-more'))).toMatch(/apply it by itself.*CronJob that was suspended/);
    const world = worldIn('postgres-rebuild-planned');
    for (const [path, file] of world.workstation.plans)
      if (path.endsWith('.txt'))
        world.workstation.plans.set(path, { ...file, text: 'No changes. Your infrastructure matches.\n' });
    expect(await remedyOf(world)).toMatch(/Nothing is planned for this address.*site\.databases\.postgres\.stack/);
  });

  test('has no CronJob in it that its card told people to suspend: that comes once it is applied', async () => {
    const warnings = async (scenario: string) => stepsOf((await ask(worldIn(scenario))).plan)[0]?.warnings?.join('\n') ?? '';
    expect(await warnings('postgres-rebuild-lost')).toMatch(
      /dbaas\/postgresql-backup .*Do not suspend it before the third round/,
    );
    expect(await warnings('postgres-rebuild-planned')).toMatch(
      /As soon as it is applied, .*suspend the CronJob dbaas\/postgresql-backup/,
    );
  });

  test('that is older than an hour is made again', async () => {
    const world = worldIn('postgres-rebuild-gone');
    planned(world);
    world.time.advance(3_700_000);
    expect(codesOf(await ask(world))).toEqual(['cluster-gone dbaas/pg-cluster']);
  });
});

test('a volume that a later replica left is not taken for one of a former cluster', async () => {
  const world = worldIn('postgres-rebuild-done');
  const { creationTimestamp } = world.store.get(CLUSTER).metadata;
  for (const { metadata } of world.store
    .list({ resource: VOLUMES })
    .filter(({ status }) => JSON.stringify(status).includes('Released'))) {
    const { metadata: about, ...rest } = world.store.get({ resource: VOLUMES, name: metadata.name });
    world.store.delete({ resource: VOLUMES, name: metadata.name }, { uid: about.uid });
    world.store.create({ ...rest, metadata: { name: about.name, creationTimestamp } });
  }
  expect(codesOf(await ask(world))).toEqual(['rebuild-needless dbaas/pg-cluster']);
});

describe('the words', () => {
  test('rebuild is no database, and the longer command is the one that is meant', () => {
    const call = calledBy(['restore', 'postgres', 'rebuild', 'from', DUMP], runbooks);
    expect(call && { id: call.called.id, takes: call.takes }).toEqual({ id: 'rebuild-postgres', takes: 3 });
    expect(calledBy(['restore', 'postgres', 'linkwarden'], runbooks)?.called.id).toBe('restore-postgres');
  });

  test.each([[[]], [['from']], [['from', '../x']], [['of', DUMP]], [['from', DUMP, 'without-copy']]])(
    '%j is refused, and nothing is looked at',
    async (words) => {
      const asked: string[] = [];
      const world = worldIn('postgres-rebuild-lost');
      const look = async () => lookAt(world, { runbook: rebuildPostgres, words, onAsk: (line) => asked.push(line) });
      await expect(look()).rejects.toThrow(/\b(must follow|is missing|is no name of a file|may follow)\b/);
      expect(asked).toEqual([]);
    },
  );
});

describe('where the configuration does not say what would make the cluster anew', () => {
  test.each(['stack', 'terraform'] as const)('without %s it is refused before anything is looked at', async (without) => {
    const world = worldIn('postgres-rebuild-lost');
    const { terraform, databases, ...site } = labSite(world);
    const { stack: _stack, ...postgres } = databases?.postgres ?? {};
    const bare = {
      stack: { ...site, ...(terraform && { terraform }), databases: { ...databases, postgres } } as Site,
      terraform: { ...site, ...(databases && { databases }) },
    };
    const asked: string[] = [];
    const look = async () =>
      lookAt(world, { runbook: rebuildPostgres, words: ['from', DUMP], site: bare[without], onAsk: (line) => asked.push(line) });
    await expect(look()).rejects.toThrow(without === 'stack' ? /databases\.postgres\.stack/ : /site\.terraform/);
    expect(asked).toEqual([]);
  });
});
