import { notSeen, ok, together } from '../../../src/core/finding.ts';
import { drivesOf, objectsOf } from '../../../src/topology/block-chain-machine.ts';
import { isOff } from '../../../src/topology/block-identity.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { volumesIn } from '../facts.ts';
import type { Part } from '../finding.ts';
import { diagnoseDrivers } from './drivers.ts';
import { diagnoseFileSystems } from './file-systems.ts';
import { diagnoseIdentity } from './identity.ts';
import { diagnoseMachines } from './machines.ts';
import { diagnosePool } from './pool.ts';
import { diagnoseWaiting } from './waiting.ts';

export function diagnose(facts: Facts): Part {
  const pool = diagnosePool(facts);
  const parts = [pool, diagnoseDrivers(facts), diagnoseMachines(facts), diagnoseIdentity(facts), diagnoseWaiting(facts)];
  // What a full pool does to every volume is one cause and not as many as there are volumes.
  const volumes = pool.findings.length > 0 ? [] : [diagnoseFileSystems(facts)];
  const all = together<Code>([...parts, ...volumes]);
  return { evidence: [...about(facts), ...all.evidence], findings: withoutEchoes(all.findings) };
}

function about(facts: Facts) {
  const { look, csiNodes, events, pools, scope, fileSystems } = facts;
  const { machines } = look;
  const on = machines.filter((machine) => !isOff(machine));
  const known = look.volumes.known
    ? [ok(`${volumesIn(facts).length} volumes at ${scope?.nodes.length ?? 0} nodes were looked at`, look.volumes)]
    : [];
  return [
    ...known,
    ...notSeen('Cluster', [look.pods, look.claims, look.volumes, look.nodes, look.attachments, csiNodes, events]),
    ...notSeen('Volumes at the hypervisor', [look.storages, ...Object.values(look.disks), ...(pools ? [pools] : [])]),
    ...machines.flatMap((machine) =>
      notSeen(`Machine of ${machine.node}`, [machine.current, machine.config, drivesOf(machine), objectsOf(machine)]),
    ),
    // The guest of a machine that is off cannot be asked, and has nothing.
    ...on.flatMap(({ node, devices, links, mounts, uses }) => notSeen(`Disks of ${node}`, [devices, links, mounts, uses])),
    ...fileSystems
      .filter(({ node }) => on.some((each) => each.node === node))
      .flatMap(({ node, use, errors }) => notSeen(`File systems of ${node}`, [use, errors])),
  ];
}

/** Each cause once. */
function withoutEchoes(findings: Part['findings']): Part['findings'] {
  return [...new Map(findings.map((each) => [`${each.code} ${each.subject}`, each])).values()];
}
