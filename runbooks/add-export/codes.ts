/** Every cause that this runbook can name. */
export const CODES = {
  'not-exported': 'No export in force reaches the path.',
  'export-not-loaded': 'The file names the path, and the server has not read it.',
  'wrong-network': 'The path is exported, and not to the network of the nodes.',
  'parent-missing': 'The directory above the path does not exist on the NAS.',
  'dataset-not-mounted':
    'The dataset that belongs at the path, or above it, is not mounted there: the directory below it would be exported.',
  'dataset-below': 'Datasets of their own lie below the path: clients of its export would see them empty.',
  'pool-unfit': 'The pool is not healthy, or at least 80 % full.',
  'share-has-missing-path':
    'A path that is exported now does not exist: the whole update would be refused, or would drop that export.',
} as const;
export type Code = keyof typeof CODES;
