export const CODES = {
  stopped: 'Its StatefulSet is to run no pod.',
  'pod-down': 'A pod of Redis is not there, or its container does not run.',
  'server-down': 'The container runs, and nothing listens in it.',
  loading: 'The server reads its data at its start, and answers nobody until it has.',
  'split-brain': 'More than one server takes itself for the master.',
  'right-master': 'Of several masters all that tells names the same one as the right one.',
  'right-master-unclear': 'Of several masters it cannot be told which is the right one.',
  'no-master': 'All servers follow, and none is the master.',
  'replica-link-down': 'A replica has lost its master, and what it has gets old.',
  'sentinel-disagrees': 'A Sentinel takes another server for the master than the one that is.',
  'sentinel-down': 'A Sentinel does not answer.',
  'no-quorum': 'A Sentinel sees too few others to replace a master.',
  'save-failing': 'The server cannot save its data.',
  'volume-full': 'The volume with the data is full.',
  'volume-read-only': 'The volume with the data cannot be written.',
  'memory-full': 'The memory of the server is used up, or nearly.',
} as const;
export type Code = keyof typeof CODES;
