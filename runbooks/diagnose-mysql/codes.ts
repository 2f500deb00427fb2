/** Every cause it can name. */
export const CODES = {
  'no-pods': 'The StatefulSet of the cluster has no pod.',
  'quorum-lost':
    'No server takes writes, because the group has lost its majority: the data is there, and nothing is to be restored.',
  'two-primaries': 'Two servers take writes, each as the primary of a group of its own.',
  'primary-read-only': 'The group has a primary and a majority, and the primary refuses to write.',
  'member-not-online': 'A server is not a working member of the group.',
  'label-wrong': 'The label that leads applications to the primary is not at the pod of the primary.',
  'datafile-locked': 'A server does not start, because another process has its data file locked (error 11): nothing is corrupt.',
  'zombie-pod': 'A dead pod of the claim was left on another node, and nothing of it lives any more.',
  'pod-waits': 'A pod waits for a node or for its volume.',
  'pod-down': 'The server in a pod ends, or does not run.',
  'disk-full': 'The volume of a server is full.',
  'connections-full': 'More than four fifths of the connections of a server are taken.',
  'connections-high': 'More than three fifths of the connections of a server are taken.',
  'operator-down': 'The operator does not run: nobody brings members back or moves the label of the primary.',
} as const;

export type Code = keyof typeof CODES;
