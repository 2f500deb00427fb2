export const CODES = {
  'not-restored': 'The database is not what was asked for.',
  'restored-beside': 'The restored database is whole, and waits beside the one that is used.',
  'not-started': 'The database is restored, and who uses it is still stopped.',
  'no-primary':
    'No server of the cluster takes writes, or the operator is at work on it: data that cannot be reached are not lost.',
  'no-dump': 'There is no dump at all.',
  'no-such-dump': 'There is no dump of this name.',
  'no-such-database': 'Neither the server nor the dump has a database of this name.',
  'not-in-dump': 'The dump has no database of this name.',
  'dump-broken': 'The dump is cut, or cannot be unpacked.',
  'dump-doubtful': 'The dump is whole, and yet it looks as if it were not what is wanted.',
  'server-older': 'The server is older than the one that the dump was made of.',
  'role-missing': 'The role that owns the database is not there.',
  'no-room': 'The volume of the server has no room for another copy of the database.',
  'backup-running': 'A job works with the dumps now.',
  'restored-opened': 'The restored database was opened: what is in it may no longer be what the dump has.',
  'database-shut': 'The database takes no connections: nobody can use it, and no copy of it can be made.',
  'cannot-stop': 'Something uses the database that cannot be stopped and started again.',
  'work-announced': 'An alert announces maintenance or a power outage.',
} as const;
export type Code = keyof typeof CODES;

/** What a restore has got to; everything else is in its way. */
export const PROGRESS: readonly Code[] = ['not-restored', 'restored-beside', 'not-started'];
