import type { PostgresDump } from '../../../src/commands/backup-dumps.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import { knownOf } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import { isHistory } from '../../../src/topology/postgres-look.ts';
import { found, NOTHING } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';
import type { DumpFacts, Facts } from '../facts.ts';
import { nameOf } from '../facts.ts';

/** Where the rows of an empty database still are: said only where every newer dump could be looked into. */
export function aboutDumps(facts: Facts, name: string, fill: Known<unknown>): Diagnosis<Code> {
  const dumps = facts.data?.dumps;
  if (dumps?.files.known !== true) return NOTHING;
  const index = dumps.looks.findIndex(({ dump }) => !dump.known || rowsOf(dump.value, name).length > 0);
  const proofs = [
    fill,
    dumps.files,
    ...knownOf(dumps.looks.slice(0, index === -1 ? undefined : index).map(({ dump }) => dump)),
  ] as const;
  const first = dumps.looks[index];
  if (first === undefined) return nowhere(facts, name, { dumps, proofs });
  if (!first.dump.known) return NOTHING;
  const rows = rowsOf(first.dump.value, name)
    .slice(0, 5)
    .map((table) => `${table.name} ${table.rows}`);
  const newer =
    index === 0 ? 'the newest dump' : `the newest of the dumps that have rows of it; ${index} newer ones have none, or are cut`;
  return found<Code>({
    code: 'rows-in-dump',
    subject: `${nameOf(facts)}/${name}`,
    says: `${first.file.name} has rows of ${name} (${rows.join(', ')}): it is ${newer}`,
    remedy: `If its application did not remove them, they are lost since then: /storage restore postgres ${name} shows this dump with the others.`,
    doNot: 'Do not choose a newer dump because it is newer. Copy this one elsewhere before the next night removes the oldest.',
    seen: [...proofs, first.dump],
  });
}

/** Of a dump that is whole: what a cut one lacks proves nothing, and it is never restored. */
function rowsOf(dump: PostgresDump, name: string) {
  if (!dump.readable || !dump.hasTrailer) return [];
  const tables = dump.databases.find((each) => each.name === name)?.tables ?? [];
  return tables.filter((table) => table.rows !== 0 && !isHistory(table.name));
}

interface Searched {
  readonly dumps: DumpFacts;
  readonly proofs: readonly [Known<unknown>, ...Known<unknown>[]];
}

function nowhere(facts: Facts, name: string, { dumps, proofs }: Searched): Diagnosis<Code> {
  const { path } = facts.look.site.backups;
  return found<Code>({
    code: 'rows-in-no-dump',
    subject: `${nameOf(facts)}/${name}`,
    says: `${dumps.looks.length === 0 ? `No dump lies in ${path}` : `None of the ${dumps.looks.length} newest dumps in ${path} is whole and has a row of ${name}`}`,
    remedy: `If rows are missing, look for older dumps that somebody keeps: in ${path} under other names, in the snapshots of the NAS (/storage restore files), off the site.`,
    doNot: 'Do not restore any of these dumps. Do not let a snapshot or an old copy of that directory be removed.',
    seen: proofs,
  });
}
