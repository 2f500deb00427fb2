// Texts for bash. Names come as arguments: none of them is ever part of a text.

/** What a script says last that failed before it had moved anything which was there. */
export const UNCHANGED = 'Nothing was changed.';

/** `live` is the database's path, `stamp` tells this restore from every other; the rest are pairs that say what the rest are. */
const WORDS = `
say() { printf '%s\\n' "$*" >&2; }
die() { told=1; say "$@"; exit 1; }
exists() { [ -e "$1" ] || [ -L "$1" ]; }
live=$1 stamp=$2; shift 2
dir=\${live%/*} base=\${live##*/}
made=$dir/.$stamp-new before=$dir/.$stamp-before undone=$dir/.$stamp-undone
kept='${UNCHANGED}'
from= ; tables=() ; rows=() ; needs=() ; may=()
while [ $# -gt 1 ]; do
  case $1 in
    from) from=$2; shift 2;;
    table) tables+=("$2"); shift 2;;
    rows) tables+=("$2"); rows+=("$3"); shift 3;;
    needs) needs+=("$2"); shift 2;;
    may) may+=("$2"); shift 2;;
    *) die "$1 is no word of this script";;
  esac
done
database=("$base" "$base-wal" "$base-shm" "$base-journal")
command -v sqlite3 > /dev/null || die "This image has no sqlite3. $kept"
# What is not finished is of no use to anybody, and of a name that only this run has.
trap 'ended=$?; rm -rf -- "$made.part" "$dir/.$stamp-probe"; [ $ended = 0 ] || [ -n "\${told-}" ] || say "It ended with $ended. $kept"' EXIT
`;

/**
 * Two whole sets of files change places, by renames alone. The manifest is on disk before the first one: whoever finds it together with
 * the directory that is to come in goes on, in whatever order the renames were cut short. The database itself comes in last.
 */
const SWAP = `
move() { mkdir -p -- "\${2%/*}"; mv -T -- "$1" "$2"; }
swap() { # <directory that comes in> <directory that takes what is there> <names …>
  local in=$1 out=$2 name; shift 2
  exists "$out" && die "$out is there already: this was done before, or by something else"
  rm -rf -- "$out.part"; mkdir -m 0700 -- "$out.part"
  { printf 'in %s\\n' "\${in##*/}"
    for name; do
      printf 'known %s\\n' "$name"
      if exists "$in/$name"; then printf 'comes %s\\n' "$name"; fi
      if exists "$dir/$name"; then printf 'was %s\\nlike %s %s\\n' "$name" "$name" "$(stat -c '%s bytes, %u:%g %a, %y' -- "$dir/$name")"; fi
    done
  } > "$out.part/manifest"
  sync -f "$dir"
  mv -T -- "$out.part" "$out"
  finish "$out"
}
finish() { # <directory with a manifest>
  local out=$1 in= kind name aside=
  local known=() comes=() was=()
  while read -r kind name; do
    case $kind in in) in=$dir/$name;; known) known+=("$name");; comes) comes+=("$name");; was) was+=("$name");; esac
  done < "$out/manifest"
  [ -n "$in" ] || die "$out has a manifest that does not say what comes in"
  [ -d "$in" ] || return 0
  kept='Nothing else was changed.'
  sync -f "$dir"
  for name in "\${known[@]}"; do
    exists "$dir/$name" || continue
    if among "$name" "\${comes[@]}" && ! exists "$in/$name"; then continue; fi
    if among "$name" "\${was[@]}" && ! exists "$out/$name"; then
      move "$dir/$name" "$out/$name"
    else # somebody started the application in between
      [ -n "$aside" ] || aside=$(mktemp -d "$dir/.storagebot-between-XXXXXX")
      move "$dir/$name" "$aside/$name"
    fi
  done
  sync -f "$dir"
  for name in "\${comes[@]}"; do
    if [ "$name" != "$base" ] && exists "$in/$name"; then move "$in/$name" "$dir/$name"; fi
  done
  if exists "$in/$base"; then sync -f "$dir"; move "$in/$base" "$dir/$base"; fi
  sync -f "$dir"
  if exists "$in/manifest"; then mv -T -- "$in/manifest" "$out/manifest-before"; fi
  find "$in" -depth -type d -empty -delete
  exists "$in" && die "$in still holds $(find "$in" -mindepth 1 -printf '%P ' | head -c 200), which nobody expected there"
  sync -f "$dir"
  say "$in took its place; what was there is in $out"
}
among() { local name=$1 each; shift; for each; do [ "$each" = "$name" ] && return 0; done; return 1; }
settle() { # an exchange that was cut short, of this restore or of another
  local manifest
  for manifest in "$dir"/.storagebot-*-before/manifest "$dir"/.storagebot-*-undone/manifest; do
    if [ -f "$manifest" ]; then finish "\${manifest%/manifest}"; fi
  done
}
`;

