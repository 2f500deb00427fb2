import * as attachments from '../../src/commands/block-attachments.ts';
import * as devices from '../../src/commands/block-devices.ts';
import * as monitor from '../../src/commands/block-monitor.ts';
import { diskUses } from '../../src/commands/block-use.ts';
import type { Host } from '../../src/core/command.ts';
import type { Samples } from './sample-arguments.ts';

const attachment = { name: 'csi-6a1f0d2c', uid: '0d6f7f0a-3c1e-4f0e-9a54-1f6c7f9f0002' };

/** What concerns disks that are plugged into nodes. */
export function ofBlock(host: Host): Samples {
  return {
    'block-attachments.ts': {
      volumeAttachments: [attachments.volumeAttachments()],
      deleteAttachment: [attachments.deleteAttachment(attachment)],
    },
    'block-monitor.ts': {
      monitorBlock: [monitor.monitorBlock(host, 203)],
      monitorObjects: [monitor.monitorObjects(host, 203)],
      dropLeftovers: [monitor.dropLeftovers(host, 203, 2)],
    },
    'block-use.ts': { diskUses: [diskUses(host)] },
    'block-devices.ts': {
      blockDevices: [devices.blockDevices(host)],
      byId: [devices.byId(host)],
      blockMounts: [devices.blockMounts(host)],
      fileSystemUse: [devices.fileSystemUse(host)],
      fileSystemErrors: [devices.fileSystemErrors(host)],
    },
  };
}
