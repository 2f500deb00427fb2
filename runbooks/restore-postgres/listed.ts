import type { PostgresDump } from '../../src/commands/backup-dumps.ts';
import type { BackupFile } from '../../src/commands/backup-files.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { knownOf, ok } from '../../src/core/finding.ts';
import type { Known, Seen } from '../../src/core/reading.ts';
import { sizeOf } from '../../src/core/size.ts';
import { brokenness, doubts, isOfServer } from '../../src/topology/postgres-dumps.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { amountOf } from './rows.ts';

type Part = Diagnosis<Code>;

/** What there is, for who has not chosen yet. */
export function listed(facts: Facts): Part {
  const { asked, files } = facts;
  if (files.known && files.value.length === 0) return noDump(facts);
  if (asked.what !== 'list' || asked.database === undefined) return databases(facts);
  return dumpsOf(facts, asked.database);
}

export function noDump({ names, files, site }: Facts): Part {
  if (!files.known) return NOTHING;
  return found({
    code: 'no-dump',
    subject: names.path,
    says: `${names.path} on ${site.nas.host.name} has no file ${names.begins}…${names.ends}`,
    remedy: 'Look for the dumps where the NAS copies them to, and in the snapshots of its dataset: /storage diagnose backups.',
    seen: [files],
  });
}

function databases({ server, files }: Facts): Part {
  if (server?.databases.known !== true || !files.known) return NOTHING;
  const { databases: seen } = server;
  const own = seen.value.filter(({ name }) => !isOfServer(name));
  return told(
    ...own.map(({ name, bytes, owner, allowsConnections }) =>
      ok(`Database ${name} of ${owner}: ${sizeOf(bytes)}${allowsConnections ? '' : ', takes no connections'}`, seen),
    ),
    ok(`${files.value.length} dumps, the newest ${files.value[0]?.name ?? ''}`, files),
  );
}

type Looked = { readonly file: BackupFile; readonly dump: Known<PostgresDump> };

/** Also while no server answers: then more than ever. */
function dumpsOf(facts: Facts, database: string): Part {
  const { dumps, files, clock, look } = facts;
  if (!files.known) return NOTHING;
  const known = dumps.flatMap(({ file, dump }) => (dump.known ? [{ file, dump }] : []));
  const nowhere = inNone(facts, database, known);
  if (nowhere !== undefined) return nowhere;
  const serverVersion = 'state' in look.primary ? look.primary.state.value.version : undefined;
  return told(
    ...known.map(({ file, dump }) => {
      const says = describe(file, dump.value, { database, clock, serverVersion, files: files.value });
      return ok(says, files, dump, ...knownOf([clock]));
    }),
  );
}

/** Said only where the server and every dump could be asked. */
function inNone({ server, files, dumps }: Facts, database: string, known: readonly Looked[]): Part | undefined {
  const [first, ...more] = known.map(({ dump }) => dump);
  if (server?.databases.known !== true || !files.known || first === undefined || known.length < dumps.length) return undefined;
  const all = [server.databases.value, ...known.map(({ dump }) => dump.value.databases)];
  if (all.some((each) => each.some(({ name }) => name === database))) return undefined;
  return found({
    code: 'no-such-database',
    subject: database,
    says: `Neither the server nor any of ${known.length} dumps has a database ${database}`,
    remedy: 'Ask /storage restore postgres for the names that there are.',
    seen: [files, server.databases, first, ...more],
  });
}

interface Around {
  readonly database: string;
  readonly clock: Seen<number>;
  readonly serverVersion: string | undefined;
  readonly files: readonly BackupFile[];
}

function describe(file: BackupFile, dump: PostgresDump, { database, clock, serverVersion, files }: Around): string {
  const own = dump.databases.find(({ name }) => name === database);
  const broken = brokenness(dump);
  const wrong = broken === undefined ? doubts({ file, dump, own, serverVersion, files }) : [`NOT TO BE RESTORED: ${broken}`];
  const what = own === undefined ? `nothing of ${database}` : `${amountOf(own)} of ${database}`;
  const head = `${file.name}: written ${writtenAt(file, clock)}, ${sizeOf(file.bytes)}, ${what}, PostgreSQL ${dump.serverVersion ?? 'unknown'}`;
  return `${head}; ${wrong.length === 0 ? 'whole' : wrong.join('; ')}`;
}

export function writtenAt({ modifiedAt }: BackupFile, clock: Seen<number>): string {
  const at = `${new Date(modifiedAt * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return clock.known ? `${at}, ${ago(clock.value - modifiedAt)} ago` : at;
}

function ago(seconds: number): string {
  const hours = Math.max(0, Math.floor(seconds / 3_600));
  return hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
}
