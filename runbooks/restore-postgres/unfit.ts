import type { Diagnosis } from '../../src/core/finding.ts';
import { brokenness, majorOf } from '../../src/topology/postgres-dumps.ts';
import { found, NOTHING } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { noDump } from './listed.ts';

type Part = Diagnosis<Code>;

const CHOOSE = 'Choose another dump: /storage restore postgres <database> lists them.';
const DO_NOT = 'Do not load it: psql ends with 0 for a dump that was cut, with the rows up to there.';

/** Why what was named cannot be restored, whatever the server is like; undefined where it can. */
export function dumpProblem(facts: Facts): Part | undefined {
  const { asked, files, dumps, look } = facts;
  if (asked.what !== 'restore' && asked.what !== 'all') return NOTHING;
  if (!files.known || !('state' in look.primary)) return NOTHING;
  const [looked] = dumps;
  if (looked === undefined) return files.value.length === 0 ? noDump(facts) : noSuchDump(facts, asked.file);
  const { file, dump } = looked;
  if (!dump.known) return NOTHING;
  const broken = brokenness(dump.value);
  if (broken !== undefined)
    return found({
      code: 'dump-broken',
      subject: file.name,
      says: `${file.name}: ${broken}`,
      remedy: CHOOSE,
      doNot: DO_NOT,
      seen: [files, dump],
    });
  const { state } = look.primary;
  const [then, now] = [majorOf(dump.value.serverVersion), majorOf(state.value.version)];
  if (then !== undefined && now !== undefined && then > now)
    return found({
      code: 'server-older',
      subject: file.name,
      says: `${file.name} was made of PostgreSQL ${then}, and the server is ${now}: it does not understand all of it`,
      remedy: `Restore it into a server of PostgreSQL ${then} or later.`,
      seen: [files, dump, state],
    });
  return asked.what === 'restore' ? notInDump(facts, asked.database) : undefined;
}

function noSuchDump({ files, names }: Facts, file: string): Part {
  if (!files.known) return NOTHING;
  const newest = files.value.slice(0, 3).map(({ name }) => name);
  return found({
    code: 'no-such-dump',
    subject: file,
    says: `${names.path} has no file ${file}; the newest are ${newest.join(', ')}`,
    remedy: CHOOSE,
    seen: [files],
  });
}

function notInDump({ dumps, files, server }: Facts, database: string): Part | undefined {
  const [looked] = dumps;
  if (looked?.dump.known !== true || !files.known || server?.databases.known !== true) return NOTHING;
  const { file, dump } = looked;
  if (dump.value.databases.some(({ name }) => name === database)) return undefined;
  const isThere = server.databases.value.some(({ name }) => name === database);
  return found({
    code: isThere ? 'not-in-dump' : 'no-such-database',
    subject: isThere ? file.name : database,
    says: `${file.name} has no database ${database}${isThere ? '' : ', and neither has the server'}; it has ${dump.value.databases.map(({ name }) => name).join(', ')}`,
    remedy: CHOOSE,
    seen: [files, dump, server.databases],
  });
}
