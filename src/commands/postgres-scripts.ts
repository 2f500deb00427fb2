import { TABLE_COUNTS } from './postgres-counts.ts';
import { POSTGRES_SECTION } from './postgres-section.ts';
import type { Script } from './script-job.ts';

const BEGIN = String.raw`
fail() { echo "$0: $1" >&2; exit 1; }
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
export PGCONNECT_TIMEOUT=20
`;

/** A copy of one database beside its backups, under a name that nothing has: DATABASE FILE. */
export const POSTGRES_SAFETY_COPY: Script = {
  name: 'postgres-safety-copy',
  text: String.raw`${BEGIN}
export PGDATABASE=$1 PGOPTIONS="-c default_transaction_read_only=on -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
file=$2
part=$file.part
set -o noclobber
[ ! -e "$file" ] || fail "$file is there already"
size=$(sql -c "SELECT pg_database_size(current_database())")
free=$(df --output=avail --block-size=1 "$(dirname "$file")" | tail -n 1)
[ "$free" -ge $((2 * size)) ] || fail "$free bytes are free beside $file, and twice the $size of the database are wanted"
: > "$part" || fail "$part is there already"
trap 'rm -f "$part"' EXIT
pg_dump --lock-wait-timeout=60s | gzip >> "$part" || fail "pg_dump did not end well: nothing was kept"
gzip -t "$part"
gzip -dc "$part" | tail -n 20 | grep -cxF -e "-- PostgreSQL database dump complete" >/dev/null || fail "the copy has no end"
sync -d "$part"
ln -T "$part" "$file" || fail "$file was made by somebody else meanwhile"
echo "$file has $(stat -c %s "$file") bytes"
`,
};

/** Shuts the door behind the session that loads: from before the first row until a swap opens it, not even a superuser can connect. */
const ALONE = String.raw`\! echo "ALTER DATABASE :\"new\" ALLOW_CONNECTIONS false" | PGDATABASE=postgres psql -X -q -v ON_ERROR_STOP=1 -v new="$NEW"
SELECT pg_sleep(CASE WHEN bool_or(pg_terminate_backend(pid)) THEN 2 ELSE 0 END) FROM pg_stat_activity
WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid();
DO $check$ BEGIN
  IF (SELECT datallowconn FROM pg_database WHERE datname = current_database())
  OR EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type <> 'autovacuum worker')
  OR EXISTS (SELECT FROM pg_class WHERE oid >= 16384 AND relpersistence <> 't')
  THEN RAISE EXCEPTION 'somebody else uses the database that was only just made'; END IF;
END $check$;`;

/** Each table must have what the file has of it, in the transaction that loaded it; only then is it there at all. */
const AS_DUMPED = String.raw`RESET SESSION AUTHORIZATION;
DO $check$ DECLARE different text; BEGIN
  SELECT string_agg(says, '; ') INTO different FROM (
    SELECT format('%s has %s rows, and %s in the dump', coalesce(t.name, d.name), coalesce(t.rows, 0), coalesce(d.rows, 0)) AS says
    FROM (${TABLE_COUNTS}) t FULL JOIN pg_temp.storagebot_dumped d ON d.name::regclass = t.oid
    WHERE coalesce(t.rows, 0) <> coalesce(d.rows, CASE WHEN d.name IS NULL THEN 0 ELSE coalesce(t.rows, 0) END) LIMIT 5) x;
  IF different IS NOT NULL THEN RAISE EXCEPTION '%', different; END IF;
  IF (SELECT datallowconn FROM pg_database WHERE datname = current_database()) THEN RAISE EXCEPTION 'somebody opened it meanwhile'; END IF;
END $check$;
COMMIT;
ANALYZE;
SELECT format('COMMENT ON DATABASE %I IS %L', datname, :'mark' || oid
  || coalesce(E'\n' || nullif(regexp_replace(shobj_description(oid, 'pg_database'), '^storagebot: [^\n]*\n?', ''), ''), ''))
FROM pg_database WHERE datname = current_database() \gexec`;

/**
 * One database out of a dump of all, beside the one that is there: FILE BYTES DATABASE NEW OWNER MARK. Only a comment that begins with
 * MARK tells that NEW is whole; what else the dump has, roles and their passwords above all, is never looked at. One session does all of
 * it, the only one that NEW ever had. With -f gzip hands on what is not packed.
 */
