import type { SqliteCheck } from '../../src/commands/sqlite.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';
import { claimOf, type Inside } from './inside.ts';

type Refused = Extract<SqliteCheck, { readonly result: 'refused' }>;

const NO_RESTORE =
  'Do not restore a backup: this says nothing of what is in the database, and a restore loses all that was written since the backup.';

/** Each of SQLite's answers that are not about the content has its own cause. */
export function refusal(its: Inside, check: Known<unknown>, { code, says }: Refused): Finding<Code> {
  const { service, name } = its;
  const said = `SQLite says of ${name}: "${says}".`;
  const about = { subject: service, doNot: NO_RESTORE, seen: [check, ...its.proof] } as const;
  switch (code) {
    case 5:
      return { ...about, code: 'locked', ...locked(its, said) };
    case 10:
      return { ...about, code: 'io-error', ...ioError(its, said) };
    case 14:
      return { ...about, code: 'cannot-open', ...cannotOpen(its, said) };
    case 8:
      return readOnly(its, said, about);
  }
}

type About = Pick<Finding<Code>, 'subject' | 'doNot' | 'seen'>;
type Text = Pick<Finding<Code>, 'says' | 'remedy'>;

function isNfs({ backing }: Inside): boolean {
  return backing.volume.backing.kind === 'nfs';
}

function locked(its: Inside, said: string): Text {
  const why = isNfs(its)
    ? 'It is on NFS, where a lock can outlive the program that had it; see there.'
    : 'Some program keeps a transaction open, or has the database for itself (PRAGMA locking_mode=EXCLUSIVE).';
  return {
    says: `${said} Somebody held its lock for longer than five seconds (SQLITE_BUSY): contention, and no corruption. ${why}`,
    remedy: `Look again in a minute. If it stays so, look at which job or second copy of the application works on it (\`lslocks\` on ${its.place.host.name}), and end that one.`,
  };
}

function ioError(its: Inside, said: string): Text {
  const below = isNfs(its)
    ? `\`/storage diagnose nfs ${its.service}\` and \`/storage diagnose zfs\``
    : `\`/storage diagnose block ${claimOf(its.backing)}\` and \`/storage diagnose capacity\``;
  return {
    says: `${said} The storage below did not give a page (SQLITE_IOERR): a full thin pool, a lost disk or a server that does not answer.`,
    remedy: `Repair the storage first: ${below}. Then look again: the database is usually whole.`,
  };
}

function cannotOpen({ place, inside }: Inside, said: string): Text {
  const { files } = inside;
  const isHalf = files.known && files.value.wal !== undefined && files.value.shm === undefined;
  const why = isHalf
    ? 'Its write-ahead log is there without the -shm beside it: only who may write can make that anew.'
    : 'A directory that may not be entered, a mount that went away, or a database that is held for one program alone.';
  return {
    says: `${said} ${why}`,
    remedy: `Look at the mount and the permissions of ${place.directory} on ${place.host.name}. The application itself makes the -shm when it starts; then look again.`,
  };
}

/** Of a mount that is read-only the mount tells more. */
function readOnly(its: Inside, said: string, about: About): Finding<Code> {
  const { files } = its.inside;
  const journal = files.known ? files.value.journal : undefined;
  if (journal !== undefined && journal.bytes > 0 && files.known)
    return {
      ...about,
      code: 'unfinished-transaction',
      says: `${said} Beside it lies a journal of ${journal.bytes} bytes: a transaction was cut off, and only who may write can roll it back.`,
      remedy: 'Start the application: it rolls the transaction back when it opens the database. Then look again.',
      doNot: 'Do not delete the -journal, and do not copy the database without it: half a transaction is in the file.',
      seen: [...about.seen, files],
    };
  return {
    ...about,
    code: 'not-readable',
    says: `${said} A look that may write nothing could not take a lock that it needs.`,
    remedy: 'Look again while the application runs.',
  };
}
