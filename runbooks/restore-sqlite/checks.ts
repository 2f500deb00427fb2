import { sqliteBackup } from '../../src/commands/backup-dumps.ts';
import * as cluster from '../../src/commands/cluster.ts';
import { sqliteJobs, sqliteJobsWithoutEffect } from '../../src/commands/sqlite-scripts.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import { usersOfKind } from '../../src/commands/workload-volumes.ts';
import { commandLine } from '../../src/core/command.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Hold } from '../../src/core/hold.ts';
import { uses } from '../../src/core/hold.ts';
import type { Check, CheckResult } from '../../src/core/plan.ts';
import { check } from '../../src/core/plan.ts';
import type { SqliteBacking } from '../../src/topology/sqlite-look.ts';
import { isLiving, nameOf, userRuns } from '../../src/topology/stopped-users.ts';
import type { Candidate, Choice, Facts } from './facts.ts';
import { baseOf } from './gather.ts';
import { type Stage, stageOf } from './stage.ts';
import { isStoppedForThis, notedAfter, type Using } from './users.ts';

/** What every step is planned from: all of it was seen. */
export interface Situation {
  readonly facts: Facts;
  readonly backing: Extract<SqliteBacking, { readonly found: true }>;
  readonly choice: Choice;
  readonly stage: Stage;
  readonly using: Using;
  readonly image: string;
  /** Of a restore. */
  readonly backup?: { readonly candidate: Candidate; readonly claim: string; readonly rows: Readonly<Record<string, number>> };
  readonly because: Finding;
  readonly workName: string;
}

/** As the bot left it, with its note, or as somebody else had stopped it before. */
export function stays(user: User, facts: Facts): Check {
  const { runs, ranBefore, stoppedFor } = user;
  const isOurs = isStoppedForThis(facts, user);
  return userRuns(user, {
    runs,
    ...(ranBefore !== undefined && { ranBefore }),
    ...(isOurs && stoppedFor !== undefined && { stoppedFor }),
  });
}

/** A claim that somebody deleted goes with its last pod. */
export function claimStays({ facts, backing: { volume } }: Situation): Check {
  const { namespace } = facts.look.sqlite;
  const says = `${namespace}/${volume.name} has ${volume.persistentVolume}, and is not being deleted`;
  return check(says, cluster.persistentVolumeClaims(), (all) =>
    all.some(
      (now) => now.namespace === namespace && now.name === volume.name && now.volume === volume.persistentVolume && !now.isGoing,
    ),
  );
}

/** A volume that the workload does not mount takes a restore as well, and nothing changes. */
export function claimIsNamed({ facts, backing: { workload, volume }, using }: Situation): readonly Check[] {
  const { namespace, volume: volumeName } = facts.look.sqlite;
  const user = using.users.find(({ kind, name }) => kind === workload.kind && name === workload.name);
  if (user === undefined || user.volumes.every(({ name }) => name !== volumeName)) return [];
  return [
    check(`${nameOf(user)} has the claim ${volume.name} as its ${volumeName}`, usersOfKind(user.kind), (all) =>
      all.some(
        (now) =>
          now.namespace === namespace &&
          now.name === user.name &&
          now.volumes.some((each) => each.name === volumeName && each.persistentVolumeClaim?.claimName === volume.name),
      ),
    ),
  ];
}

export function noPodUses({ facts, backing: { volume } }: Situation): Check {
  const { namespace } = facts.look.sqlite;
  return check(`No pod uses ${namespace}/${volume.name}`, cluster.pods(), (all) =>
    all.every(
      (pod) =>
        pod.namespace !== namespace ||
        !isLiving(pod) ||
        pod.spec.volumes.every(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName !== volume.name),
    ),
  );
}

export function backupStays({ facts, backup }: Situation): readonly Check[] {
  if (backup === undefined) return [];
  const { candidate, rows } = backup;
  const { sqlite } = facts.look;
  const read = sqliteBackup(facts.site.nas.host, `${candidate.file.path}/${baseOf(sqlite)}`, sqlite.tables);
  const entries = Object.entries(rows);
  return [
    check(
      `${candidate.file.path} is whole, with the rows that it had`,
      read,
      (now) => now.integrity === 'ok' && entries.every(([table, count]) => now.rows[table] === count),
    ),
  ];
}

export function stageIs(situation: Situation, says: string, holds: (stage: Stage) => boolean): Check {
  const { facts, backing, choice } = situation;
  const { namespace, file } = facts.look.sqlite;
  const wanted = { choice, after: afterOf(situation) };
  return check(says, sqliteJobs(namespace), (jobs) => holds(stageOf(jobs, { claim: backing.volume.name, file }, wanted)));
}

/** Nothing that a Job of the bot did is in its place, or half of it: a Job that failed counts unless it said that it had changed nothing. */
export function isAsBefore({ facts, backing, choice, stage, using }: Situation): Check {
  const { namespace, file } = facts.look.sqlite;
  const [jobs, idle] = [sqliteJobs(namespace), sqliteJobsWithoutEffect(namespace)];
  const wanted = { choice, after: afterOf({ facts, stage, using }) };
  return {
    says: 'What was there before has its place',
    line: `${commandLine(jobs.command)}; ${commandLine(idle.command)}`,
    holds: async (read): Promise<CheckResult> => {
      const [all, without] = await Promise.all([read(jobs), read(idle)]);
      if (!all.known) return { answer: 'unknown', seen: all };
      if (!without.known) return { answer: 'unknown', seen: without };
      const effective = all.value.filter(({ name, state }) => state !== 'failed' || !without.value.has(name));
      const now = stageOf(effective, { claim: backing.volume.name, file }, wanted);
      return { answer: now.is === 'untouched' ? 'yes' : 'no', seen: all };
    },
  };
}

/** The Job that had done this before the database was damaged again. */
export function afterOf({ facts, stage, using }: Pick<Situation, 'facts' | 'stage' | 'using'>): string | undefined {
  return stage.is === 'untouched' ? stage.after : notedAfter(facts, using);
}

export function both(first: Check, second: Check): Check {
  return {
    says: `${first.says}; ${second.says}`,
    line: `${first.line}; ${second.line}`,
    holds: async (read) => {
      const seen = await first.holds(read);
      return seen.answer === 'yes' ? second.holds(read) : seen;
    },
  };
}

export function holdsBeside({ facts, backing: { volume } }: Situation): readonly Hold[] {
  return [uses('pvc', `${facts.look.sqlite.namespace}/${volume.name}`)];
}
