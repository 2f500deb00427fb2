/**
 * Scripts that look into backups where these lie, for any sh, for FreeBSD's awk as for Debian's. Each reads a file once from its beginning to its
 * end, keeps no more of it than a line, writes nothing, and prints a short report that ends with the line `end`: one that was cut is none.
 */
function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}

/** The report comes from awk; then stands what the unpacking said, and how it ended. */
function inspectingText(awk: string): string {
  return oneLine(String.raw`
    [ -f "$1" ] || { echo "$1 is no file" >&2; exit 3; };
    LC_ALL=C; export LC_ALL; exec 3>&1;
    said=$({ { case $1 in *.gz) gzip -dc "$1" ;; *) cat "$1" ;; esac 2>&4; echo "unpacked $?" >&4; } | awk '${awk}' >&3; } 4>&1) || exit 4;
    printf "%s\nend\n" "$said"`);
}

/**
 * Outside of quotes and of the lines of a COPY, a statement of pg_dump begins a line, and only there does it count: the text of a
 * function can hold lines that look like any other.
 */
const POSTGRES = String.raw`
  function skip(s, p, t) {
    while (s != "") {
      if (open != "") { p = index(s, open); if (!p) return; s = substr(s, p + length(open)); open = ""; continue }
      if (!match(s, /[\047"$;]|--/)) { if (s ~ /[^ \t]/) busy = 1; return }
      p = RSTART; t = substr(s, p, 1);
      if (substr(s, 1, p - 1) ~ /[^ \t]/) busy = 1;
      if (t == "-") return;
      if (t == ";") { busy = 0; s = substr(s, p + 1); continue }
      busy = 1;
      if (t != "$") { open = t; s = substr(s, p + 1); continue }
      if (p > 1 && substr(s, p - 1, 1) ~ /[A-Za-z0-9_]/) { s = substr(s, p + 1); continue }
      s = substr(s, p);
      if (match(s, /^[$]([A-Za-z_][A-Za-z0-9_]*)?[$]/)) { open = substr(s, 1, RLENGTH); s = substr(s, RLENGTH + 1) } else s = substr(s, 2)
    }
  }
  function table(s) {
    if (match(s, /^("([^"]|"")*"|[^" .(]+)([.]("([^"]|"")*"|[^" .(]+))? /)) return substr(s, 1, RLENGTH - 1);
    print "odd " substr(s, 1, 200); return "?"
  }
  function role(s) { if (!((database, s) in named)) { named[database, s] = 1; print "role " s } }
  function roles(s, one) {
    if (s ~ /^ALTER (DATABASE|SYSTEM) / || s !~ /^(GRANT|REVOKE|ALTER|CREATE POLICY|CREATE USER MAPPING|SET SESSION AUTHORIZATION) /) return;
    if (match(s, /^ALTER (DEFAULT PRIVILEGES FOR )?ROLE ("([^"]|"")*"|[^" ;]+) /)) { one = substr(s, 1, RLENGTH - 1); sub(/^ALTER (DEFAULT PRIVILEGES FOR )?/, "", one); role(one) }
    if (s ~ /^ALTER ROLE /) return;
    if (match(s, /^CREATE USER MAPPING FOR ("([^"]|"")*"|[^" ;]+) /)) { role(substr(s, 21, RLENGTH - 21)); return }
    if (match(s, /^SET SESSION AUTHORIZATION [^\047;]+;$/)) { role(substr(s, 13, RLENGTH - 13)); return }
    if (s ~ /^CREATE POLICY /) { if (match(s, / TO ("([^"]|"")*"|[^" ;,(]+)(, ("([^"]|"")*"|[^" ;,(]+))*( USING| WITH CHECK|;)/)) { one = substr(s, RSTART + 1, RLENGTH - 1); sub(/( USING| WITH CHECK|;)$/, "", one); role(one) }; return }
    if (s ~ /^ALTER / && s !~ /^ALTER (DEFAULT PRIVILEGES |.* OWNER TO )/) return;
    if (match(s, / (TO|FROM) ("([^"]|"")*"|[^" ;]+)( WITH GRANT OPTION)?( GRANTED BY ("([^"]|"")*"|[^" ;]+))?;$/)) role(substr(s, RSTART + 1, RLENGTH - 2))
  }
  copying { if ($0 == "\\.") { print "rows " n " " name; copying = 0 } else n++; next }
  $0 == "" { next }
  open == "" && !busy {
    if (/^--/) {
      if (NR <= 3 && $0 == "-- PostgreSQL database cluster dump") print "header";
      if ($0 == "-- PostgreSQL database cluster dump complete") whole = 1;
      if (/^-- Dumped from database version /) print "version " substr($0, 33);
      next
    }
    if (/^\\(unrestrict|encoding) /) next;
    whole = 0;
    if (/^\\restrict /) { restricted = 1; next }
    if (/^\\connect /) { print "created " made + 0; made = 0; database = substr($0, 10); print "database " database; next }
    if (/^\\/) { print "odd " substr($0, 1, 200); next }
    if (/^COPY /) { if ($0 !~ / FROM stdin;$/) print "odd " substr($0, 1, 200); name = table(substr($0, 6)); n = 0; copying = 1; next }
    if (/^CREATE (UNLOGGED )?TABLE /) made++;
    if (/^INSERT INTO /) { name = table(substr($0, 13)); if (name != inserted) print "inserts " name; inserted = name }
    if (/^CREATE ROLE .*;$/ || /^ALTER DATABASE .* OWNER TO .*;$/) print "said " $0;
    if (database != "") roles($0)
  }
  { whole = 0; skip($0) }
  END {
    if (copying) print "rows " n " " name;
    print "created " made + 0;
    if (restricted) print "restricted";
    if (whole && !copying && open == "") print "trailer";
    print "read"
  }`;

