/** Every cause that this runbook can name. */
export const CODES = {
  'driver-not-registered': 'A driver is not registered on a node, and why could not be told.',
  'driver-stalled': 'A driver is not registered on a node, and nothing keeps its pod there from starting any more.',
  'driver-pod-missing': 'A driver is not registered on a node that needs it, because no pod of it is there.',
  'network-down': "A driver cannot start on a node, because the node's network plug-in is not up.",
  'port-forgotten': "A driver's ports on a node are held by containers whose pod the API no longer knows.",
  'port-taken': "A driver's ports on a node are held by another pod that lives, or by a program of the host.",
  'container-ending': 'A container of a driver ends again and again for a reason of its own.',
  'memory-limit-low': 'A container of a driver was killed for memory at the limit that its chart gives it.',
  'memory-limit-ignored':
    'A container of a driver runs with the limit of its namespace: the key of its own is not where the chart reads it.',
  'memory-limit-differs': 'A container of a driver runs with another limit than its chart says.',
  'unlocking-killed': 'The driver of a node is killed for memory while it unlocks an encrypted volume.',
  'pods-refused': 'The namespace refuses to make pods of the driver: they ask for less memory than it allows.',
  'controller-down': 'No controller of a driver is ready: nothing is made, attached or grown; static volumes go on.',
  'controllers-together': 'All controllers of a driver are on one node, where they take its ports and fall with it.',
  'token-refused': 'The hypervisor or the NAS refuses the token of a driver.',
  'driver-unused': 'A driver that nothing uses is not well: an alert about it is noise.',
} as const;

export type Code = keyof typeof CODES;
