const SELECTS = [
  "select 'version ' || sqlite_version();",
  'begin;',
  "select 'integrity ' || replace(integrity_check, char(10), char(10) || 'integrity ') from pragma_integrity_check;",
  "select 'keys ' || count(*) from pragma_foreign_key_check;",
].join(' ');

/** Not by an index, which may lack rows that the table has. */
const COUNT = `sql="$sql select 'rows $t ' || count(*) from \\"$t\\" not indexed;"`;

/** 64 MiB are read in a second or two: programs wait for five and longer before they say that a database is locked. */
const MOST_HELD_BYTES = 67_108_864;
/** The same on a disk that is slow, the time for another's lock to go included. */
const MOST_HELD_S = 8;

/**
 * Looks into one SQLite database and writes nothing, not even the files beside it: integrity, foreign keys and rows in one
 * transaction, so that they agree. Arguments: the file, and plain names of tables in one word. Runs under the shells of Debian and FreeBSD.
 *
 * Beside an empty database SQLite deletes the log even where it may only read (pager.c, pagerOpenWalIfPresent), so such a one is read as it lies
 * there. With a log, whatever the database itself says of one, it reads through that with the shared memory opened for reading alone; root's
 * SQLite gives both to the owner of the database (os_unix.c, robustFchown), so they must be that owner's already. Without a log nobody has the
 * database open, and SQLite itself would make one: then too the file is read as it is, which counts only if it is the same afterwards.
 * Where there is a rollback journal, writers wait for a reader: such a database is read if that is soon over.
 */
export const CHECK_SCRIPT = [
  'set -f; LC_ALL=C; export LC_ALL; db=$1',
  'case $db in *[?#%]*) echo "not a plain path" >&2; exit 64 ;; /*) ;; *) echo "not a path" >&2; exit 64 ;; esac',
  'command -v sqlite3 >/dev/null || { echo "sqlite3: not found" >&2; exit 127; }',
  `sql="${SELECTS}"`,
  `for t in $2; do case $t in *[!A-Za-z0-9_]*) echo "not a table" >&2; exit 64 ;; esac; ${COUNT}; done`,
  'state() { stat -c "%s %y %z" "$db" 2>/dev/null || stat -f "%z %Fm %Fc" "$db"; }',
  'owner() { stat -c "%u:%g" "$1" 2>/dev/null || stat -f "%u:%g" "$1"; }',
  'if [ -L "$db" ]; then echo "a link" >&2; exit 67; fi',
  'byte() { od -An -tu1 "-j$1" -N1 "$2" 2>/dev/null | tr -d " "; }',
  'before=; bound=; how="mode=ro&readonly_shm=1"; format=$(byte 18 "$db"); journal=$(byte 0 "$db-journal")',
  'if [ -e "$db" ] && [ ! -s "$db" ]; then how="$how&immutable=1"; elif [ -e "$db-wal" ]; then for f in "$db-wal" "$db-shm"; do if [ -e "$f" ] && [ "$(owner "$f")" != "$(owner "$db")" ]; then echo "another owner" >&2; exit 66; fi; done',
  'elif [ "$format" = 2 ] && [ "${journal:-0}" != 0 ]; then echo "a journal" >&2; exit 68',
  'elif [ "$format" = 2 ]; then how="$how&immutable=1"; before=$(state)',
  `elif [ "$format" = 1 ] && [ "$(wc -c <"$db")" -gt ${MOST_HELD_BYTES} ]; then echo "too large" >&2; exit 65; elif [ "$format" = 1 ]; then bound="timeout --foreground -k 1 ${MOST_HELD_S}"; fi`,
  'echo "format $format"',
  'nice $bound sqlite3 -batch -init /dev/null -cmd ".timeout 5000" "file:$db?$how" "$sql select \'end\'; commit;"; ended=$?',
  'if [ -n "$before" ] && { [ -e "$db-wal" ] || [ "$before" != "$(state)" ]; }; then echo "changed" >&2; exit 75; fi',
  'exit $ended',
].join('; ');