/** mysqldump escapes line breaks in values, so that a line never ends inside of one; bodies of routines stand between lines with DELIMITER. */
const MYSQL = String.raw`
  function count(s) {
    if (index(s, "\\")) gsub(/\\./, "", s);
    gsub(/\047[^\047]*\047/, "", s);
    if (s ~ /;[ \t]*$/) inserting = 0;
    n += gsub(/[(]/, "", s)
  }
  function flush() { if (name != "") print "rows " (unsure ? "?" : n + 0) " " some + 0 " " name; name = ""; n = 0; some = 0; unsure = 0 }
  function named(s) { return match(s, /\140([^\140]|\140\140)*\140/) ? substr(s, RSTART + 1, RLENGTH - 2) : "?" }
  function program(s, kind) {
    sub(/DEFINER=[^ ]+/, "", s);
    if (!match(s, /(TRIGGER|FUNCTION|PROCEDURE|EVENT) +/)) { print "program routine ?"; return }
    kind = tolower(substr(s, RSTART, RLENGTH)); sub(/ +$/, "", kind);
    s = substr(s, RSTART + RLENGTH); sub(/^IF NOT EXISTS /, "", s);
    if (s ~ /^\140/) s = named(s); else sub(/[ (].*/, "", s);
    print "program " kind " " s
  }
  /^DELIMITER / { routine = ($0 !~ /^DELIMITER ;$/); begins = routine; next }
  routine { if (begins && /^(\/[*]!5[0-9]+ )?CREATE/) { program($0); begins = 0 }; next }
  $0 == "" { next }
  inserting { count($0); next }
  /^--/ {
    if (NR <= 5 && /^-- (MySQL|MariaDB) dump /) print "header";
    if (/^-- Host: .* Database: ./) print "only " substr($0, index($0, "Database: ") + 10);
    if (/^-- Server version/) print "version " substr($0, 19);
    if (/^-- Current Database: /) { flush(); print "database " named($0) }
    if (/^-- Dump completed/) whole = 1;
    next
  }
  { whole = 0 }
  /^SET @@GLOBAL.GTID_PURGED/ { print "gtid" }
  /^USE \140/ { flush(); print "database " named($0) }
  /^\/[*]!50001 VIEW / { print "program view " named($0) }
  /^CREATE TABLE / { flush(); name = named($0) }
  /^(INSERT|REPLACE)( +[A-Z_]+)* +INTO / {
    t = named($0);
    if (t != name) { flush(); name = t }
    some = 1;
    match($0, /\140([^\140]|\140\140)*\140/);
    s = substr($0, RSTART + RLENGTH);
    if (match(s, /^ *[(](\140([^\140]|\140\140)*\140,? *)+[)]/)) s = substr(s, RLENGTH + 1);
    if (s !~ /^ *VALUES/) { unsure = 1; next }
    inserting = 1;
    count(s)
  }
  END {
    flush();
    if (whole && !inserting && !routine) print "trailer";
    print "read"
  }`;

export const POSTGRES_DUMP_SCRIPT = inspectingText(oneLine(POSTGRES));
export const MYSQL_DUMP_SCRIPT = inspectingText(oneLine(MYSQL));

/**
 * `immutable` keeps SQLite from making or deleting any file beside it, and from reading through a log: a copy with one is not told to be whole.
 * A name that would mean something in a URI is refused.
 */
