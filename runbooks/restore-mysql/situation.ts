import { podsOfNamespace } from '../../src/commands/cluster.ts';
import type { Pod } from '../../src/commands/cluster-objects.ts';
import { groupMembers, mysqlSessions, mysqlState } from '../../src/commands/mysql.ts';
import type { MysqlDatabase } from '../../src/commands/mysql-databases.ts';
import { mysqlDatabases } from '../../src/commands/mysql-databases.ts';
import type { Script, ScriptJob } from '../../src/commands/script-job.ts';
import { scriptJob } from '../../src/commands/script-job.ts';
import { workNamed } from '../../src/commands/work.ts';
import type { Read } from '../../src/core/command.ts';
import type { MysqlSite } from '../../src/core/databases.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Hold } from '../../src/core/hold.ts';
import { changes, uses } from '../../src/core/hold.ts';
import type { Check } from '../../src/core/plan.ts';
import { check } from '../../src/core/plan.ts';
import { nothingAnnounced } from '../../src/repairs/preflight.ts';
import { isOf } from '../../src/topology/mysql-look.ts';
import { isLiving } from '../../src/topology/stopped-users.ts';
import type { Code } from './codes.ts';
import type { Facts, LookedInto, ServerFacts } from './facts.ts';

export interface Situation {
  readonly facts: Facts;
  readonly server: ServerFacts;
  readonly because: Finding<Code>;
  readonly workName: string;
  /** The dump that was chosen; absent once it was loaded and has gone since. */
  readonly chosen?: LookedInto;
}

export const BACKUPS_AT = '/backup';

interface DatabaseJob extends Pick<ScriptJob, 'deadlineS' | 'risk'> {
  readonly script: Script;
  /** What follows server, user and database. */
  readonly args: readonly string[];
  readonly progress?: Read<string>;
  /** Whether it reads the dumps, or writes a file beside them. */
  readonly backups?: 'reads' | 'writes';
}

export function databaseJob({ facts, workName }: Situation, label: string, { script, args, backups, ...job }: DatabaseJob) {
  const { mysql } = facts.look;
  return scriptJob({
    ...job,
    namespace: mysql.namespace,
    name: workNamed(workName, label),
    image: mysql.image,
    script,
    args: [mysql.host, 'root', facts.asked.database, ...args],
    environment: { MYSQL_PWD: mysql.secret },
    claims: backups === undefined ? [] : [{ claim: mysql.backups.claim, at: BACKUPS_AT, readOnly: backups === 'reads' }],
    memory: '256Mi',
  });
}

export function databaseHold({ look: { mysql } }: Facts, name: string): string {
  return `${mysql.namespace}/${mysql.cluster}/${name}`;
}

export function serverHolds({ look: { mysql } }: Facts): readonly Hold[] {
  return [
    uses('database-server', `${mysql.namespace}/${mysql.cluster}`),
    uses('pvc', `${mysql.namespace}/${mysql.backups.claim}`),
    uses('backups', mysql.backups.path),
  ];
}

export function changesDatabase(facts: Facts, name: string): Hold {
  return changes('database', databaseHold(facts, name));
}

/** The nightly dump, or other work with the dumps, that has not ended. */
export function usesDumps({ backups: { claim } }: MysqlSite, pod: Pod): boolean {
  const mounts = pod.spec.volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claim);
  return mounts && isLiving(pod);
}

/** Before each change but the last, which lets people work again: nothing else works there, and nothing is announced. */
export function quiet({ facts, server }: Pick<Situation, 'facts' | 'server'>): readonly [Check, ...Check[]] {
  return [noJobUsesDumps(facts), ...primaryStays(server), ...nothingAnnounced(facts.alerts)];
}

function noJobUsesDumps({ look: { mysql } }: Facts): Check {
  return check('No job has the dumps mounted', podsOfNamespace(mysql.namespace), (all) =>
    all.every((pod) => !usesDumps(mysql, pod)),
  );
}

/** By the word of the group and by its own. */
export function primaryStays({ primary: { pod, server } }: ServerFacts): readonly Check[] {
  return [
    check(`${pod.name} is the primary of a group with a majority`, groupMembers(server), (members) => {
      const online = members.filter(({ state }) => state === 'ONLINE');
      return online.length * 2 > members.length && online.some((member) => member.role === 'PRIMARY' && isOf(member, pod));
    }),
    check(
      `${pod.name} takes writes`,
      mysqlState(server),
      ({ readOnly, superReadOnly, offline }) => !readOnly && !superReadOnly && !offline,
    ),
  ];
}

export function databasesAre({ primary }: ServerFacts, says: string, holds: (all: readonly MysqlDatabase[]) => boolean): Check {
  return check(says, mysqlDatabases(primary.server), holds);
}

/** Of a database, the number of its tables; 0 where there is none of this name. */
export function tablesOf(all: readonly MysqlDatabase[], name: string): number {
  return all.find((each) => each.name === name)?.tables ?? 0;
}

export function nobodyConnected({ primary }: ServerFacts, database: string): Check {
  return check(`Nobody is connected to ${database}`, mysqlSessions(primary.server), (all) =>
    all.every((session) => session.database !== database),
  );
}
