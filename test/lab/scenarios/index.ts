import { scenario as allWell } from './all-well.ts';
import { scenario as blindKubernetes } from './blind-kubernetes.ts';
import { scenario as blindKubernetesSilent } from './blind-kubernetes-silent.ts';
import { scenario as blindNasSsh } from './blind-nas-ssh.ts';
import { scenario as blindNodeSsh } from './blind-node-ssh.ts';
import { scenario as blindStat } from './blind-stat.ts';
import { scenario as clientWedged } from './client-wedged.ts';
import { scenario as datasetHidden } from './dataset-hidden.ts';
import { scenario as datasetNotMounted } from './dataset-not-mounted.ts';
import { scenario as driverNotRegistered } from './driver-not-registered.ts';
import { scenario as exportLineRefused } from './export-line-refused.ts';
import { scenario as exportMissing } from './export-missing.ts';
import { scenario as exportMissingScript } from './export-missing-script.ts';
import { scenario as exportNotLoaded } from './export-not-loaded.ts';
import { scenario as exportWrongNetwork } from './export-wrong-network.ts';
import { scenario as frozenMount } from './frozen-mount.ts';
import { scenario as fsidZero } from './fsid-zero.ts';
import { scenario as hardMount } from './hard-mount.ts';
import { scenario as mountdDown } from './mountd-down.ts';
import { scenario as multiAttach } from './multi-attach.ts';
import { scenario as nasVmDown } from './nas-vm-down.ts';
import { scenario as nasVmWithoutBootDisk } from './nas-vm-without-boot-disk.ts';
import { scenario as networkPathDown } from './network-path-down.ts';
import { scenario as nfsdStopped } from './nfsd-stopped.ts';
import { scenario as nodeCutOff } from './node-cut-off.ts';
import { scenario as ownersUnmapped } from './owners-unmapped.ts';
import { scenario as pathMissing } from './path-missing.ts';
import { scenario as poolFull } from './pool-full.ts';
import { scenario as resetIgnored } from './reset-ignored.ts';
import type { Scenario } from './scenario.ts';
import { scenario as serverOverloaded } from './server-overloaded.ts';
import { scenario as serverUnreachable } from './server-unreachable.ts';
import { scenario as staleHandle } from './stale-handle.ts';
import { scenario as stuckTerminating } from './stuck-terminating.ts';
import { scenario as writeDenied } from './write-denied.ts';

export type { Scenario } from './scenario.ts';

export const scenarios: readonly Scenario[] = [
  allWell,
  blindKubernetes,
  blindKubernetesSilent,
  blindNasSsh,
  blindNodeSsh,
  blindStat,
  clientWedged,
  datasetHidden,
  datasetNotMounted,
  driverNotRegistered,
  exportLineRefused,
  exportMissing,
  exportMissingScript,
  exportNotLoaded,
  exportWrongNetwork,
  frozenMount,
  fsidZero,
  hardMount,
  mountdDown,
  multiAttach,
  nasVmDown,
  nasVmWithoutBootDisk,
  networkPathDown,
  nfsdStopped,
  nodeCutOff,
  ownersUnmapped,
  pathMissing,
  poolFull,
  resetIgnored,
  serverOverloaded,
  serverUnreachable,
  staleHandle,
  stuckTerminating,
  writeDenied,
];

export function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined)
    throw new Error(`There is no scenario ${name}; there are ${scenarios.map((each) => each.name).join(', ')}`);
  return found;
}
