/** Every cause that this runbook can name. Where diagnose nfs names it as well, it has the same name there. */
export const CODES = {
  'export-missing': 'A volume names a directory that the NAS does not export.',
  'export-not-loaded': 'The export is in the file and not in force: the server has not read it.',
  'export-line-refused': "mountd refuses the export's line.",
  'export-not-in-file': 'The export is in force and in no file: the next reload drops it.',
  'export-options-conflict':
    'One file system is exported twice to one network with different options: FreeBSD refuses the second.',
  'export-wrong-network': 'The directory is exported, and not to the network of the nodes.',
  'export-open-to-world': 'Everybody may mount the directory.',
  'export-to-other-network': 'Others than the network of the site may mount the directory.',
  'fsid-zero': 'An export with fsid=0 makes every other path vanish for NFSv4 clients.',
  'share-differs': 'What the middleware keeps and what its file says are not the same.',
  'share-has-missing-path': 'A path that is shared does not exist: the whole next update of the exports is refused.',
  'path-missing': 'A directory that is exported, or that a volume names, does not exist on the NAS.',
  'dataset-not-mounted': 'A dataset at, above or below the directory is not mounted: clients see an empty directory.',
  'dataset-hidden': 'A dataset of its own lies below an exported directory: clients see it empty.',
  'mountpoint-not-empty': 'A dataset is not mounted, and files lie where it belongs: mounting it would hide them.',
} as const;

export type Code = keyof typeof CODES;
