import { MARKER } from './mysql-databases.ts';
import type { Script } from './script-job.ts';

/**
 * Values come as arguments; a name is put into SQL only once it was found to be plain. The password is in MYSQL_PWD. With the GTIDs that it adds by
 * itself, mysqldump of MySQL 8.0.32 and later would lock all tables for a moment.
 */
const COMMON = String.raw`fail() { echo "$0: $*" >&2; exit 1; }
plain() { case $1 in '' | [!A-Za-z_]* | *[!A-Za-z0-9_-]*) fail "$1 is no plain name of a database" ;; esac; }
ask() { mysql --no-defaults --host="$host" --user="$user" --batch --raw --skip-column-names --default-character-set=utf8mb4 "$@"; }
one() { ask --execute="$1"; }
bt=$(printf '\140')
gtid=
dump() { mysqldump --no-defaults --host="$host" --user="$user" --single-transaction $gtid "$@"; }
quoted() { echo "$bt$1$bt"; }
export LC_ALL=C
host=$1 user=$2 db=$3
plain "$db"
case $db in mysql | sys | information_schema | performance_schema | mysql_innodb_cluster_metadata) fail "$db is the server's own" ;; esac
case $(mysqldump --no-defaults --help) in *set-gtid-purged*) gtid=--set-gtid-purged=OFF ;; esac
`;

/** MariaDB has only the first of these variables. */
const WRITABLE = String.raw`off=$(one "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only', 'offline_mode') AND Value = 'ON'")
[ -z "$off" ] || fail "this server is not the primary, or takes no writes: $off"
count() { one "SELECT COUNT(*) FROM information_schema.$1"; }
tables() { count "tables WHERE table_schema = '$1' AND table_name <> '${MARKER}'"; }
is_there() { count "schemata WHERE schema_name = '$1'"; }
`;

/** Reads the dump to its end before anything is made of it: gzip, first line, last line, the part of the database. */
const CHECKED = String.raw`gzip -t "$file" || fail "$file is damaged: it cannot be unpacked to its end"
about=$(gzip -dc "$file" | awk -v db="$db" '
  NR < 3 && /^-- (MySQL|MariaDB) dump / { header = 1 }
  /^-- Current Database: / { mine = ($0 == "-- Current Database: \140" db "\140"); there += mine }
  mine && /^CREATE DATABASE / && match($0, /DEFAULT CHARACTER SET [a-z0-9_]+( COLLATE [a-z0-9_]+)?/) { like = substr($0, RSTART, RLENGTH) }
  mine && /^CREATE TABLE / { tables++ }
  mine && (/^DELIMITER / || /^\/\*!50001 .*VIEW/) { programs++ }
  /^-- Dump completed/ { end = NR }
  END { print header + 0, there + 0, tables + 0, programs + 0, (end == NR && NR > 0) + 0, like }')
read -r header there tables programs end like <<< "$about"
[ "$header" = 1 ] || fail "$file does not begin like a dump of mysqldump"
[ "$end" = 1 ] || fail "$file is cut off: its last line is not '-- Dump completed'"
[ "$there" != 0 ] || fail "$file has no database $db"
[ "$programs" = 0 ] || fail "$db in $file has views, triggers, routines or events, which no rename moves to another database"
[ "$tables" != 0 ] || fail "$db in $file has no table"
`;

/**
 * Of a whole dump the part of one database, without what would choose another one or change the server: mysqldump puts that also behind the last
 * database. It ends at a line that it does not know. MySQL 8.4 takes keys that 8.0 made only where it is told to.
 */
const CUT = String.raw`cut() { gzip -dc "$file" | awk -v db="$db" '
  BEGIN { begins = "-- Current Database: \140" db "\140"; isHead = 1; print "/*!80400 SET SESSION restrict_fk_on_non_standard_key = OFF */;" }
  /^-- Current Database: / { isHead = 0; mine = ($0 == begins); next }
  isHead { if (/^\/\*![0-9]+ SET [^;]*\*\/;$/ && !/GLOBAL|LOG_BIN/) print; next }
  inGtids || /^SET @@GLOBAL.GTID_PURGED/ { inGtids = !/;$/; next }
  !mine || /^(CREATE DATABASE |USE \140|--|$)/ { next }
  /^SET @@SESSION.SQL_LOG_BIN ?= ?@MYSQLDUMP_TEMP_LOG_BIN;$/ || /^\/\*!50606 SET GLOBAL INNODB_STATS_AUTO_RECALC/ { next }
  /^\/\*!80002 ANALYZE TABLE \140.* UPDATE HISTOGRAM ON / { next }
  /^(INSERT INTO \140|CREATE TABLE \140|DROP TABLE IF EXISTS \140|LOCK TABLES \140|UNLOCK TABLES;$|[ ()])/ { print; next }
  /^\/\*!(40000 ALTER TABLE|40101 SET|40103 SET|40014 SET|40111 SET|50503 SET|50[15]00 PARTITION)/ || /^(SUB)?PARTITION/ { print; next }
  /^(set autocommit=0|commit|SET autocommit=0|COMMIT);$/ { print; next }
  { sub(/ VALUES.*/, ""); print "a line that is not known: " substr($0, 1, 100) > "/dev/stderr"; exit 3 }'; }
`;

