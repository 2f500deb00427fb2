/** Every cause, and what each means. */
export const codes = {
  'stale-identity': 'The cluster has a node that the site does not: somebody took it out of service and it came back.',
  'kubelet-not-ready': 'Its kubelet reports, and says itself why the node is not ready: the machine is well.',
  'kubelet-silent': 'Its system answers, and its kubelet does not report: only Kubernetes has lost it.',
  'another-machine': 'The virtual machine that the configuration names for it is not its own.',
  'machine-locked': 'Something is being done with its virtual machine: a backup, a migration, a stop.',
  'machine-off': 'Its virtual machine is off, and nobody turned it off.',
  'machine-turned-off': 'Somebody turned its virtual machine off, and the cluster still waits for it.',
  'machine-cannot-start':
    'Its virtual machine is off and must not be started: a disk is missing, or another machine has one of its disks.',
  'machine-paused': 'Its virtual machine is paused: its system stands still in the middle of what it did.',
  'machine-io-error': 'QEMU stopped it, because the storage under it refused a write.',
  'machine-crashed': 'Its QEMU runs and its system does not: nothing in it goes on.',
  'machine-stalled': 'Its QEMU answers, and nothing was read or written for minutes: its block layer is stuck.',
  'still-writing': 'It cannot be reached and still uses its disks: its volumes must not be given to another.',
  fenced: 'It is off and marked as out of service: its volumes are free, and it waits for its return.',
  'tainted-though-up': 'It runs, and is still marked as out of service.',
} as const;

export type Code = keyof typeof codes;
