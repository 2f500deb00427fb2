import type { Fill, PgDatabase } from '../../../src/commands/postgres.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import { ok, together } from '../../../src/core/finding.ts';
import type { Known, Seen } from '../../../src/core/reading.ts';
import { isLeftByRestore } from '../../../src/topology/postgres-look.ts';
import { found, NOTHING, told } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';
import type { DataFacts, Facts } from '../facts.ts';
import { isAsked, isEmpty, nameOf } from '../facts.ts';
import { aboutDumps } from './dumps.ts';

/** What the databases hold: only here can anything be lost. */
export function aboutData(facts: Facts): Diagnosis<Code> {
  const { data } = facts;
  if (data?.databases.known !== true) return NOTHING;
  const { databases } = data;
  const wanted = Object.keys(facts.look.site.dependants).toSorted();
  const missing = wanted.map((name) => aboutWanted(facts, name, databases));
  const filled = databases.value.filter(isAsked).map(({ name }) => aboutFill(facts, name, data.fills.get(name)));
  return together([...missing, ...filled, summary(data, databases)]);
}

type Databases = Known<readonly PgDatabase[]>;

/** One that the configuration says others use. */
function aboutWanted(facts: Facts, name: string, databases: Databases): Diagnosis<Code> {
  const own = databases.value.find((each) => each.name === name);
  const users = (facts.look.site.dependants[name] ?? []).join(', ');
  const subject = `${nameOf(facts)}/${name}`;
  if (own === undefined) return absent(subject, { name, users }, databases);
  if (own.allowsConnections) return NOTHING;
  return found<Code>({
    code: 'database-closed',
    subject,
    says: `${name} is there and takes no connections; ${users} use it`,
    remedy: `Find out who closed it, and let them open it again: ALTER DATABASE "${name}" ALLOW_CONNECTIONS true.`,
    doNot: 'Do not restore it: it is there.',
    seen: [databases],
  });
}

interface Wanted {
  readonly name: string;
  readonly users: string;
}

function absent(subject: string, { name, users }: Wanted, databases: Databases): Diagnosis<Code> {
  const aside = databases.value.filter((each) => isLeftByRestore(each.name, name));
  if (aside.length > 0)
    return found<Code>({
      code: 'database-aside',
      subject,
      says: `${name} is not there, and a restore left beside it: ${aside.map((each) => each.name).join(', ')}; ${users} use it`,
      remedy: `Ask who dropped or renamed ${name}. What ends with -restore is whole if its comment names a dump: /storage restore postgres ${name} from that dump goes on with it. What ends with -broken or -undone is what was put aside: a person gives it its name and connections again (ALTER DATABASE … RENAME TO, ALLOW_CONNECTIONS true).`,
      doNot: 'Do not restore it from the beginning and do not drop any of these: one of them is what was there.',
      seen: [databases],
    });
  return found<Code>({
    code: 'database-missing',
    subject,
    says: `There is no database ${name}, which ${users} use; there are ${databases.value.map((each) => each.name).join(', ')}`,
    remedy: `If nobody gave it another name, it is lost: /storage restore postgres ${name} shows the backups that have it, with their rows.`,
    doNot:
      'Do not make an empty one of that name: its application would fill it with tables, and the next backups would look well.',
    seen: [databases],
  });
}

function aboutFill(facts: Facts, name: string, fill: Seen<Fill> | undefined): Diagnosis<Code> {
  if (fill?.known !== true || !isEmpty(fill.value)) return NOTHING;
  const { tables, withRows } = fill.value;
  const but = withRows.length === 0 ? '' : ` but for the history of its migrations (${withRows.join(', ')})`;
  const empty = found<Code>({
    code: 'database-empty',
    subject: `${nameOf(facts)}/${name}`,
    says: `${name} has ${tables} tables and not one row${but}: it is new, or its rows are lost`,
    remedy: `Ask whose it is. If rows are missing, find the last backup that has them (/storage diagnose backups), then /storage restore postgres ${name}.`,
    doNot:
      'Do not restore the newest backup: an empty database is dumped without any error. Keep every older dump from being removed until this is known.',
    seen: [fill],
  });
  return together([empty, aboutDumps(facts, name, fill)]);
}

function summary({ pod, fills }: DataFacts, databases: Databases): Diagnosis<Code> {
  const known = [...fills.values()].filter((fill) => fill.known);
  const withRows = known.filter((fill) => fill.value.tables > 0 && !isEmpty(fill.value));
  const count = databases.value.filter(isAsked).length;
  const says = `${pod.name} answers for ${count} databases of applications, and ${withRows.length} of them are known to have rows`;
  return told(ok(says, databases, ...known));
}