/** The rows of each table one after the other, however a dump breaks them into statements and lines. */
const ROWS = String.raw`rows() { awk -v ORS= '
  function put(text) { sub(/[,;]$/, "", text); if (text != "") print text "," }
  /^INSERT INTO \140/ {
    at = index($0, " VALUES"); name = substr($0, 13, at - 13); brace = index(name, "\140 ("); if (brace) name = substr(name, 1, brace)
    if (name != last) { print "\n" name "\n"; last = name }
    rest = substr($0, at + 7); sub(/^ /, "", rest); put(rest); next }
  /^\(/ { put($0) }' | sha256sum; }
`;

/** Arguments: host, user, database, file to make. */
export const SAFETY_DUMP: Script = {
  name: 'mysql-safety-dump',
  text: String.raw`${COMMON}file=$4
${WRITABLE}[ ! -e "$file" ] || fail "$file is there already"
trap 'rm -f "$file.partial"' EXIT
dump --routines --events --triggers --databases "$db" |
  gzip > "$file.partial"
gzip -dc "$file.partial" | tail -n 1 | grep '^-- Dump completed' || fail 'the copy is not whole'
sync "$file.partial"
mv -n "$file.partial" "$file"
[ ! -e "$file.partial" ] || fail "$file came to be meanwhile"
echo "$db as it is now is kept in $file, $(wc -c < "$file") bytes"`,
};

/** Arguments: host, user, database, dump, database to make. What it made goes again where it fails. */
export const LOAD_BESIDE: Script = {
  name: 'mysql-load-beside',
  text: String.raw`${COMMON}file=$4 beside=$5
plain "$beside"
${WRITABLE}${CUT}${ROWS}${CHECKED}[ "$(is_there "$beside")" = 0 ] || fail "$beside is there already"
one "CREATE DATABASE $(quoted "$beside") $like"
trap 'one "DROP DATABASE $(quoted "$beside")"; fail "nothing was restored, and $beside is gone again"' EXIT
cut | ask --database="$beside"
found=$(tables "$beside")
[ "$found" = "$tables" ] || fail "the dump has $tables tables, and $found came out of it"
wanted=$(cut | rows)
for blobs in --skip-hex-blob --hex-blob; do
  found=$(dump --no-create-info $blobs "$beside" | rows)
  [ "$found" != "$wanted" ] || break
done
[ "$found" = "$wanted" ] || fail 'the rows that came out of the dump are not those that are in it'
marker=$(quoted "$beside").${MARKER}
one "CREATE TABLE $marker (dump VARCHAR(255) PRIMARY KEY, sha256 CHAR(64))"
one "INSERT INTO $marker VALUES ('$(basename "$file" | tr -cd 'A-Za-z0-9._-')', '$(printf %.64s "$wanted")')"
trap - EXIT
echo "$tables tables of $db are in $beside, each row as it is in the dump"`,
};

/**
 * Arguments: host, user, database, from, aside. In one statement, which is done as a whole or not at all: the tables of the database go aside,
 * and those of `from` into it. With the last two exchanged it is its own way back.
 */
export const SWAP: Script = {
  name: 'mysql-swap',
  text: String.raw`${COMMON}from=$4 aside=$5
plain "$from"
plain "$aside"
${WRITABLE}[ "$(count "tables WHERE table_schema IN ('$from', '$aside') AND table_name = '${MARKER}'")" = 1 ] || fail "neither $from nor $aside was made by a restore"
if [ "$(tables "$from")" = 0 ] && [ "$(tables "$aside")" != 0 ]; then echo "$db has the tables of $from already"; exit 0; fi
[ "$(tables "$from")" != 0 ] || fail "$from has no table"
[ "$(tables "$aside")" = 0 ] || fail "$aside has tables already"
for each in "$db" "$from"; do
  programs=$(one "SELECT (SELECT COUNT(*) FROM information_schema.views WHERE table_schema = '$each')
    + (SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = '$each')
    + (SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = '$each')
    + (SELECT COUNT(*) FROM information_schema.events WHERE event_schema = '$each')")
  [ "$programs" = 0 ] || fail "$each has views, triggers, routines or events, which no rename moves to another database"
done
[ "$(count "key_column_usage WHERE referenced_table_schema = '$db' AND table_schema <> '$db'")" = 0 ] || fail "tables of other databases refer to $db"
renames=$(one "SET SESSION group_concat_max_len = 4000000; SELECT GROUP_CONCAT(CONCAT('$bt', table_schema, '$bt.$bt', REPLACE(table_name, '$bt', '$bt$bt'),
  '$bt TO $bt', IF(table_schema = '$db', '$aside', '$db'), '$bt.$bt', REPLACE(table_name, '$bt', '$bt$bt'), '$bt') ORDER BY table_schema = '$from', table_name SEPARATOR ', ')
  FROM information_schema.tables WHERE table_schema IN ('$db', '$from') AND table_name <> '${MARKER}'")
like=$(one "SELECT CONCAT('DEFAULT CHARACTER SET ', default_character_set_name, ' COLLATE ', default_collation_name) FROM information_schema.schemata WHERE schema_name = '$from'")
one "CREATE DATABASE IF NOT EXISTS $(quoted "$db") $like; CREATE DATABASE IF NOT EXISTS $(quoted "$aside")"
echo "SET SESSION lock_wait_timeout = 10; RENAME TABLE $renames" | ask || fail "nothing was renamed: $db is as it was"
echo "$db has the tables of $from, and those that it had are kept in $aside"`,
};
