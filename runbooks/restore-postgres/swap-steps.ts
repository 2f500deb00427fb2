import type { PgDatabase } from '../../src/commands/postgres.ts';
import { postgresDatabases } from '../../src/commands/postgres.ts';
import { POSTGRES_SWAP } from '../../src/commands/postgres-scripts.ts';
import { changes, uses } from '../../src/core/hold.ts';
import type { Check, Step, Undo, Verification } from '../../src/core/plan.ts';
import { verify, within } from '../../src/core/plan.ts';
import { startDependants, stopDependants } from '../../src/repairs/dependants.ts';
import { announcementsUnseen } from '../../src/repairs/preflight.ts';
import type { Dependant } from '../../src/topology/dependants.ts';
import { userRuns } from '../../src/topology/stopped-users.ts';
import { reasonOf } from './gather.ts';
import { waitingFor } from './restored.ts';
import type { Situation } from './situation.ts';
import {
  databaseHold,
  databaseJob,
  databasesAre,
  jobHolds,
  liveIs,
  nameIsFree,
  noJobUsesDumps,
  primaryStays,
  quiet,
  serverHold,
} from './situation.ts';
import { asideName, undoneName } from './state.ts';

const UNTIL = 'the restore has ended';
/** The script tries three times, for less than a minute each. */
const DEADLINE_S = 300;
const WITHIN_MS = (DEADLINE_S + 120) * 1_000;

export function stopSteps(situation: Situation, running: readonly Dependant[]): readonly Step[] {
  const { because, stage, facts, target } = situation;
  const made = 'made' in stage ? [isWaiting(situation, stage.made)] : [];
  return stopDependants({
    users: running,
    because,
    before: [...made, ...quiet(situation)],
    holds: [uses('database', databaseHold(situation)), uses('database-server', serverHold(situation))],
    stoppedFor: reasonOf(facts.postgres, target.name),
    until: UNTIL,
    undoBefore: [liveIs(situation, stage.live)],
  });
}

function isWaiting(situation: Situation, { name, oid, comment }: PgDatabase): Check {
  return databasesAre(situation, `${name} is the restored database (oid ${oid}), whole, and takes no connections`, (all) =>
    all.some((each) => each.name === name && each.oid === oid && each.comment === comment && !each.allowsConnections),
  );
}

/** The name goes from the one to the other in one transaction, by the numbers that were approved. */
export function swapStep(situation: Situation, made: PgDatabase): Step {
  const { because, target, stage, workName } = situation;
  const { live } = stage;
  const { name } = target;
  const aside = asideName(name, workName);
  const stopped = target.dependants.users.map((user) =>
    userRuns(user, { runs: 0, ...(user.runs > 0 ? { ranBefore: user.runs } : noteOf(user)) }),
  );
  const forth = databaseJob(situation, 'swap', {
    script: POSTGRES_SWAP,
    args: [name, aside, `${live?.oid ?? 0}`, made.name, `${made.oid}`, 'shut'],
    deadlineS: DEADLINE_S,
    risk: 'destructive',
  });
  const kept = live === undefined ? '' : `; ${name} until now is ${aside}, and takes no connections`;
  return {
    title: `Give the name ${name} to ${made.name}`,
    because,
    before: [liveIs(situation, live), isWaiting(situation, made), nameIsFree(situation, aside), ...stopped, ...quiet(situation)],
    change: forth.change,
    work: forth.work,
    after: named(situation, `${name} is the restored database (oid ${made.oid})${kept}`, [
      { name, oid: made.oid, allowsConnections: true },
      ...(live === undefined ? [] : [{ name: aside, oid: live.oid, allowsConnections: false }]),
    ]),
    undo: swapBack(situation, made),
    holds: [...jobHolds(situation), ...(live === undefined ? [] : [changes('database', `${serverHold(situation)}/${aside}`)])],
    warnings: [
      `From then on applications get what the dump has: what was written to ${name} since the dump stays in ${aside}, which is kept, and which the nightly dumps leave out.`,
      'All sessions of both databases are ended once. Programs that were not stopped connect again, to the restored one.',
      ...waitingFor(target.dependants).map(
        (who) =>
          `Nobody stops whoever is ${who}. If one of them uses ${name}, name it under dependants in the configuration and ask again.`,
      ),
      'A second person must approve it.',
      ...announcementsUnseen(situation.facts.alerts),
    ],
  };
}

/** As `aside` the one from before may have been opened by somebody who looked into it: it gets its name back all the same. */
function swapBack(situation: Situation, made: PgDatabase): Undo {
  const { target, stage, workName } = situation;
  const { live } = stage;
  const { name } = target;
  const [aside, undone] = [asideName(name, workName), undoneName(name, workName)];
  const { change } = databaseJob(situation, 'swap-back', {
    script: POSTGRES_SWAP,
    args: [name, undone, `${made.oid}`, live === undefined ? '' : aside, `${live?.oid ?? 0}`, 'any'],
    deadlineS: DEADLINE_S,
    risk: 'destructive',
  });
  const has = live === undefined ? `No database is named ${name}` : `${name} is the database from before (oid ${live.oid})`;
  return {
    change,
    before: [
      isNamed(situation, { name, oid: made.oid, says: `${name} is the restored database (oid ${made.oid})` }),
      ...(live === undefined
        ? []
        : [isNamed(situation, { name: aside, oid: live.oid, says: `${aside} is the one from before (oid ${live.oid})` })]),
      nameIsFree(situation, undone),
      noJobUsesDumps(situation),
      ...primaryStays(situation),
    ],
    after: named(situation, `${has}; the restored one is ${undone}, and takes no connections`, [
      { name: undone, oid: made.oid, allowsConnections: false },
      ...(live === undefined ? [] : [{ name, oid: live.oid, allowsConnections: true }]),
    ]),
    warnings: [`What was written to ${name} since the swap stays in ${undone} alone: nothing of it comes into ${name}.`],
  };
}

function isNamed(situation: Situation, { name, oid, says }: Pick<PgDatabase, 'name' | 'oid'> & { readonly says: string }): Check {
  return databasesAre(situation, says, (all) => all.some((each) => each.name === name && each.oid === oid));
}

function noteOf({ ranBefore }: Dependant) {
  return ranBefore === undefined ? {} : { ranBefore };
}

type Named = Pick<PgDatabase, 'name' | 'oid' | 'allowsConnections'>;

function named({ primary }: Situation, says: string, wanted: readonly Named[]): Verification {
  return within(
    WITHIN_MS,
    verify(says, postgresDatabases(primary.container), (all) =>
      wanted.every(({ name, oid, allowsConnections }) =>
        all.some((each) => each.name === name && each.oid === oid && each.allowsConnections === allowsConnections),
      ),
    ),
  );
}

/** Who uses the database runs again, whichever it is that has the name now. */
type Starting = Pick<Situation, 'because' | 'facts' | 'primary' | 'target'> & { readonly live: PgDatabase | undefined };

export function startSteps(situation: Starting, stopped: readonly Dependant[]): readonly Step[] {
  const { because, live, facts, target } = situation;
  return startDependants({
    users: stopped,
    because,
    before: [liveIs(situation, live), ...primaryStays(situation)],
    holds: [uses('database', databaseHold(situation)), uses('database-server', serverHold(situation))],
    stoppedFor: reasonOf(facts.postgres, target.name),
    undoBefore: [liveIs(situation, live)],
    undoWarnings: () => [`What it wrote since then stays in the database that has the name ${target.name} now.`],
  });
}
