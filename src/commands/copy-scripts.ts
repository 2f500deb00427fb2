import { z } from 'zod';
import type { Script } from './script-job.ts';

/** The file that a target has from before its first byte is copied until all of it was compared. */
export const COPY_MARK = '.storagebot-copy-not-finished';

/** So begins what the script says where it leaves a target as it is, since that may hold what somebody else put there. */
export const NOT_EMPTY = 'The new volume is not empty';

/**
 * Makes the files of a new volume those of another, while nobody writes to either, and proves it.
 *
 * `$1` the source, `$2` the target. `$3` up to how many bytes every file is hashed; of more, only what is or belongs to a database. `$4` where
 * the result is told. `$5` the mark of this copy, and all after `$6` those of copies that failed: in a target that is not empty nothing is
 * written or deleted unless the last mark there is one of these, and nobody changed a file since `$6`, in seconds since 1970. A copy that was
 * completed took its mark away, for good before the Job was complete: what an application has used since is therefore never taken for a half copy.
 *
 * A database is opened in the copy, where SQLite may write as it likes: rsync puts back afterwards what that changed, and the hashes are
 * taken after that. Nothing but the copied files stays in either volume once all is copied.
 */
const COPY = String.raw`source=$1 target=$2 hashed=$3 result=$4 own=$5 since=$6
shift 6
name=${COPY_MARK}
export LC_ALL=C TZ=UTC
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { printf '%s\n' "$*" >&2; exit 1; }
few() { head -z -n 3 "$1" | tr '\0\n\t' ';? ' | cut -c 1-300; }
tree() { find . -xdev \( -path ./lost+found -o -path "./$name" \) -prune -o "$@"; }

# Files, directories, symbolic links, sockets and pipes, files without their further names, bytes, bytes in blocks, all.
count() {
  (cd "$1" && tree -printf '%y %s %i\n') | awk '
    { n[$1]++ }
    $1 == "f" { bytes += $2; full += int(($2 + 4095) / 4096) * 4096; if (!seen[$3]++) files++ }
    END { printf "%d %d %d %d %d %.0f %.0f %d\n", n["f"], n["d"] - 1, n["l"], n["s"] + n["p"], files, bytes, full, NR - 1 }'
}

# Type, mode, owner, group, time, size and what it points to; each ends with a zero byte, since a name may hold a line feed.
list() {
  (cd "$1" && tree \( -type d -printf 'd %m %U %G %TF %Tr -/%P\0' -o -printf '%y %m %U %G %TF %Tr %s%l/%P\0' \)) | sort -z
}

same() {
  if cmp -s "$work/a" "$work/b"; then return; fi
  comm -z -3 "$work/a" "$work/b" > "$work/differ"
  fail "$1 $(few "$work/differ")"
}

mirror() { rsync -aHx $special --sparse --numeric-ids --delete --exclude=/lost+found --exclude="/$name" "$@" "$source/" "$target/"; }
copy() {
  local ended=0
  mirror > "$work/out" 2> "$work/errors" || ended=$?
  cat "$work/errors" >&2
  return "$ended"
}

for program in rsync sqlite3; do command -v "$program" > /dev/null || fail "The image has no $program"; done
[ -d "$source" ] && [ -d "$target" ] || fail "The source or the target is no directory"
[ "$(stat -c %d:%i "$source")" != "$(stat -c %d:%i "$target")" ] || fail "Source and target are one directory"
[ ! -e "$source/$name" ] && [ ! -L "$source/$name" ] || fail "The source has a file $name: it is a half copy itself, and a person looks first where its files are"
find "$target" -mindepth 1 -maxdepth 1 ! -name lost+found -print0 > "$work/there"
if [ -s "$work/there" ]; then
  [ -f "$target/$name" ] && [ ! -L "$target/$name" ] ||
    fail "${NOT_EMPTY} and is no half copy, and nothing is written over what somebody put there: $(few "$work/there")"
  last=$(tail -n 1 "$target/$name") known=no
  for mark; do if [ "$mark" = "$last" ]; then known=yes; fi; done
  [ "$known" = yes ] || fail "${NOT_EMPTY}: it is the half copy of $(printf %s "$last" | cut -c 1-150), which is none of the failed Jobs that are known"
  (cd "$target" && tree -newerct "@$since" -print0) > "$work/newer"
  [ ! -s "$work/newer" ] || fail "${NOT_EMPTY}: somebody changed files in it after the copy had failed, and nothing is written over them: $(few "$work/newer")"
fi
if [ -d "$source/lost+found" ]; then find "$source/lost+found" -mindepth 1 -print0 > "$work/lost"; else : > "$work/lost"; fi
[ ! -s "$work/lost" ] || fail "lost+found of the source holds what a repair of its file system found: a person looks at it first"
(cd "$source" && tree ! -type f ! -type d ! -type l ! -type s ! -type p -print0) > "$work/odd"
[ ! -s "$work/odd" ] || fail "The source has devices, which are no data of an application: $(few "$work/odd")"
systems=$(find "$source" -type d -printf '%D\n' | sort -u | wc -l)
[ "$systems" = 1 ] || fail "Another file system is mounted below the source, and would be left out"

found=$(count "$source")
read -r files directories links specials inodes bytes full all <<< "$found"
[ "$files" -gt 0 ] || fail "0 files in the source: 0 = 0 proves nothing. It is empty, or not the volume that it should be"
read -r _ _ _ _ _ _ there had <<< "$(count "$target")"
read -r free names spare <<< "$(df --output=avail,itotal,iavail -B1 "$target" | tail -n 1)"
needed=$((full + full * 3 / 10))
[ "$((free + there))" -ge "$needed" ] || fail "The new volume has $((free + there)) bytes for files, and $needed are needed: 1.3 times those of the source"
if [[ $names =~ ^[1-9] ]] && [ "$((spare + had))" -lt "$((all + all / 10))" ]; then
  fail "The new volume has room for $((spare + had)) names, and the source has $all"
fi

printf '%s\n' "$own" >> "$target/$name"
sync "$target/$name" "$target"
special=-AX attributes=copied
if [ "$(stat -f -c %T "$source")" = nfs ]; then attributes=hidden; fi
if ! copy; then
  grep -q 'Operation not supported (95)' "$work/errors" || fail "rsync could not copy all; nobody writes, so that a part is a failure"
  special='' attributes=refused
  copy || fail "rsync could not copy all, also without lists of access and extended attributes"
fi

(cd "$target" && tree -type f -size +0 -print0) > "$work/files"
: > "$work/databases"
while IFS= read -r -d '' file; do
  magic=
  IFS= read -r -d '' -n 16 magic < "$target/$file" || true
  if [ "$magic" = 'SQLite format 3' ]; then printf '%s\0' "$file" >> "$work/databases"; fi
done < "$work/files"
whole=0 unchecked=0
while IFS= read -r -d '' file; do
  said=$(cd "$target" && sqlite3 -batch -init /dev/null "$file" 'PRAGMA integrity_check(3)' < /dev/null 2>&1 | tr '\n' ' ') || true
  case $said in
    'ok ') whole=$((whole + 1)) ;;
    *'no such collation'* | *'no such module'* | *'no such tokenizer'* | *'no such function'*) unchecked=$((unchecked + 1)) ;;
    *) fail "A database is damaged, in the source as in its copy: $(printf %s "$file" | tr '\n' '?'): $(printf %s "$said" | cut -c 1-120)" ;;
  esac
  # Within one second and to the same size, rsync would not see that SQLite wrote to it.
  for part in "$target/$file" "$target/$file"-{wal,shm,journal}; do if [ -e "$part" ]; then touch -d @1 "$part"; fi; done
done < "$work/databases"
copy || fail "rsync could not copy all, after the databases were checked"
sync -f "$target"

[ "$(count "$source")" = "$found" ] || fail "The source changed while it was copied: somebody writes to it"
copied=$(count "$target")
[ "$copied" = "$found" ] || fail "Files, directories, links, others, bytes of the source: $files $directories $links $specials $bytes; all of the copy: $copied"
list "$source" > "$work/a"
list "$target" > "$work/b"
same "The copy is not the same:"
mirror --dry-run --itemize-changes > "$work/left"
[ ! -s "$work/left" ] || fail "rsync would still change: $(few "$work/left")"

if [ "$bytes" -le "$hashed" ]; then
  (cd "$source" && tree -type f -print0) > "$work/hash"
else
  (cd "$source" && tree -type f \( -name '*.db' -o -name '*.db3' -o -name '*.sqlite*' -o -name '*-wal' -o -name '*-journal' \) -print0) > "$work/named"
  sort -zu "$work/named" "$work/databases" > "$work/hash"
fi
(cd "$source" && xargs -0 -r sha256sum --zero --) < "$work/hash" | sort -z > "$work/a"
(cd "$target" && xargs -0 -r sha256sum --zero --) < "$work/hash" | sort -z > "$work/b"
same "Files read otherwise than they were written:"
read -r files2 directories2 links2 specials2 inodes2 bytes2 _ <<< "$copied"
printf '{"source":[%s,%s,%s,%s,%s,%s],"copy":[%s,%s,%s,%s,%s,%s],"hashed":%d,"databases":%d,"unchecked":%d,"attributes":"%s"}' \
  "$files" "$directories" "$links" "$specials" "$inodes" "$bytes" "$files2" "$directories2" "$links2" "$specials2" "$inodes2" "$bytes2" \
  "$(tr -cd '\0' < "$work/hash" | wc -c)" "$whole" "$unchecked" "$attributes" > "$result"
# The last act, and on the disk before the Job is complete. The directory gets back the time that it has in the source.
rm "$target/$name" && touch -r "$source" "$target" && sync -f "$target" && exit 0
: > "$result"
fail "The mark of an unfinished copy could not be taken out of the new volume"
`;

/** Copies the files of a claim. */
export const MIGRATE_COPY: Script = { name: 'migrate-copy', text: COPY };

const Counted = z
  .tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()])
  .transform(([files, directories, links, specials, inodes, bytes]) => ({ files, directories, links, specials, inodes, bytes }));

const Copied = z.strictObject({
  source: Counted,
  copy: Counted,
  /** Files of which both sides have the same SHA-256. */
  hashed: z.number(),
  /** SQLite files that SQLite found whole. */
  databases: z.number(),
  /** Those that it could not check without parts of their application. */
  unchecked: z.number(),
  /** Lists of access and extended attributes: `hidden` where NFS shows none of the server's own, `refused` where one side has none. */
  attributes: z.enum(['copied', 'hidden', 'refused']),
});
export type Copied = z.output<typeof Copied>;

/** What the script tells when it has ended well. Throws where that is not what a complete copy tells. */
export function parseCopied(text: string): Copied {
  const copied = Copied.parse(JSON.parse(text));
  const isSame = JSON.stringify(copied.source) === JSON.stringify(copied.copy);
  if (!isSame || copied.source.files === 0) throw new Error(`no complete copy: ${text.slice(0, 200)}`);
  return copied;
}
