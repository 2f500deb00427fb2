/** Where the nightly backup of the hypervisor puts the files of block volumes. */
export const PVC_COPIES = '/mnt/backup/pvc-data';

/** The files of one claim as they were in one week. */
export interface LabCopy {
  /** `2026-14` */
  readonly week: string;
  readonly namespace: string;
  readonly claim: string;
  files: number;
  bytes: number;
  readonly content: ReadonlyMap<string, string>;
}

export function pathOfCopy({ week, namespace, claim }: LabCopy): string {
  return [PVC_COPIES, week, namespace, claim].join('/');
}
