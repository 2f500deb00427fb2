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
import { diagnosePool, standsOnIllPool } from './pool.ts';
import { diagnoseWaiting } from './waiting.ts';

export function diagnose(facts: Facts): Part {
  const parts = [diagnoseDrivers, diagnoseMachines, diagnoseIdentity, diagnoseWaiting, diagnoseFileSystems];
  const [pool, all] = [diagnosePool(facts), together<Code>(parts.map((part) => part(facts)))];
  // What an ill pool does to machines and volumes is one cause and not as many as there are of them.
  const isPoolIll = volumesIn(facts).some((volume) => standsOnIllPool(facts, volume));
  const own = isPoolIll ? all.findings.filter(({ code }) => !OF_AN_ILL_POOL.includes(code)) : all.findings;
  return {
    evidence: [...about(facts), ...pool.evidence, ...all.evidence],
    findings: withoutEchoes([...pool.findings, ...own]),
  };
}

/** Machines stand still and nodes fall silent when a pool takes no writes; file systems are told one by one elsewhere. */
const OF_AN_ILL_POOL: readonly Code[] = ['held-by-lost-node', 'machine-wedged'];

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
