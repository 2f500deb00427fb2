export const CODES = {
  'not-restored': 'The database is not what was asked for.',
  'restored-beside': 'The restored database is whole, and waits beside the one that is used.',
  'not-started': 'The database is restored, and who uses it is still stopped.',
  'no-primary': 'No server takes writes: data that cannot be reached are not lost.',
  'no-dump': 'There is no dump at all.',
  'no-such-dump': 'There is no dump of this name.',
  'not-in-dump': 'The dump has no tables of this database.',
  'dump-broken': 'The dump is cut, or cannot be unpacked.',
  'dump-doubtful': 'The dump is whole, and yet it looks as if it were not what is wanted.',
  'has-programs': 'The database has views, triggers, routines or events, which no rename moves to another database.',
  'no-room': 'There is no room for another copy of the database.',
  'left-over': 'A restore that did not end well has left a database behind.',
  'counts-differ': 'The restored database has not the rows that the dump has.',
  'backup-running': 'A job works with the dumps now.',
  'work-announced': 'An alert announces maintenance or a power outage.',
  'cannot-stop': 'Something uses the database that cannot be stopped and started again.',
} as const;

export type Code = keyof typeof CODES;

/** What a restore has got to; everything else is in its way. */
export const PROGRESS: readonly Code[] = ['not-restored', 'restored-beside', 'not-started'];
