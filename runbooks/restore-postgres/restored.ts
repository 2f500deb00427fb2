import type { PgDatabase } from '../../src/commands/postgres.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { isSome, knownOf, ok, together } from '../../src/core/finding.ts';
import type { Known, Seen } from '../../src/core/reading.ts';
import { howFound } from '../../src/topology/dependants.ts';
import type { PostgresPrimary } from '../../src/topology/postgres-look.ts';
import { nameOf } from '../../src/topology/stopped-users.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts, TargetFacts } from './facts.ts';
import { stopped } from './gather.ts';
import type { Dumped, Stage } from './state.ts';
import { leftovers, restoredFrom, stageOf } from './state.ts';

type Part = Diagnosis<Code>;

/** A database that is what was asked for, as its own mark tells: the dump, and the NAS, are no longer needed. */
export interface Restored {
  readonly facts: Facts;
  readonly primary: PostgresPrimary;
  readonly databases: Known<readonly PgDatabase[]>;
  readonly target: TargetFacts;
  readonly file: Dumped;
  readonly stage: Extract<Stage, { is: 'restored' }>;
}

export function restoredOf(facts: Facts): Restored | undefined {
  const { asked, look, server, dumps, target } = facts;
  if (!('file' in asked) || !('container' in look.primary)) return undefined;
  if (server?.databases.known !== true || target === undefined) return undefined;
  const { databases } = server;
  const file = dumps[0]?.file ?? restoredFrom(target.name, asked.file, databases.value);
  const stage = file && stageOf(target.name, file, databases.value);
  if (file === undefined || stage?.is !== 'restored') return undefined;
  return { facts, primary: look.primary, databases, target, file, stage };
}

/** What the start of its users is planned from. */
export function looksOf({ facts: { look }, primary, databases, target }: Restored): readonly Seen<unknown>[] {
  return [look.clusters, look.pods, primary.state, databases, target.sessions, ...target.dependants.seen];
}

/** Undefined where it is not restored, or not known to be. */
export function restored(facts: Facts, isBlind: boolean): Part | undefined {
  const at = restoredOf(facts);
  if (at === undefined) return undefined;
  const { target, file } = at;
  const seen = knownOf(looksOf(at));
  if (isBlind || !isSome(seen)) return leftBehind(at);
  const says = `${target.name} is what was asked for: it was restored from ${file.name}; ${usersOf(target)}`;
  if (stopped(target).length === 0) return together<Code>([leftBehind(at), told(ok(says, ...seen))]);
  const remedy = 'Start who uses it as it ran before.';
  return together<Code>([leftBehind(at), found({ code: 'not-started', subject: target.name, says, remedy, seen: once(seen) })]);
}

/** Who uses it, for a person. */
export function usersOf({ dependants, sessions }: TargetFacts): string {
  const users = dependants.users.map((user) => `${nameOf(user)} (runs ${user.runs}; ${howFound(user)})`);
  const clients = sessions.known ? sessions.value.length : 0;
  return [`users: ${users.join(', ') || 'none that is known'}`, `${clients} sessions`, ...waitingFor(dependants)].join('; ');
}

/** Who may use it for all that is known: nobody is stopped on that alone. */
export function waitingFor({ waiting }: TargetFacts['dependants']): readonly string[] {
  if (waiting.length === 0) return [];
  const names = waiting.map(({ subject, service }) => `${subject} (${service})`);
  return [`waiting for the server, and not known to use this database: ${names.join(', ')}`];
}

export function once(seen: Finding['seen']): Finding['seen'] {
  const [first, ...more] = seen;
  const others = new Map(more.filter(({ line }) => line !== first.line).map((each) => [each.line, each]));
  return [first, ...others.values()];
}

type Left = Pick<Restored, 'databases' | 'target' | 'file'> & { readonly stage: Stage };

export function leftBehind({ databases, target, file, stage }: Left): Part {
  const left = leftovers(target.name, file, databases.value);
  if (left.length === 0) return NOTHING;
  const names = left.map(({ name }) => name).join(', ');
  const says =
    stage.live === undefined
      ? `${target.name} is not there, and earlier restores left ${names}: see first whether one of them is what is missed, and drop none`
      : `Left by earlier restores, for a person to drop once nobody needs them: ${names}`;
  return told(ok(says, databases));
}
