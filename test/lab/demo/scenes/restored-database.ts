import { APPROVE } from '../../../../src/slack/decision-value.ts';
import { TYPED } from '../../../../src/slack/modals.ts';
import { at } from '../../kubernetes/store.ts';
import { scenarioNamed } from '../../scenarios/index.ts';
import { kind } from '../../site/volumes.ts';
import type { World } from '../../site/world.ts';
import type { LabMessage } from '../../slack/index.ts';
import type { Play, Scene } from '../scene.ts';
import { APPROVER, CHANGES, SECOND_APPROVER, VISITOR } from '../workspace.ts';

const NAME = 'linkwarden';
const HOLD = `dbaas/pg-cluster/${NAME}`;
const DUMP = 'dump_2026_04_03_00_00.sql.gz';
const LINKS = 'public."Link"';
const DEPLOYMENTS = kind('apps/v1', 'deployments');

/** Asked again after the first of its three rounds: the state is read from the servers, and nothing is restored twice. */
export const restoredDatabase: Scene = async (play) => {
  const { tour, transcript, stage } = play;
  const { world } = stage.site;
  transcript.scene('Rows of a database are gone; a dump was restored beside it, and somebody else goes on');
  tour.goTo(CHANGES);
  scenarioNamed('postgres-restore-beside').prepare(world);
  world.longWork.runsMs = 2_000;
  const before = { executed: tour.executed.length, runs: replicasOf(world), old: databaseNamed(world, NAME) };
  const root = await tour.start(VISITOR, `/storage restore postgres ${NAME} from ${DUMP}`);
  transcript.contains('it is recognised: it was compared with the dump, and nobody could change it since', {
    text: await tour.sees(root, 'restored-beside'),
    parts: [
      'has all that the dump has of linkwarden, table for table, and nobody could connect to it since',
      '1919 rows',
      '80 rows',
    ],
  });
  await approved(play, root);
  transcript.isTrue('the application is stopped', replicasOf(world) === 0);
  await swapped(play, root);
  await approved(play, root);
  await tour.becomes(root, 'the diagnosis ran again after the change');
  const done = tour.executed.slice(before.executed);
  transcript.isTrue('nothing was restored twice: one Job swapped the names', done.filter(isJob).length === 1);
  transcript.isTrue('the rows of the dump are there', databaseNamed(world, NAME).tables[LINKS] === 1_842);
  const kept = [...databasesOf(world)].filter(([name, database]) => name !== NAME && database === before.old);
  transcript.isTrue('the database from before is kept, and takes no connections', kept[0]?.[1].allowsConnections === false);
  transcript.isTrue('the application runs as before', replicasOf(world) === before.runs);
};

async function approved({ tour }: Play, root: LabMessage): Promise<void> {
  const offer = await tour.offered(root);
  for (const person of [APPROVER, SECOND_APPROVER]) await tour.approve(person, offer);
  await tour.becomes(offer, 'done and verified');
}

/** Destructive: each of the two types the name of what is changed. */
async function swapped({ tour, transcript }: Play, root: LabMessage): Promise<void> {
  const offer = await tour.offered(root);
  const approve = { id: APPROVE, words: 'Approve' };
  await tour.opens(APPROVER, offer, approve);
  const { errors } = await tour.tries(APPROVER, 'yes', TYPED);
  transcript.isTrue('the window wants the name of the database, and nothing else', errors?.[TYPED] !== undefined);
  await tour.gives(APPROVER, HOLD, TYPED);
  await tour.opens(SECOND_APPROVER, offer, approve);
  await tour.gives(SECOND_APPROVER, HOLD, TYPED);
  await tour.becomes(offer, 'done and verified');
}

function isJob(line: string): boolean {
  return line.startsWith('POST ') && line.endsWith('/jobs');
}

function databasesOf({ databases: { postgres } }: World) {
  if (postgres === undefined) throw new Error('the site has no PostgreSQL');
  return postgres.databases;
}

function databaseNamed(world: World, name: string) {
  const database = databasesOf(world).get(name);
  if (database === undefined) throw new Error(`there is no database ${name}`);
  return database;
}

function replicasOf({ store }: World): unknown {
  return at(store.get({ resource: DEPLOYMENTS, namespace: NAME, name: NAME }), 'spec', 'replicas');
}
