/**
 * Files that take longest, none of whose tests needs another one of the same file, and how many of these are made at the usual depth: what starts
 * servers, kills programs, or does to many what it does to a few. CI makes all.
 */
export const LONG_FILES: Readonly<Record<string, number>> = {
  'src/alerts/conductor-crash.test.ts': 1,
  'src/alerts/offering-crash.test.ts': 1,
  'src/cli/known-run.test.ts': 4,
  'src/cli/main.test.ts': 12,
  'src/cli/two-people.test.ts': 4,
  'src/cli/two-users.test.ts': 1,
  'src/engine/engine-work.test.ts': 7,
  'src/store/keeping.test.ts': 7,
  'test/system/audit-command.test.ts': 12,
  'test/system/backup-contents.test.ts': 16,
  'test/system/backup-mysql-dumps.test.ts': 6,
  'test/system/block-rest.test.ts': 2,
  'test/system/incident-aftermath.test.ts': 0,
  'test/system/incident-doubt.test.ts': 0,
  'test/system/incident-muted.test.ts': 0,
  'test/system/incident-silence.test.ts': 1,
  'test/system/incidents.test.ts': 1,
  'test/system/kubectl.test.ts': 16,
  'test/system/migrate-copy-again.test.ts': 5,
  'test/system/migrate-copy.test.ts': 3,
  'test/system/postgres-restore.test.ts': 8,
  'test/system/postgres-swap.test.ts': 4,
  'test/system/real-alerting.test.ts': 1,
  'test/system/slack-incidents.test.ts': 5,
  'test/system/sqlite-killed.test.ts': 2,
  'test/system/sqlite-looks.test.ts': 6,
  'test/system/sqlite-restore.test.ts': 5,
};

/** So many tests of each file in such a folder. */
const LONG_FOLDERS: Readonly<Record<string, number>> = { 'test/near-misses/': 10 };

/** How many tests of this file are made at the usual depth; undefined where that is all of them. */
export function mostOf(path: string): number | undefined {
  const folder = Object.keys(LONG_FOLDERS).find((each) => path.startsWith(each));
  return LONG_FILES[path] ?? (folder === undefined ? undefined : LONG_FOLDERS[folder]);
}
