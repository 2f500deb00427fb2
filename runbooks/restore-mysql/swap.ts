import type { MysqlDatabase } from '../../src/commands/mysql-databases.ts';
import { mysqlDatabases } from '../../src/commands/mysql-databases.ts';
import { SWAP } from '../../src/commands/mysql-scripts.ts';
import type { Check, Step, Undo } from '../../src/core/plan.ts';
import { noUndo, verify, within } from '../../src/core/plan.ts';
import { startDependants, stopDependants } from '../../src/repairs/dependants.ts';
import { announcementsUnseen } from '../../src/repairs/preflight.ts';
import type { Dependant } from '../../src/topology/dependants.ts';
import { noPodLeft, runsNow } from '../../src/topology/stopped-users.ts';
import type { Situation } from './situation.ts';
import {
  changesDatabase,
  databaseJob,
  databasesAre,
  nobodyConnected,
  primaryStays,
  quiet,
  serverHolds,
  tablesOf,
} from './situation.ts';
import { asideName, reasonOf, stoppedFor } from './state.ts';
import { hasTables } from './steps.ts';

/** A rename waits ten seconds for whoever has a table open; the rest is for the pod to start. */
const SWAP_S = 180;

interface Pair {
  readonly made: MysqlDatabase;
  readonly live?: MysqlDatabase;
}

/** Whoever uses it stops, and the tables change places. */
export function swapSteps(situation: Situation, pair: Pair): readonly Step[] {
  const { facts, server, because } = situation;
  const running = server.dependants.users.filter(({ runs }) => runs > 0);
  const stops = stopDependants({
    users: running,
    because,
    before: [...quiet(situation), hasTables(situation, pair.made.name, pair.made.tables)],
    holds: serverHolds(facts),
    stoppedFor: reasonOf(facts.look.mysql, facts.asked.database),
    until: `${facts.asked.database} has the restored tables`,
    // Not while the restored tables are in use: first these go back.
    undoBefore: [hasTables(situation, pair.made.name, pair.made.tables)],
  });
  return [...stops, swapStep(situation, pair)];
}

function swapStep(situation: Situation, { made, live }: Pair): Step {
  const { facts, server, because } = situation;
  const { database } = facts.asked;
  const aside = asideName(made.name);
  const users = server.dependants.users;
  return {
    title: `Swap: the tables of ${made.name} become ${database}`,
    because,
    before: [
      ...quiet(situation),
      hasTables(situation, made.name, made.tables),
      hasTables(situation, database, live?.tables ?? 0),
      hasTables(situation, aside, 0),
      ...users.map((user) => noPodLeft(user, stoppedState(situation, user))),
      nobodyConnected(server, database),
    ],
    ...databaseJob(situation, 'swap', { script: SWAP, args: [made.name, aside], deadlineS: SWAP_S, risk: 'destructive' }),
    after: within((SWAP_S + 60) * 1000, {
      ...verify(
        `${database} has the ${made.tables} restored tables, and ${aside} those of before`,
        mysqlDatabases(server.primary.server),
        (all) =>
          tablesOf(all, database) === made.tables &&
          tablesOf(all, made.name) === 0 &&
          tablesOf(all, aside) === (live?.tables ?? 0),
      ),
    }),
    undo: swapBack(situation, { made, ...(live && { live }) }),
    holds: [
      changesDatabase(facts, database),
      changesDatabase(facts, made.name),
      changesDatabase(facts, aside),
      ...serverHolds(facts),
    ],
    warnings: [...(users.length === 0 ? [NOBODY_KNOWN] : []), ...swapWarnings(aside), ...announcementsUnseen(facts.alerts)],
  };
}

function swapWarnings(aside: string): readonly string[] {
  return [
    `What was written after the dump was made is not in the restored tables; it stays in ${aside} until a person drops that.`,
    'It is one RENAME TABLE: done as a whole, or not at all. Rights are by the name of the database, and stay.',
    'A password that Vault has rotated since stays as it is: nothing has to be rotated for this.',
  ];
}

const NOBODY_KNOWN =
  'Nobody is known to use it, by the configuration or by a session, so nobody is stopped: who connects for each request finds the restored tables from one moment to the next.';

/** What the stop leaves it as; who ran none before is as it was. */
function stoppedState({ facts }: Situation, user: Dependant) {
  if (user.runs > 0) return { runs: 0, ranBefore: user.runs, stoppedFor: reasonOf(facts.look.mysql, facts.asked.database) };
  return { ...runsNow(user), stoppedFor: user.stoppedFor ?? null };
}

/** The same script with both names exchanged: what was written since goes back beside. */
function swapBack(situation: Situation, { made, live }: Pair): Step['undo'] {
  const { facts, server } = situation;
  const { database } = facts.asked;
  const aside = asideName(made.name);
  if (live === undefined) return noUndo(`There was no ${database} before. A person who does not want it drops it.`);
  const { change } = databaseJob(situation, 'swap-back', {
    script: SWAP,
    args: [aside, made.name],
    deadlineS: SWAP_S,
    risk: 'high',
  });
  const before: readonly [Check, ...Check[]] = [
    databasesAre(
      server,
      `${aside} has the tables of before, and ${made.name} none`,
      (all) => tablesOf(all, aside) === live.tables && tablesOf(all, made.name) === 0,
    ),
    nobodyConnected(server, database),
    ...primaryStays(server),
  ];
  const undo: Undo = {
    change,
    before,
    after: within(
      (SWAP_S + 60) * 1000,
      verify(
        `${database} has the tables of before`,
        mysqlDatabases(server.primary.server),
        (all) => tablesOf(all, database) === live.tables && tablesOf(all, aside) === 0,
      ),
    ),
    warnings: [`What was written since the swap is then in ${made.name}, and not used.`],
  };
  return undo;
}

/** As they ran before, once the restored tables are in their place. */
export function startSteps(situation: Situation, { made, live }: Required<Pair>): readonly Step[] {
  const { facts, server, because } = situation;
  return startDependants({
    users: stoppedFor(server),
    because,
    before: [hasTables(situation, live.name, live.tables), hasTables(situation, made.name, 0), ...primaryStays(server)],
    holds: serverHolds(facts),
    stoppedFor: reasonOf(facts.look.mysql, facts.asked.database),
    undoBefore: [hasTables(situation, made.name, 0)],
    undoWarnings: () => ['What it wrote since is in the tables that it used then.'],
  });
}
