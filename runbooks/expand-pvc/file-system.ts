import type { Finding } from '../../src/core/finding.ts';
import { sizeOf } from '../../src/core/size.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

/** ext4 takes a few percent for itself. */
const LEAST_SHARE = 0.85;

/** Undefined where the file system has grown with its claim, or nobody has it mounted. */
export function fileSystemBehind({ id, claim, claims, volume, node }: Facts): Finding<Code> | undefined {
  if (!claims.known || claim?.capacityBytes === undefined || volume === undefined) return undefined;
  if (node === undefined || !node.use.known || !node.mounts.known) return undefined;
  const mount = node.mounts.value.find(({ mountPoint }) =>
    mountPoint.endsWith(`/volumes/kubernetes.io~csi/${volume.name}/mount`),
  );
  const points = node.mounts.value.filter(({ number }) => number === mount?.number).map(({ mountPoint }) => mountPoint);
  const found = node.use.value.find(({ mountPoint }) => points.includes(mountPoint));
  if (found === undefined || found.sizeBytes >= claim.capacityBytes * LEAST_SHARE) return undefined;
  return {
    code: 'file-system-behind',
    subject: id,
    says: `${id} has ${sizeOf(claim.capacityBytes)}, and the file system on ${node.name} is ${sizeOf(found.sizeBytes)} large`,
    remedy:
      'Restart its pod, so that its node mounts it anew and lets the file system grow; read the log of the driver on that node.',
    doNot: 'Do not make a new file system: it would be an empty one.',
    seen: [claims, node.use, node.mounts],
  };
}
