export const CODES = {
  'not-restored': 'The database is not what was asked for.',
  'half-restored': 'An earlier Job for this failed or was ended: how far it came, the next one finds out.',
  'not-started': 'The database is restored, and who uses it is still stopped.',
  damaged: 'SQLite says that the database is damaged.',
  'indexes-damaged': 'Only indexes are damaged: they can be made anew, and no row is lost.',
  'search-index-damaged': 'Only full-text indexes are damaged: they can be made anew from the rows, and no row is lost.',
  'no-room': 'The volume has less room than twice what is copied into it.',
  intact: 'The database is whole: a restore would only lose what was written since the backup.',
  'no-table': 'The database is whole and lacks a table that the configuration names, or there is none.',
  'read-only': 'The volume is mounted read-only: what made it so comes before any restore.',
  'not-corruption': 'SQLite could not read the database, and not because of what is in it.',
  'not-mounted': 'Nobody has the volume mounted, so that nobody can say how the database is.',
  'no-volume': 'What the pods of the service keep the database in is not what the configuration says.',
  'nothing-kept': 'There is no backup.',
  'backups-elsewhere': 'The claim of the backups is not the directory in which they were looked at.',
  'no-such-backup': 'There is no backup of this name.',
  'backup-unfit': 'The backup is damaged, or lacks what it needs.',
  'backup-doubtful': 'The backup holds no row, or is far smaller than the others.',
  'cannot-stop': 'Something uses the volume that cannot be stopped and started again.',
  busy: 'A Job works on the volume now.',
} as const;
export type Code = keyof typeof CODES;

/** What a restore has got to; everything else is in its way. */
export const PROGRESS: readonly Code[] = ['not-restored', 'half-restored', 'not-started'];