/**
 * Locks belong to the file, and not to its name: under another name SQLite finds neither log nor journal, and so can ask for the lock
 * without replaying, rolling back or deleting one.
 */
const ASK = `
unlocked() {
  local probe=$dir/.$stamp-probe said
  [ -f "$live" ] || return 0
  rm -rf -- "$probe"; mkdir -m 0700 -- "$probe"; ln -- "$live" "$probe/db"
  said=$(sqlite3 -batch "$probe/db" '.dbconfig no_ckpt_on_close on' '.timeout 3000' 'PRAGMA locking_mode=EXCLUSIVE' 'BEGIN EXCLUSIVE' 'ROLLBACK' 2>&1) || true
  rm -rf -- "$probe"
  case $said in
    *locked*) die "$live is locked: a process still has it open. $kept";;
    *'I/O error'*) die "$live cannot be read: $said. $kept";;
  esac
}
belongs() {
  local name
  [ -d "$dir" ] || die "$dir is not there: is this the right volume?"
  if [ -L "$live" ]; then die "$live is a symbolic link: where it leads is for a person to look at. $kept"; fi
  for name in "\${database[@]}" "\${needs[@]}" "\${may[@]}"; do
    if exists "$dir/$name"; then
      [ "$(stat -c %d -- "$dir/$name")" = "$(stat -c %d -- "$dir")" ] || die "$dir/$name is on another file system, and cannot be renamed. $kept"
      found=1
    fi
  done
  for name in "$dir"/.storagebot-*-before; do if [ -d "$name" ]; then found=1; fi; done
  [ -n "\${found-}" ] || die "$dir holds neither $base nor anything else of the application: is this the right volume? $kept"
}
room() { # <bytes>
  local free
  free=$(df -B1 --output=avail -- "$dir" | tail -n 1); free=\${free// /}
  [ "$free" -ge $((2 * $1)) ] || die "$dir has $free bytes free, and twice $1 are needed. $kept"
}
count() { # <database> <table>: by the table itself, whatever its indexes are like
  sqlite3 -batch -bail -noheader -list "$1" "SELECT count(*) FROM \\"\${2//\\"/\\"\\"}\\" NOT INDEXED" 2>&1
}
whole() { # <database> <what it is called>
  local said
  said=$(sqlite3 -batch -bail "$1" '.timeout 10000' 'PRAGMA integrity_check' 2>&1) || true
  [ "$said" = ok ] || die "$2 is not whole: $(head -n 3 <<< "$said" | tr '\\n' ' '). $kept"
}
`;

