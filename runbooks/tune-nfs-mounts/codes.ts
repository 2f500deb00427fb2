export const CODES = {
  'volume-options': 'A PersistentVolume has other mount options than wanted.',
  'mount-options': 'A pod still has the mount that it made with the options from before.',
  'inline-volume': 'A volume is written into the pod itself, where it cannot have mount options.',
  'operator-owned': 'A pod belongs to an operator, which must recreate it itself.',
  'no-owner': 'A pod has no owner that would make another.',
  'fresh-mount-fails': 'A fresh mount of the path does not work on a node.',
  'options-lowered': 'The kernel agreed on less with the server than the volume asks for.',
  'options-shared':
    'Other mounts on the node keep their time-outs, and the kernel gives them to every new mount of that file system.',
} as const;
export type Code = keyof typeof CODES;
