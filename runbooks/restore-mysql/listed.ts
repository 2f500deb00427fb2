import type { Evidence } from '../../src/core/finding.ts';
import { ok } from '../../src/core/finding.ts';
import type { Facts, LookedInto } from './facts.ts';
import type { Around } from './flags.ts';
import { brokenBecause, databaseIn, doubts, rowsOf, sizeDoubts } from './flags.ts';

/** Every dump that one can choose, with what it holds; where it is too large to be read while people wait, with its age and size alone. */
export function listed({ dumps, asked: { database }, files, server }: Facts): readonly Evidence[] {
  if (!files.known || server === undefined) return [];
  const version = server.primary.state.value.version;
  return dumps.map(({ file, dump }): Evidence => {
    const made = new Date(file.modifiedAt * 1000).toISOString().slice(0, 16).replace('T', ' ');
    const about = `${file.name}: ${made} UTC, ${file.bytes} bytes`;
    const around = { file, files: files.value, server: version };
    if (dump.known) return ok(`${about}, ${contentOf(dump.value, database)}${flags(dump.value, database, around)}`, dump, files);
    const notRead = 'What it holds could not be seen now: one that is asked for by its name is read to its end';
    return ok(`${about}${flagged(sizeDoubts(file, files.value))}. ${notRead}`, files);
  });
}

type Dump = Extract<LookedInto['dump'], { known: true }>['value'];

function contentOf(dump: Dump, database: string): string {
  const own = databaseIn(dump, database);
  return own === undefined
    ? `no ${database}`
    : `${own.tables.length} tables and ${rowsOf(own) ?? 'uncounted'} rows of ${database}`;
}

function flags(dump: Dump, database: string, around: Around): string {
  const broken = brokenBecause(dump);
  return flagged(broken === undefined ? doubts(dump, database, around) : [broken]);
}

function flagged(why: readonly string[]): string {
  return why.length === 0 ? '' : `. FLAGGED: ${why.join('; ')}`;
}
