import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { isSome, knownOf, notSeen, ok, together } from '../../src/core/finding.ts';
import type { Seen } from '../../src/core/reading.ts';
import { howFound } from '../../src/topology/dependants.ts';
import { nameOf } from '../../src/topology/stopped-users.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { At } from './at.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { stopped } from './gather.ts';
import { listed, writtenAt } from './listed.ts';
import { obstacles } from './obstacles.ts';
import { noPrimary, rebuild } from './rebuild.ts';
import { amountOf } from './rows.ts';
import { isOfApplication, leftovers, stageOf } from './state.ts';
import { dumpProblem } from './unfit.ts';

type Part = Diagnosis<Code>;

export function diagnose(facts: Facts): Part {
  const unseen: Part = { evidence: notSeen('Cluster and dumps', allLooks(facts)), findings: [] };
  if (facts.asked.what === 'list') return together<Code>([unseen, listed(facts)]);
  if (facts.asked.what === 'rebuild') return together<Code>([unseen, rebuild(facts)]);
  const without = noPrimary(facts);
  return together<Code>([unseen, without ?? wanted(facts, unseen.evidence.length > 0)]);
}

/** Everything that a plan would be made from: of the servers the primary, and all of them where there is none. */
export function allLooks({ look, server, files, clock, dumps, target }: Facts): readonly Seen<unknown>[] {
  const ofTarget =
    target === undefined ? [] : [target.sessions, ...target.dependants.seen, ...(target.beside ? [target.beside] : [])];
  const ofServer = server === undefined ? [] : [server.databases, server.roles, server.space];
  const states = 'state' in look.primary ? [look.primary.state] : look.instances.flatMap(({ state }) => state ?? []);
  return [look.clusters, look.pods, ...states, ...ofServer, files, clock, ...dumps.map(({ dump }) => dump), ...ofTarget];
}

function wanted(facts: Facts, isBlind: boolean): Part {
  const problem = dumpProblem(facts);
  if (problem !== undefined) return problem;
  const at = placeOf(facts);
  if (at === undefined) return allDone(facts);
  const inTheWay = at.stage.is === 'restored' ? NOTHING : obstacles(at);
  const isClear = !isBlind && inTheWay.findings.length === 0;
  return together<Code>([inTheWay, leftBehind(at), isClear ? progress(at) : NOTHING]);
}

/** Undefined while something is not known, and where nothing is left to do. */
export function placeOf(facts: Facts): At | undefined {
  const { look, files, dumps, server, target } = facts;
  const [looked] = dumps;
  if (!('container' in look.primary) || looked?.dump.known !== true || !files.known) return undefined;
  if (server?.databases.known !== true || target === undefined) return undefined;
  const own = looked.dump.value.databases.find(({ name }) => name === target.name);
  if (own === undefined) return undefined;
  const stage = stageOf(target.name, looked.file, server.databases.value);
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

function leftBehind({ databases, target, file }: At): Part {
  const left = leftovers(target.name, file, databases.value);
  if (left.length === 0) return NOTHING;
  const names = left.map(({ name }) => name).join(', ');
  return told(ok(`Left by earlier restores, for a person to drop once nobody needs them: ${names}`, databases));
}

const CODE = { untouched: 'not-restored', beside: 'restored-beside', restored: 'not-started' } as const;

const REMEDY: Readonly<Record<'not-restored' | 'restored-beside' | 'not-started', string>> = {
  'not-restored': 'Keep a copy of it as it is now, and restore the dump beside it. Nothing that is there is changed by that.',
  'restored-beside':
    'Stop who uses it, and give its name to the restored one. The one that is there now is kept under another name.',
  'not-started': 'Start who uses it as it ran before.',
};

/** How far the restore is; asked only where all was seen and nothing is in the way. */
function progress(at: At): Part {
  const { facts, stage, target, file, own } = at;
  const users = target.dependants.users.map((user) => `${nameOf(user)} (runs ${user.runs}; ${howFound(user)})`);
  const clients = target.sessions.known ? target.sessions.value.length : 0;
  const says = [
    SAYS[stage.is](at),
    `${file.name} was written ${writtenAt(file, facts.clock)} and has ${amountOf(own)} of it${nowHas(at)}`,
    `users: ${users.join(', ') || 'none that is known'}; ${clients} sessions`,
  ].join('; ');
  const seen = knownOf(allLooks(facts));
  if (!isSome(seen)) return NOTHING;
  if (stage.is === 'restored' && stopped(target).length === 0) return told(ok(says, ...seen));
  const code = CODE[stage.is];
  return found({ code, subject: target.name, says, remedy: REMEDY[code], doNot: DO_NOT, seen: once(seen) });
}

const DO_NOT =
  'Do not load the whole dump with psql: it appends its rows to the tables that are there, sets back the passwords of all roles, and ends with 0.';

const SAYS: Readonly<Record<At['stage']['is'], (at: At) => string>> = {
  untouched: ({ target: { name }, stage: { live } }) =>
    live === undefined ? `${name} is not there` : `${name} (oid ${live.oid}) is not what was asked for`,
  beside: ({ target: { name }, stage }) =>
    `${'made' in stage ? stage.made.name : ''} has all that the dump has of ${name}, row for row`,
  restored: ({ target: { name } }) => `${name} is what was asked for`,
};

function nowHas({ target: { now } }: At): string {
  if (now === undefined) return '';
  if (!now.known) return '; what it has now could not be counted';
  return `; what is used now has ${now.value.reduce((sum, { rows }) => sum + rows, 0)} rows in ${now.value.length} tables, and what was written since the dump is in that alone`;
}

function once(seen: Finding['seen']): Finding['seen'] {
  const [first, ...more] = seen;
  const others = new Map(more.filter(({ line }) => line !== first.line).map((each) => [each.line, each]));
  return [first, ...others.values()];
}
