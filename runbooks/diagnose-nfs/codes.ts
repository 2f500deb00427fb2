/** Every cause that this runbook can name. */
export const CODES = {
  'nas-vm-down': 'The virtual machine of the NAS does not run.',
  'network-path-down': 'No node reaches the network of the NAS, while the NAS itself is well.',
  'nfsd-stopped': 'The NAS runs, its NFS server does not.',
  'server-unreachable': 'No node reaches the NFS port, and why could not be seen.',
  'node-cut-off': 'One node does not reach the NFS port, while others do.',
  'mountd-down': 'The NFS server runs and mountd does not: existing mounts work, new NFSv3 mounts fail.',
  'fsid-zero': 'An export with fsid=0 makes every other path vanish for NFSv4 clients.',
  'server-overloaded': 'The NFS server answers, and waits for its disks.',
  'path-missing': 'The directory does not exist on the NAS.',
  'dataset-not-mounted': 'The ZFS dataset that holds the directory is not mounted: clients see an empty directory.',
  'export-wrong-network': 'The directory is exported, and not to the network of the nodes.',
  'dataset-hidden': 'The path is a dataset of its own below an exported directory: clients see it empty.',
  'export-missing': 'The NAS does not export the directory.',
  'export-not-loaded': 'The export is in the file and not in force: mountd has not read it.',
  'export-line-refused': "mountd refuses the export's line.",
  'client-wedged': 'The NFS client in the kernel of one node is stuck: a mount waits for ever while other nodes mount.',
  'stale-handle': 'A pod holds a mount whose directory was replaced on the server.',
  'frozen-mount': "A pod's old mount does not answer, while a fresh mount of the same path on the same node does.",
  'pod-stuck-terminating': 'A deleted pod does not end, because its mount does not let go.',
  'driver-not-registered': 'The NFS CSI driver is not registered on a node that needs it.',
  'write-denied': "The directory's owner and mode do not let the pod's user write.",
  'owners-unmapped': 'All files seem to belong to nobody (65534): NFSv4 names of owners are not mapped.',
  'hard-mount': 'The volume is mounted hard: in an outage its pods hang for ever instead of getting an error.',
  'event-elsewhere': 'The pod waits for something else than NFS; its event says for what.',
} as const;

export type Code = keyof typeof CODES;
