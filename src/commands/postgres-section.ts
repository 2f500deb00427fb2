/**
 * Reads a whole `pg_dumpall` in awk, as psql would, and holds no quote of a shell: it knows where strings, comments and rows are, so that no line of these is taken for a
 * command. It ends with 1 unless the file begins and ends as a whole one does and the section of DB in it is whole.
 * With SCRATCH it prints that section for the database of that name, without what only psql understands, in a transaction that it leaves
 * open, and into a table `storagebot_dumped` how many rows each COPY has; without SCRATCH the options that DB was made with.
 * pg_dump 11 and later put CREATE DATABASE before the section, older ones at the beginning.
 */
export const POSTGRES_SECTION = String.raw`
function refuse(why) { if (!refused) print "line " NR ": " why > "/dev/stderr"; refused = 1; exit 1 }
function escaped(text, which, with,  i, c, all) {
  for (i = 1; i <= length(text); i++) { c = substr(text, i, 1); all = all (index(which, c) ? with c : c) }
  return all
}
function quoted(name) { return "\"" escaped(name, "\"", "\"") "\"" }
function say(line) { if (inside && scratch != "") print line }
function about(line, name,  what, at) {
  what = " DATABASE " name " "; at = index(line, what)
  return at == 0 ? "" : substr(line, 1, at) "DATABASE " quoted(scratch) " " substr(line, at + length(what))
}
function renamed(line,  now) {
  if (line !~ /^(ALTER DATABASE|COMMENT ON DATABASE|ALTER ROLE .* IN DATABASE|(GRANT|REVOKE) .* ON DATABASE|SECURITY LABEL .* ON DATABASE) /) return line
  now = about(line, db); if (now == "") now = about(line, quoted(db))
  if (now == "") refuse("a statement in the section of " db " is about another database")
  return now
}
function made(line,  rest, option) {
  rest = substr(line, 17)
  if (index(rest, db " WITH ") == 1) rest = substr(rest, length(db) + 6)
  else if (index(rest, quoted(db) " WITH ") == 1) rest = substr(rest, length(quoted(db)) + 6)
  else return
  if (++makings > 1) refuse("it makes " db " twice")
  while (match(rest, /^ [A-Z_ ]+ = (\047[^\047\\]*\047|"[^"]*"|-?[A-Za-z0-9_]+)/)) {
    option = substr(rest, 1, RLENGTH); rest = substr(rest, RLENGTH + 1)
    if (option ~ /^ (ENCODING|LOCALE|LOCALE_PROVIDER|LC_COLLATE|LC_CTYPE|ICU_LOCALE|ICU_RULES|BUILTIN_LOCALE|TABLESPACE) =/) options = options option
    else if (option !~ /^ (TEMPLATE|OWNER|CONNECTION LIMIT|IS_TEMPLATE|ALLOW_CONNECTIONS) =/) refuse("CREATE DATABASE has the unknown option" option)
  }
  if (rest != ";") refuse("CREATE DATABASE is of an unknown form")
}
function command(line) {
  if (restricted != "") { if (line != "\\unrestrict " restricted) refuse("a command of psql where none may be"); restricted = ""; return }
  if (line ~ /^\\restrict [A-Za-z0-9]+$/) { restricted = substr(line, 11); return }
  if (line ~ /^\\encoding [A-Za-z0-9_]+$/) return
  if (line !~ /^\\connect [^ ]/) refuse("an unknown command of psql")
  if (line == plain || line == named || line == general) {
    if (whole) refuse("a second section of " db)
    if (!inside) { inside = 1; say("BEGIN; CREATE TEMPORARY TABLE storagebot_dumped (name text, rows bigint);") }
  } else if (inside) refuse("the section of " db " has no end")
}
function table(line) {
  if (match(line, /^("([^"]|"")*"|[^" .(]+)([.]("([^"]|"")*"|[^" .(]+))? /)) return substr(line, 1, RLENGTH - 1)
  refuse("it has rows of a table whose name is of an unknown form")
}
function comment(line) {
  if (line == "-- PostgreSQL database dump complete" && inside) { inside = 0; whole = 1 }
  if (line == "-- PostgreSQL database cluster dump complete") ended = NR
  if (line ~ /^-- .*; Type: /) objects = line ~ /; Type: BLOBS;/
}
function scan(s,  sign, before) {
  while (s != "") {
    if (open == "") {
      if (!match(s, /[\047"\\;]|--|\/\*|\$([A-Za-z_\200-\377][A-Za-z0-9_\200-\377]*)?\$/)) { if (s ~ /[^ \t]/) fresh = 0; return }
      sign = substr(s, RSTART, RLENGTH); before = substr(s, 1, RSTART - 1)
      s = substr(s, RSTART + RLENGTH)
      if (before ~ /[^ \t]/) fresh = 0
      if (sign == ";") fresh = 1
      else if (sign == "--") return
      else if (sign == "\\") refuse("a command of psql within a line")
      else if (sign == "/*") { open = "*/"; depth = 1 }
      else if (sign ~ /^\$/ && before ~ /[A-Za-z0-9_\200-\377]$/) continue
      else { open = sign; fresh = 0; escapes = sign == "\047" && before ~ /(^|[^A-Za-z0-9_\200-\377])[eE]$/ }
    } else if (open == "*/") {
      if (!match(s, /\*\/|\/\*/)) return
      depth += substr(s, RSTART, 1) == "*" ? -1 : 1
      s = substr(s, RSTART + 2); if (depth == 0) open = ""
    } else if (escapes) {
      if (!match(s, /[\047\\]/)) return
      sign = substr(s, RSTART, 1)
      if (sign == "\\" || substr(s, RSTART + 1, 1) == sign) s = substr(s, RSTART + 2)
      else { s = substr(s, RSTART + 1); open = ""; escapes = 0 }
    } else {
      if (!(before = index(s, open))) return
      s = substr(s, before + length(open)); open = ""
    }
  }
}
BEGIN {
  db = ENVIRON["DB"]; scratch = ENVIRON["SCRATCH"]; fresh = 1
  plain = "\\connect " db; named = "\\connect " quoted(db)
  general = "\\connect -reuse-previous=on " quoted("dbname=\047" escaped(db, "\\\047", "\\") "\047")
}
NR == 2 && $0 != "-- PostgreSQL database cluster dump" { refuse("it does not begin as a dump of a whole cluster does") }
rows { if ($0 == "\\.") rows = 0; else if (inside) dumped[name]++; say($0); next }
open == "" && $0 == "" { say(""); next }
open == "" && /^--/ { comment($0); say($0); next }
open == "" && /^\\/ { command($0); next }
{
  if (ended) refuse("it goes on after its end")
  line = $0
  if (open == "" && fresh) {
    if (/^CREATE DATABASE /) { if (inside) refuse("the section of " db " makes a database"); made($0) }
    if (inside) line = renamed($0)
    if (objects && (line == "BEGIN;" || line == "COMMIT;")) next
    copies = /^COPY /
    if (inside && copies) { name = table(substr($0, 6)); dumped[name] += 0 }
    if (inside && /^INSERT INTO /) unsure[table(substr($0, 13))] = 1
  }
  scan($0)
  if (copies && open == "" && fresh) { rows = / FROM stdin;$/; copies = 0 }
  say(line)
}
END {
  if (refused) exit 1
  if (!ended || rows || open != "" || restricted != "") refuse("it is cut: the end of a whole dump is missing")
  if (!whole) refuse("it has no whole section of " db)
  if (makings != 1) refuse("it does not say how " db " was made")
  if (scratch == "") { print options; exit }
  print "COPY pg_temp.storagebot_dumped FROM stdin;"
  for (name in dumped) print escaped(name, "\\", "\\") "\t" dumped[name]
  for (name in unsure) print escaped(name, "\\", "\\") "\t\\N"
  print "\\."
}`;
