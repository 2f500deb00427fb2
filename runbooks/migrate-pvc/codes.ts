export const CODES = {
  'not-migrated': 'The claim is where it was, and its workload uses it: the new claim is made, and the workload stopped.',
  'half-migrated': 'The workload is stopped, and there is no complete copy of the files yet.',
  'not-switched': 'The files were copied and compared, and not everybody uses the new claim yet.',
  'not-ready': 'The workload uses the new claim, and does not become ready.',
  'source-unfit': 'The claim is not bound, is a raw device, or is on neither the NFS of the NAS nor iSCSI.',
  'nothing-there': 'The directory under the claim holds no file: 0 files here and 0 there would prove nothing.',
  'class-unfit': 'There is no such storage class, or its volumes are not made in a thin pool of the hypervisor.',
  'not-one-user': 'Nobody uses the claim, or more than one workload does, be it through another volume of the same directory.',
  'many-replicas': 'The workload runs more than one pod, or is scaled by itself: a disk can be at one node only.',
  'claim-template': 'A StatefulSet made the claim from its template, which cannot be changed.',
  'operator-owned': 'An operator made the claim or its user, and would undo the change.',
  'cannot-stop': 'Somebody uses the claim whom the bot cannot stop and start again.',
  'job-running': 'A Job works on the claim now.',
  'target-exists': 'Something else has the name of the new claim.',
  'copy-outdated': 'There is a complete copy from before somebody wrote again: either side may hold what the other does not.',
  'too-small': 'The new claim has less than 1.3 times what the files take.',
  'pool-unfit': 'The thin pool is not healthy, or would be at least 80 % full.',
  'slots-full': 'No node that takes pods has fewer than 20 disks in its machine, ghosts among them.',
  'database-damaged': 'A SQLite database on the claim is damaged: it would be taken along.',
} as const;
export type Code = keyof typeof CODES;

export const PROGRESS: readonly Code[] = ['not-migrated', 'half-migrated', 'not-switched', 'not-ready'];
