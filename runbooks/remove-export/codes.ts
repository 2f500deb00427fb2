/** Every cause that this runbook can name. */
export const CODES = {
  'still-exported': 'The NAS exports the path, or keeps an export of it.',
  'exported-through-parent': 'The path has no export of its own: one of a directory above it reaches it.',
  'volume-names-path': 'A PersistentVolume names the path or one below it.',
  'pod-names-path': 'A pod or workload names the path or one below it, without a claim.',
  'dataset-seen-from-above': 'The path is a dataset of its own, and a volume or pod names a directory above it.',
  'node-mounts-path': 'The kernel of a node mounts the path or one below it.',
  'client-mounts-path': 'A client told mountd that it mounts the path or one below it.',
  'share-has-missing-path':
    'Another exported path does not exist: the change would be refused as a whole, or would drop that export as well.',
  'reload-would-drop': 'Another export is in force that nothing keeps: it would go with this one.',
  'kept-elsewhere': 'The export comes from something that this bot does not edit.',
} as const;

export type Code = keyof typeof CODES;
