import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome, knownOf, notSeen, ok, together } from '../../src/core/finding.ts';
import type { Seen } from '../../src/core/reading.ts';
import { isOfApplication } from '../../src/topology/postgres-dumps.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { At } from './at.ts';
import type { Code } from './codes.ts';
import { givenBack } from './doors.ts';
import type { Facts } from './facts.ts';
import { listed, writtenAt } from './listed.ts';
import { noPrimary } from './no-primary.ts';
import { obstacles } from './obstacles.ts';
import { leftBehind, looksOf, once, restored, restoredOf, usersOf } from './restored.ts';
import { amountOf } from './rows.ts';
import { stageOf } from './state.ts';
import { dumpProblem } from './unfit.ts';

type Part = Diagnosis<Code>;

export function diagnose(facts: Facts): Part {
  const unseen: Part = { evidence: notSeen('Cluster and dumps', allLooks(facts)), findings: [] };
  if (facts.asked.what === 'list') {
    const noServer = facts.server === undefined ? (noPrimary(facts) ?? NOTHING) : NOTHING;
    return together<Code>([unseen, noServer, listed(facts)]);
  }
  const isBlind = unseen.evidence.length > 0;
  return together<Code>([unseen, noPrimary(facts) ?? restored(facts, isBlind) ?? wanted(facts, isBlind)]);
}

/** Everything that a plan would be made from: of the servers the primary, and all of them where there is none. */
function allLooks(facts: Facts): readonly Seen<unknown>[] {
  const { look, server, files, clock, dumps, target } = facts;
  const again = restoredOf(facts);
  if (again !== undefined) return looksOf(again);
  const ofTarget = target === undefined ? [] : [target.sessions, ...target.dependants.seen];
  const ofServer = server === undefined ? [] : [server.databases, server.roles, server.space];
  const states = 'state' in look.primary ? [look.primary.state] : look.instances.flatMap(({ state }) => state ?? []);
  return [look.clusters, look.pods, ...states, ...ofServer, files, clock, ...dumps.map(({ dump }) => dump), ...ofTarget];
}

function wanted(facts: Facts, isBlind: boolean): Part {
  const problem = dumpProblem(facts);
  if (problem !== undefined) return problem;
  const at = placeOf(facts);
  if (at === undefined) return allDone(facts);
  const back = isBlind ? undefined : givenBack(at);
  if (back !== undefined) return together<Code>([leftBehind(at), back]);
  const inTheWay = obstacles(at);
  const isClear = !isBlind && inTheWay.findings.length === 0;
  return together<Code>([inTheWay, leftBehind(at), isClear ? progress(at) : NOTHING]);
}

/** Undefined while something is not known, and where it is restored. */
export function placeOf(facts: Facts): At | undefined {
  const { look, files, dumps, server, target } = facts;
  const [looked] = dumps;
  if (!('container' in look.primary) || looked?.dump.known !== true || !files.known) return undefined;
  if (server?.databases.known !== true || target === undefined) return undefined;
  const own = looked.dump.value.databases.find(({ name }) => name === target.name);
  if (own === undefined) return undefined;
  const stage = stageOf(target.name, looked.file, server.databases.value);
  if (stage.is === 'restored') return undefined;
  const owner = stage.live?.owner ?? own.owner;
  const { primary } = look;
  return { facts, primary, files, file: looked.file, dump: looked.dump, databases: server.databases, target, own, stage, owner };
}

function allDone({ asked, dumps, server, look }: Facts): Part {
  const [looked] = dumps;
  if (asked.what !== 'all' || looked?.dump.known !== true || server?.databases.known !== true || !look.pods.known) return NOTHING;
  const names = looked.dump.value.databases.map(({ name }) => name).filter(isOfApplication);
  return told(ok(`All of ${names.join(', ')} are what ${looked.file.name} has of them`, looked.dump, server.databases));
}

const CODE = { untouched: 'not-restored', beside: 'restored-beside' } as const;

const REMEDY: Readonly<Record<'not-restored' | 'restored-beside', string>> = {
  'not-restored': 'Keep a copy of it as it is now, and restore the dump beside it. Nothing that is there is changed by that.',
  'restored-beside':
    'Stop who uses it, and give its name to the restored one. The one that is there now is kept under another name.',
};

/** How far the restore is; asked only where all was seen and nothing is in the way. */
function progress(at: At): Part {
  const { facts, stage, target, file, own } = at;
  const says = [
    SAYS[stage.is](at),
    `${file.name} was written ${writtenAt(file, facts.clock)} and has ${amountOf(own)} of it${nowHas(at)}`,
    usersOf(target),
  ].join('; ');
  const seen = knownOf(allLooks(facts));
  if (!isSome(seen)) return NOTHING;
  const code = CODE[stage.is];
  return found({ code, subject: target.name, says, remedy: REMEDY[code], doNot: DO_NOT, seen: once(seen) });
}

const DO_NOT =
  'Do not load the whole dump with psql: it appends its rows to the tables that are there, sets back the passwords of all roles, and ends with 0.';

const SAYS: Readonly<Record<At['stage']['is'], (at: At) => string>> = {
  untouched: ({ target: { name }, stage: { live } }) =>
    live === undefined ? `${name} is not there` : `${name} is still the database from before (oid ${live.oid})`,
  beside: ({ target: { name }, stage }) =>
    `${'made' in stage ? stage.made.name : ''} has all that the dump has of ${name}, table for table, and nobody could connect to it since`,
};

function nowHas({ target: { now } }: At): string {
  if (now === undefined) return '';
  if (!now.known) return '; what it has now could not be counted';
  return `; what is used now has ${now.value.reduce((sum, { rows }) => sum + rows, 0)} rows in ${now.value.length} tables, and what was written since the dump is in that alone`;
}
