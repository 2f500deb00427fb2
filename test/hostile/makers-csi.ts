import * as driverPods from '../../src/commands/driver-pods.ts';
import * as driverTemplates from '../../src/commands/driver-templates.ts';
import * as terraform from '../../src/commands/terraform.ts';
import type { Maker } from './maker.ts';

const host = { name: 'devvm', sudo: false };
const commit = '9722db814f1c7a30be5d2c96a8e3017b6fd4c052';
const stackOn = {
  terraform: { host, directory: '/srv/infra', plans: '/var/lib/storagebot-plans', stacks: {} },
  stack: 'stacks/nfs-csi',
};

/** Of CSI drivers, and of what their charts are applied with. */
export const ofCsi: Readonly<Record<string, readonly Maker[]>> = {
  driverPods: [driverPods.driverPods],
  driverDaemonSets: [driverTemplates.driverDaemonSets],
  driverDeployments: [driverTemplates.driverDeployments],
  limitRanges: [driverTemplates.limitRanges],
  containerLog: [
    (namespace) => driverPods.containerLog({ namespace, pod: 'csi-1', container: 'nfs' }, 'present'),
    (pod) => driverPods.containerLog({ namespace: 'nfs-csi', pod, container: 'nfs' }, 'present'),
    (container) => driverPods.containerLog({ namespace: 'nfs-csi', pod: 'csi-1', container }, 'previous'),
  ],
  checkoutOf: [
    (directory) => terraform.checkoutOf({ ...stackOn, terraform: { ...stackOn.terraform, directory: `/${directory}` } }),
  ],
  planFiles: [
    (stack) => terraform.planFiles({ ...stackOn, stack }, commit),
    (plans) => terraform.planFiles({ ...stackOn, terraform: { ...stackOn.terraform, plans: `/${plans}` } }, commit),
  ],
  planDigest: [(stack) => terraform.planDigest({ ...stackOn, stack }, commit)],
  plannedChanges: [(stack) => terraform.plannedChanges({ ...stackOn, stack }, commit)],
  savePlan: [(stack) => terraform.savePlan({ ...stackOn, stack }, commit)],
  saveReplacingPlan: [
    (stack) => terraform.saveReplacingPlan({ ...stackOn, stack }, commit, 'module.dbaas.null_resource.pg_cluster'),
    (address) => terraform.saveReplacingPlan(stackOn, commit, address),
  ],
  applyPlan: [
    (stack) => terraform.applyPlan({ ...stackOn, stack }, commit, { digest: 'e3b0'.repeat(16), destroys: false }),
    (digest) => terraform.applyPlan(stackOn, commit, { digest, destroys: true }),
  ],
};
