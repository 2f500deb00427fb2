import type { SqliteFiles } from '../../src/commands/sqlite-files.ts';
import type { Known } from '../../src/core/reading.ts';
import { damageOf, quoted } from '../../src/topology/sqlite-damage.ts';
import type { SqliteInside } from '../../src/topology/sqlite-inside.ts';
import { provesBacking, type SqliteLook } from '../../src/topology/sqlite-look.ts';

/** What SQLite says of the database as it is now. */
export type Condition =
  | SaidCondition
  /** No pod has the volume. */
  | { readonly is: 'not-mounted'; readonly seen: Proofs }
  | { readonly is: 'unseen' };

export interface SaidCondition {
  /** `gone`: there is no such file, or it has no byte. */
  readonly is: 'whole' | 'indexes' | 'search' | 'damaged' | 'no-table' | 'gone' | 'read-only' | 'not-corruption';
  readonly says: string;
  readonly seen: Proofs;
}

type Proofs = readonly [Known<unknown>, ...Known<unknown>[]];
type Check = Extract<SqliteInside['check'], { readonly known: true }>['value'];

export function conditionOf(look: SqliteLook): Condition {
  const [first, ...more] = provesBacking(look);
  const { backing, inside } = look;
  if (first === undefined || backing?.found !== true) return { is: 'unseen' };
  if (inside === undefined) return { is: 'not-mounted', seen: [first, ...more] };
  const { check, files, mount } = inside;
  // Without a mount the directory is one of the node's own.
  if (mount !== undefined && !(mount.known && mount.value.mounted)) return { is: 'unseen' };
  const where: Proofs = mount === undefined ? [first, ...more] : [mount, first, ...more];
  if (mount?.value.readOnly) return { is: 'read-only', says: 'its volume is mounted read-only', seen: where };
  if (!files.known) return { is: 'unseen' };
  const gone = goneOf(files.value);
  if (gone !== undefined) return { is: 'gone', says: gone, seen: [files, ...where] };
  return check.known ? { ...ofCheck(check.value), seen: [check, files, ...where] } : { is: 'unseen' };
}

/** SQLite says "ok" of a file without a byte, and of one that is not there the same as of one that it may not open. */
function goneOf({ database }: SqliteFiles): string | undefined {
  if (database === undefined) return 'the file of the database is not there';
  return database.bytes === 0 ? 'the file of the database has no byte' : undefined;
}

const IS = { none: 'whole', rules: 'whole', indexes: 'indexes', search: 'search', tables: 'damaged' } as const;

function ofCheck(check: Check): Pick<SaidCondition, 'is' | 'says'> {
  const is = IS[damageOf(check)];
  switch (check.result) {
    case 'read':
      return { is, says: `integrity_check says ${quoted(check.integrity)} (${rowsText(check.rows)})` };
    case 'damaged':
      return { is, says: check.says };
    case 'refused':
      return { is: 'not-corruption', says: check.says };
    case 'no-table':
      return is === 'whole'
        ? { is: 'no-table', says: `it is whole, and has no table ${check.table}` }
        : { is, says: `integrity_check says ${quoted(check.integrity)}, and it has no table ${check.table}` };
  }
}

export function rowsText(rows: Readonly<Record<string, number>>): string {
  const all = Object.entries(rows).map(([table, count]) => `${count} ${table}`);
  return all.length === 0 ? 'no table is counted' : all.join(', ');
}