export const SQLITE_SCRIPT = oneLine(String.raw`
  [ -f "$1" ] || { echo "$1 is no file" >&2; exit 3; };
  case $1 in *[?#%]*) echo "$1 cannot be named to sqlite3" >&2; exit 3 ;; esac;
  command -v sqlite3 >/dev/null || { echo "there is no sqlite3 here" >&2; exit 127; };
  db="file://$1?immutable=1";
  ask() { sqlite3 -batch -noheader -init /dev/null -readonly "$db" "$1" 2>&1; };
  ask "PRAGMA integrity_check(3)" | sed "s/^/integrity /";
  for log in -wal -journal; do [ ! -s "$1$log" ] || echo "integrity its $log lies beside it, and what that holds was not looked at"; done;
  for table in $2; do
    if said=$(ask "SELECT count(*) FROM \"$table\" NOT INDEXED"); then echo "rows $said $table"; else printf "%s\n" "$said" | sed "s/^/failed /"; fi;
  done;
  ls -A "$(dirname "$1")" | sed "s/^/file /"; echo end`);

/** What the checks of other kinds share: `bad` says what is wrong and ends the report. */
const CHECK = `
  [ -f "$1" ] || { echo "$1 is no file" >&2; exit 3; };
  LC_ALL=C; export LC_ALL;
  bad() { printf "bad %s\\nend\\n" "$(printf %s "$1" | tr "\\n" " ")"; exit 0; };
  good() { printf "good %s\\nend\\n" "$1"; exit 0; };
  digest() { if command -v sha256sum >/dev/null; then sha256sum | cut -c 1-64; else sha256 -q; fi; };
  hex() { od -An -v -tx1 | tr -d " \\n"; };`;

/** A dump of Redis begins with REDIS and four digits, and ends with the opcode FF and a checksum of eight bytes. */
export const RDB_SCRIPT = oneLine(`${CHECK}
  case $(head -c 9 "$1" | tr -cd "A-Z0-9") in REDIS[0-9][0-9][0-9][0-9]) ;; *) bad "it does not begin with REDIS and a version" ;; esac;
  [ "$(tail -c 9 "$1" | head -c 1 | hex)" = ff ] || bad "its end is missing";
  good "$(head -c 9 "$1")"`);

/** A snapshot of etcd is a database of whole pages with its SHA-256 behind it. */
export const ETCD_SCRIPT = oneLine(`${CHECK}
  size=$(($(wc -c <"$1")));
  [ $((size % 512)) -eq 32 ] || bad "it has $size bytes, which are no whole pages and a digest";
  [ "$(tail -c 32 "$1" | hex)" = "$(head -c $((size - 32)) "$1" | digest)" ] || bad "its digest is that of other content";
  good "$size bytes"`);

/** A snapshot of Vault is an archive with the digests of what is in it. */
export const RAFT_SCRIPT = oneLine(`${CHECK}
  said=$(gzip -t "$1" 2>&1) || bad "$said";
  sums=$(gzip -dc "$1" | tar -xOf - SHA256SUMS 2>&1) || bad "it has no SHA256SUMS: $sums";
  for each in meta.json state.bin; do
    have=$(gzip -dc "$1" | tar -xOf - "$each" 2>/dev/null | digest);
    case $sums in *"$have  $each"*) ;; *) bad "$each is missing or not what SHA256SUMS says" ;; esac;
  done;
  good "meta.json and state.bin as SHA256SUMS says"`);

export const TAR_SCRIPT = oneLine(`${CHECK}
  exec 3>&1;
  said=$({ { gzip -dc "$1" 2>&4 || echo "gzip failed" >&4; } | { tar -tf - 2>&4 || echo "tar failed" >&4; } | wc -l | sed "s/^ */count /" >&3; } 4>&1);
  [ -z "$said" ] || bad "$said";
  good whole`);

/** How many files a directory has, of how many bytes, and when the newest was written. */
export const DIRECTORY_SCRIPT = oneLine(`
  [ -d "$1" ] || { echo "$1 is no directory" >&2; exit 3; };
  if stat --version >/dev/null 2>&1; then flag=-c; form="%s %Y"; else flag=-f; form="%z %m"; fi;
  { find "$1" -xdev -type f -exec stat "$flag" "$form" {} + || echo failed; } | awk "/^failed/ { exit 3 } { n += 1; b += \\$1; if (\\$2 > m) m = \\$2 } END { printf \\"%d %.0f %d\\\\n\\", n, b, m }"`);
