import type { PersistentVolume } from '../../../src/commands/cluster-objects.ts';
import { proofsOf } from '../../../src/topology/block-chain.ts';
import type { Chain } from '../../../src/topology/block-links.ts';
import type { MachineLook } from '../../../src/topology/block-look.ts';
import type { Facts } from '../facts.ts';
import { subjectOf } from '../facts.ts';
import type { Part } from '../finding.ts';
import { found, NOTHING } from '../finding.ts';

interface Unnamed {
  readonly look: Facts['look'];
  readonly chain: Chain;
  readonly machine: MachineLook;
  readonly volume: PersistentVolume;
}

const CONTROLLER = 'virtio-scsi-pci';

/** Plugged into QEMU, and the guest finds no disk under the name that the driver looks for. */
export function controller({ look, chain, machine, volume }: Unnamed): Part {
  const scsihw = machine.config.known ? machine.config.value.scsihw : undefined;
  if (scsihw === undefined || scsihw === CONTROLLER) return NOTHING;
  return found(
    {
      code: 'wrong-controller',
      subject: machine.node,
      says: `The machine of ${machine.node} has the disk controller ${scsihw}: ${subjectOf(volume)} is plugged into QEMU, and the node finds no disk under the name that the driver looks for`,
      remedy: `The driver wants ${CONTROLLER} (VirtIO SCSI, not "single"). A person empties the node, shuts its machine down, sets scsihw and starts it.`,
      doNot: 'Do not change the controller of a machine that runs, and do not delete attachments for it: the disk is there.',
    },
    [look.pods, look.volumes, look.attachments, machine.config, ...proofsOf(chain, ['runtime', 'device'])],
  );
}
