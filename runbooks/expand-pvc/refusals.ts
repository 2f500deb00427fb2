import type { Claim } from '../../src/commands/claims.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

const PROXMOX = 'csi.proxmox.sinextra.dev';
const ISCSI = 'org.democratic-csi.iscsi';

interface About {
  readonly claim: Claim;
  readonly claims: Known<readonly Claim[]>;
}

/** Why what is under the claim cannot grow. */
export function refusalsOf(facts: Facts, about: About): Finding<Code>[] {
  return byDriver(facts, about) ?? byClass(facts, about);
}

function byDriver({ id, volumes, volume }: Facts, { claims }: About): Finding<Code>[] | undefined {
  if (!volumes.known || volume === undefined) return undefined;
  const { nfs, csi } = volume;
  const common = { subject: id, seen: [claims, volumes] as const };
  if (nfs !== undefined || (csi !== undefined && 'share' in csi.volumeAttributes)) {
    const server = nfs?.server ?? csi?.volumeAttributes['server'] ?? 'its server';
    return [
      {
        ...common,
        code: 'on-nfs',
        says: `${id} is a directory of ${server}: its size is a number that nobody enforces, and all the server has is there for it`,
        remedy: 'Look at the server instead: "/storage diagnose capacity" and "/storage diagnose zfs" say what is left.',
      },
    ];
  }
  if (csi?.driver === ISCSI) {
    return [
      {
        ...common,
        code: 'driver-deprecated',
        says: `${id} is on ${ISCSI}, which is being retired`,
        remedy: 'Move it to the class proxmox-lvm with the size that it needs, and copy the files while the workload is stopped.',
        doNot: 'Do not extend its zvol: the pool under it is shared with NFS.',
      },
    ];
  }
  const twins = volumes.value.filter((each) => each !== volume && each.csi?.volumeHandle === csi?.volumeHandle);
  if (csi?.driver === PROXMOX && twins.length > 0) {
    return [
      {
        ...common,
        code: 'volume-twice',
        says: `${volume.name} of ${id} is on ${csi.volumeHandle}, and so is ${twins.map(({ name }) => name).join(', ')}`,
        remedy:
          'Find out whose disk it is first: "/storage diagnose block". Two file systems that are mounted from one disk destroy it.',
      },
    ];
  }
  if (csi?.driver === PROXMOX) return undefined;
  return [
    {
      ...common,
      code: 'driver-unknown',
      says: `${id} is on ${csi?.driver ?? 'no CSI driver'}: what is under it cannot be seen`,
      remedy: 'Ask whoever runs that storage whether it has room.',
    },
  ];
}

function byClass({ id, classes }: Facts, { claim, claims }: About): Finding<Code>[] {
  const found = classes.known ? classes.value.find(({ name }) => name === claim.storageClass) : undefined;
  if (!classes.known || found?.allowsExpansion === true) return [];
  const name = claim.storageClass ?? 'none';
  return [
    {
      code: 'class-forbids',
      subject: id,
      says: `The storage class of ${id} is ${name}, which ${found === undefined ? 'does not exist' : 'does not allow expansion'}`,
      remedy: 'Ask whoever owns the class whether its driver can expand volumes, and to set allowVolumeExpansion there.',
      doNot: 'Do not change the size on the hypervisor alone: the cluster would not know of it.',
      seen: [claims, classes],
    },
  ];
}
