import * as driverPods from '../../src/commands/driver-pods.ts';
import * as driverTemplates from '../../src/commands/driver-templates.ts';
import * as terraform from '../../src/commands/terraform.ts';
import type { Host } from '../../src/core/command.ts';
import type { Samples } from './sample-arguments.ts';

const log = { namespace: 'nfs-csi', pod: 'csi-nfs-node-7lb7s', container: 'liveness-probe' };

const COMMIT = '9722db814f1c7a30be5d2c96a8e3017b6fd4c052';
const DIGEST = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Of CSI drivers, and of what their charts are applied with. */
export function ofCsi(host: Host): Samples {
  const place = { host, directory: '/srv/infra', plans: '/var/lib/storagebot-plans', stacks: {} };
  const stack = { terraform: place, stack: 'stacks/nfs-csi' };
  return {
    'terraform.ts': {
      checkoutOf: [terraform.checkoutOf(stack)],
      planFiles: [terraform.planFiles(stack, COMMIT)],
      planDigest: [terraform.planDigest(stack, COMMIT)],
      plannedChanges: [terraform.plannedChanges(stack, COMMIT)],
      savePlan: [terraform.savePlan(stack, COMMIT)],
      saveReplacingPlan: [terraform.saveReplacingPlan(stack, COMMIT, 'module.dbaas.null_resource.pg_cluster')],
      applyPlan: [true, false].map((destroys) => terraform.applyPlan(stack, COMMIT, { digest: DIGEST, destroys })),
    },

    'driver-templates.ts': {
      driverDaemonSets: [driverTemplates.driverDaemonSets('nfs-csi')],
      driverDeployments: [driverTemplates.driverDeployments('nfs-csi')],
      driverVolumes: [driverTemplates.driverVolumes()],
      limitRanges: [driverTemplates.limitRanges('nfs-csi')],
    },

    'driver-pods.ts': {
      driverPods: [driverPods.driverPods('nfs-csi')],
      containerLog: [driverPods.containerLog(log, 'present'), driverPods.containerLog(log, 'previous')],
    },
  };
}