export const POSTGRES_RESTORE: Script = {
  name: 'postgres-restore',
  text: String.raw`${BEGIN}
file=$1 new=$4
export DB=$3 NEW=$4 LC_ALL=C PGDATABASE=postgres
export PGOPTIONS="-c default_transaction_read_only=off -c statement_timeout=0 -c lock_timeout=60s -c idle_in_transaction_session_timeout=0"
section='${POSTGRES_SECTION}'
[ "$(stat -c %s "$file")" = "$2" ] || fail "$file has not the $2 bytes that it had when it was looked at"
options=$(gzip -dcf "$file" | awk "$section") || fail "$file is not whole, or not of a form that is known: nothing was made"
sql -v new="$new" -v owner="$5" -v options="$options" <<'SQL' || fail "$new was not made"
CREATE DATABASE :"new" OWNER :"owner" TEMPLATE template0 :options;
SQL
alone() { cat <<'SQL'
${ALONE}
SQL
}
as_dumped() { cat <<'SQL'
${AS_DUMPED}
SQL
}
{ alone && gzip -dcf "$file" | SCRATCH=$new awk "$section" && as_dumped; } | PGDATABASE=$new sql -v mark="$6" -o /dev/null -f - ||
  fail "$new is not what the dump has, and says nowhere that it is: drop it by hand"
echo "$new is whole"
`,
};

/**
 * Gives the name of one database to another, in one transaction: NAME ASIDE OUT FROM IN DOOR. The database with oid OUT, which has NAME,
 * becomes ASIDE and takes no more connections; that with oid IN becomes NAME instead of FROM. OUT or IN may be 0: then nothing goes, or
 * comes. With DOOR shut, IN must have taken no connections until then; else DOOR is any.
 * RENAME locks out new sessions and waits five seconds for the others, which are ended meanwhile: so nobody writes to OUT unseen,
 * and whatever is killed here leaves both databases as they were, or both renamed.
 */
export const POSTGRES_SWAP: Script = {
  name: 'postgres-swap',
  text: String.raw`${BEGIN}
export PGDATABASE=postgres PGOPTIONS="-c default_transaction_read_only=off -c statement_timeout=60s -c lock_timeout=30s -c idle_in_transaction_session_timeout=10s"
values=(-v name="$1" -v aside="$2" -v out="$3" -v from="$4" -v in="$5" -v door="$6")
now() { sql "$@" <<'SQL'
SELECT CASE
  WHEN (:out = 0 OR EXISTS (SELECT FROM pg_database WHERE oid = :out AND datname = :'aside' AND NOT datallowconn))
   AND EXISTS (SELECT FROM pg_database WHERE oid = :in AND datname = :'name') = (:in <> 0)
   AND EXISTS (SELECT FROM pg_database WHERE datname = :'name') = (:in <> 0) THEN 'swapped'
  WHEN (:in = 0 OR EXISTS (SELECT FROM pg_database WHERE oid = :in AND datname = :'from' AND (:'door' = 'any' OR NOT datallowconn)))
   AND EXISTS (SELECT FROM pg_database WHERE oid = :out AND datname = :'name') = (:out <> 0)
   AND EXISTS (SELECT FROM pg_database WHERE datname = :'name') = (:out <> 0) THEN 'waiting'
  ELSE 'changed' END;
SQL
}
swap() { sql "$@" <<'SQL'
SELECT :out <> 0 AS goes, :in <> 0 AS comes, true AS is_shut \gset
BEGIN;
\if :goes
ALTER DATABASE :"name" RENAME TO :"aside";
ALTER DATABASE :"aside" ALLOW_CONNECTIONS false;
\endif
\if :comes
ALTER DATABASE :"from" RENAME TO :"name";
SELECT :'door' = 'any' OR NOT datallowconn AS is_shut FROM pg_database WHERE oid = :in \gset
ALTER DATABASE :"name" ALLOW_CONNECTIONS true;
\endif
SELECT :'is_shut' AND count(*) = :'goes'::bool::int + :'comes'::bool::int AS is_so FROM pg_database
WHERE (oid = :out AND datname = :'aside') OR (oid = :in AND datname = :'name') \gset
\if :is_so
COMMIT;
\endif
SQL
}
end_sessions() { sql "$@" -o /dev/null <<'SQL'
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datid <> 0 AND datid IN (:out, :in)
AND NOT EXISTS (SELECT FROM pg_database WHERE (oid = :out AND datname = :'aside') OR (oid = :in AND datname = :'name'));
SQL
}
for try in 1 2 3; do
  state=$(now "\${values[@]}") || fail "the server does not answer: whether $1 was renamed is not known"
  case $state in
    swapped) echo "$1 is the database with oid $5"; exit 0 ;;
    waiting) ;;
    *) fail "$1, $2 and $4 are not the databases that this was approved for, or $4 was opened: nothing was renamed" ;;
  esac
  swap "\${values[@]}" &
  renaming=$!
  while kill -0 "$renaming" 2>/dev/null; do end_sessions "\${values[@]}" || true; sleep 0.2; done
  wait "$renaming" || true
done
state=$(now "\${values[@]}") || fail "the server does not answer: whether $1 was renamed is not known"
[ "$state" = swapped ] || fail "$1 could not be renamed: nothing was changed"
`.replaceAll('\\${', '${'),
};
