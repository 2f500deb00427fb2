export const CODES = {
  'not-moved': 'The dataset is only where it was: it can be copied while its users go on.',
  'half-copied': 'A copy is there, and the users still work on the old dataset, or were stopped for its last update.',
  'half-moved': 'The copy is complete and mounted, and not everybody works on it yet.',
  'not-ready': 'Whoever works on the copy does not become ready.',
  'no-dataset': 'There is no such file system: a directory of another one, a volume, or nothing.',
  'not-movable': 'The dataset is the whole pool, encrypted, not mounted, or read-only already.',
  'has-children': 'Other datasets lie below it, which a move would leave behind.',
  'target-exists': 'Something of that name is there already, and is no copy that the bot began.',
  'copy-changed': 'Somebody wrote to the copy, or took a snapshot of it: an update would overwrite that, or is refused.',
  'copy-differs': 'The copy does not hold as much as the dataset, or neither holds anything.',
  'no-room': 'The other pool has less free than the dataset and a fifth.',
  'pool-unfit': 'A pool is not healthy, or the other one would be at least 80 % full.',
  'user-not-movable': 'Somebody uses the dataset whom the bot cannot stop and start again.',
} as const;
export type Code = keyof typeof CODES;

/** With one of these nothing is planned. */
export const OBSTACLES: readonly Code[] = [
  'no-dataset',
  'not-movable',
  'has-children',
  'target-exists',
  'copy-changed',
  'copy-differs',
  'no-room',
  'pool-unfit',
  'user-not-movable',
];
