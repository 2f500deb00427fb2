import type { DiskMount } from '../../../src/commands/iscsi-node.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import { together } from '../../../src/core/finding.ts';
import type { IscsiLook } from '../../../src/topology/iscsi-look.ts';
import { found, NOTHING } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';

/** Two disks on one directory of kubelet's: what looks at directories sees the upper one alone. */
export function stacked({ nodes }: IscsiLook): Diagnosis<Code> {
  return together(
    nodes.map(({ name, initiator }) => {
      const mounts = initiator?.mounts;
      if (mounts?.known !== true) return NOTHING;
      const ofKubelet = mounts.value.filter(({ mountPoint }) => mountPoint.startsWith('/var/lib/kubelet/'));
      const parts = [...Map.groupBy(ofKubelet, ({ mountPoint }) => mountPoint)].flatMap(([mountPoint, on]) => {
        const disks = disksOn(on);
        return disks.length < 2
          ? []
          : [
              found<Code>({
                code: 'stacked-devices',
                subject: mountPoint,
                says: `${name} has ${disks.join(' and ')} mounted on ${mountPoint}, one above the other: the lower one is hidden and still held`,
                remedy: `Stop the pod, let a person unmount ${mountPoint} as often as it is mounted, and find out which disk holds the newer data before it starts again.`,
                doNot:
                  'Do not delete the attachment or start the pod on another node: the hidden disk is still open, and two writers destroy it.',
                seen: [mounts],
              }),
            ];
      });
      return together(parts);
    }),
  );
}

function disksOn(mounts: readonly DiskMount[]): readonly string[] {
  return [...new Set(mounts.map(({ disk }) => disk))];
}