/** What was read is compared with what was written, and both with what was seen before the restore was approved. */
export const RESTORE_TEXT = `${WORDS}${SWAP}${ASK}
fingerprint() ( cd "$1"; shift
  { find "\${@/#/./}" -type f -print0 | sort -z | xargs -0r sha256sum; find "\${@/#/./}" -type l -printf '%p -> %l\\n' | sort; } | sha256sum )
approved() { # <copy of the database>
  local index has
  whole "$1" "The backup $from"
  for index in "\${!tables[@]}"; do
    has=$(count "$1" "\${tables[index]}") || die "Of the backup's \${tables[index]} the rows cannot be counted: $has. $kept"
    [ "$has" = "\${rows[index]}" ] || die "The backup has $has rows in \${tables[index]}, and \${rows[index]} were seen before. $kept"
  done
  rm -f -- "$1-shm"
}
likened() { # <name> to what it replaces, or else to the database, or else to the directory that it comes into
  local as=$dir/$1 owner
  exists "$as" || as=$live
  [ -e "$as" ] || as=$dir
  owner=$(stat -c %u:%g -- "$as")
  find "$part/$1" \\( ! -uid "\${owner%:*}" -o ! -gid "\${owner#*:}" \\) -exec chown -h -- "$owner" {} +
  if [ -e "$dir/$1" ] && [ ! -L "$dir/$1" ] && [ ! -L "$part/$1" ]; then chmod "$(stat -c %a -- "$dir/$1")" "$part/$1"; fi
}
belongs
unlocked
settle
if [ -f "$before/manifest" ]; then say "It was restored already: what was there before is in $before"; exit 0; fi
names=("$base")
[ -d "$from" ] || die "There is no backup $from. $kept"
[ -f "$from/$base" ] && [ ! -L "$from/$base" ] || die "$from has no $base. $kept"
for name in "$base-wal" "$base-journal"; do if [ -f "$from/$name" ]; then names+=("$name"); fi; done
for name in "\${needs[@]}"; do exists "$from/$name" || die "$from has no $name, without which it is not whole. $kept"; names+=("$name"); done
for name in "\${may[@]}"; do if exists "$from/$name"; then names+=("$name"); fi; done
if ! [ -d "$made" ]; then
  part=$made.part
  rm -rf -- "$part"
  room "$(cd "$from"; du -sbc -- "\${names[@]/#/./}" | tail -n 1 | cut -f 1)"
  mkdir -m 0700 -- "$part"
  for name in "\${names[@]}"; do mkdir -p -- "$(dirname -- "$part/$name")"; cp -a --no-preserve=ownership -T -- "$from/$name" "$part/$name"; done
  [ "$(fingerprint "$from" "\${names[@]}")" = "$(fingerprint "$part" "\${names[@]}")" ] || die "The copy of $from is not the same as the backup. $kept"
  approved "$part/$base"
  for name in "\${names[@]}"; do if exists "$part/$name"; then likened "$name"; fi; done
  sync -f "$part"
  mv -T -- "$part" "$made"
else
  approved "$made/$base"
fi
unlocked
held=()
for name in "\${may[@]}"; do # Attachments of which the backup has none are better than none.
  if exists "$made/$name" || [ ! -d "$dir/$name" ] || [ -L "$dir/$name" ]; then held+=("$name"); else say "$from has no $name: that of the volume stays"; fi
done
swap "$made" "$before" "\${database[@]}" "\${needs[@]}" "\${held[@]}"
say "Restored from $from: $(for index in "\${!tables[@]}"; do printf '%s %s, ' "\${rows[index]}" "\${tables[index]}"; done)whole"
`;

/** What was written since goes into a directory of its own, all of it together. */
export const BACK_TEXT = `${WORDS}${SWAP}${ASK}
belongs
unlocked
settle
if [ -f "$undone/manifest" ]; then say "It was taken back already: what was there then is in $undone"; exit 0; fi
[ -f "$before/manifest" ] || die "There is no $before: nothing was put aside, and nothing is taken back."
names=()
while read -r kind name; do if [ "$kind" = known ]; then names+=("$name"); fi; done < "$before/manifest"
swap "$before" "$undone" "\${names[@]}"
`;

/** The file itself is not touched: a copy is indexed anew and takes its place. */
export const REINDEX_TEXT = `${WORDS}${SWAP}${ASK}
belongs
unlocked
settle
if [ -f "$before/manifest" ]; then say "It was indexed anew already: what was there before is in $before"; exit 0; fi
[ -f "$live" ] || die "There is no $live. $kept"
if ! [ -d "$made" ]; then
  part=$made.part
  rm -rf -- "$part"
  names=("$base")
  for name in "$base-wal" "$base-journal"; do if [ -f "$dir/$name" ]; then names+=("$name"); fi; done
  room "$(cd "$dir"; du -sbc -- "\${names[@]/#/./}" | tail -n 1 | cut -f 1)"
  mkdir -m 0700 -- "$part"
  for name in "\${names[@]}"; do cp -a -T -- "$dir/$name" "$part/$name"; done
  had=()
  for table in "\${tables[@]}"; do
    has=$(count "$part/$base" "$table") || die "Of $table the rows cannot be counted ($has): more than the indexes is damaged. $kept"
    had+=("$has")
  done
  said=$(sqlite3 -batch -bail "$part/$base" '.timeout 10000' REINDEX 2>&1) || die "The indexes cannot be made anew: $said. $kept"
  whole "$part/$base" "The copy with new indexes"
  for index in "\${!tables[@]}"; do
    has=$(count "$part/$base" "\${tables[index]}")
    [ "$has" -ge "\${had[index]}" ] || die "The copy has $has rows in \${tables[index]}, and the database has \${had[index]}. $kept"
  done
  if exists "$part/$base-wal" || exists "$part/$base-journal"; then die "SQLite left a log beside the copy with new indexes. $kept"; fi
  chown --reference="$live" -- "$part/$base"; chmod --reference="$live" -- "$part/$base"
  sync -f "$part"
  mv -T -- "$part" "$made"
fi
unlocked
swap "$made" "$before" "\${database[@]}"
`;
