export const CODES = {
  'all-targets': 'No target was named: a restart without one would log out of every target of the node.',
  'no-such-target': 'No session, record or volume has a target of that name there.',
  'several-nodes': 'More than one node has a session to the target.',
  'several-sessions': 'The node has more than one session that the words could mean.',
  'used-elsewhere': 'The volume of the target is used on another node than this one.',
  'operator-owned': 'An operator owns the pods that write: it must stop them itself.',
  'not-stoppable': 'Something uses the volume that the bot cannot stop and start again.',
  'still-held': 'The disk is mounted or open although no pod that the bot could stop uses it.',
  'no-record': 'The node has a session and no record of its target.',
  'server-silent': 'The portal does not answer the node.',
  'target-not-listed': 'The server does not list the target to the node: a login would hang.',
  'target-not-whole': 'The server has no device or no volume behind the target.',
  'login-refused': 'The server refused the last login of the node.',
  'writers-run': 'The session needs a restart, and its writers run.',
  'writers-stopped': 'The writers are stopped, and the session or its record is not as it should be yet.',
  'fsck-first': 'The file system was not left in order: a person must check it before anything mounts it.',
  'to-start': 'The session is sound and hardened, and its writers are still stopped.',
} as const;
export type Code = keyof typeof CODES;

/** Nothing is planned while one of these is so. */
export const OBSTACLES: readonly Code[] = [
  'all-targets',
  'no-such-target',
  'several-nodes',
  'several-sessions',
  'used-elsewhere',
  'operator-owned',
  'not-stoppable',
  'still-held',
  'no-record',
  'server-silent',
  'target-not-listed',
  'target-not-whole',
  'login-refused',
  'fsck-first',
];
