import type { Diagnosis, Finding } from '../../../src/core/finding.ts';
import { bad } from '../../../src/core/finding.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { thisRound } from '../facts.ts';
import { diagnoseCauses } from './causes.ts';
import { diagnoseClients } from './clients.ts';
import { concerns } from './one-cause.ts';
import { diagnosePaths } from './paths.ts';
import { diagnoseServer } from './server.ts';
import { standsOn } from './stands-on.ts';
import { diagnoseWorkload } from './workload.ts';

/** While one of these is true, what stands on the server cannot be judged and must not be repaired. */
const FOUNDATION: readonly Code[] = ['nas-vm-down', 'network-path-down', 'nfsd-stopped', 'server-unreachable'];

/** Without the driver a node mounts nothing new, so that no pod may be deleted there. */
const DRIVER_ON_NODE: readonly Code[] = [
  'driver-not-registered',
  'driver-pod-missing',
  'driver-port-forgotten',
  'driver-port-taken',
];

/** These explain mounts that do not answer, so that no pod is deleted for them. */
const EXPLAIN_SILENT_MOUNTS: readonly Code[] = [
  'server-overloaded',
  'fsid-zero',
  'mountd-down',
  'node-cut-off',
  'client-wedged',
  ...DRIVER_ON_NODE,
];

/** From the bottom up; a cause further down hides its effects further up. */
export function diagnose(facts: Facts): Diagnosis<Code> {
  const [server, paths, clients, workload] = [
    diagnoseServer(facts),
    diagnosePaths(facts),
    diagnoseClients(facts),
    diagnoseWorkload(facts),
  ];
  const causes = diagnoseCauses(facts);
  const known = [workload, server, paths, clients, causes];
  const evidence = [...standsOn(facts), ...known.flatMap((part) => part.evidence)];
  const foundation = server.findings.filter(({ code }) => FOUNDATION.includes(code));
  if (foundation.length > 0) return { evidence, findings: foundation };
  const below = [...server.findings, ...paths.findings];
  const mounts = clients.findings.filter(
    (finding) => !explained(facts, finding, [...below, ...clients.findings, ...workload.findings]),
  );
  const findings = [...below, ...mounts, ...workload.findings, ...causes.findings];
  return { evidence: [...evidence, ...leftForLater(findings)], findings };
}

/** More of one cause than one round repairs: said, so that nobody takes the plan for all of it. */
function leftForLater(findings: readonly Finding<Code>[]): Diagnosis['evidence'] {
  return [...Map.groupBy(findings, ({ code }) => code)].flatMap(([code, all]) => {
    const subjects = new Set(all.map(({ subject }) => subject)).size;
    const now = thisRound(all).length;
    const [first] = all;
    if (!ROUNDS.includes(code) || first === undefined || subjects === now) return [];
    return [bad(`${code}: ${subjects} of them; one round repairs ${now}, and the next ones the rest`, first.seen[0])];
  });
}

/** Causes that are repaired one subject after the other. */
const ROUNDS: readonly Code[] = [
  'pod-stuck-terminating',
  'stale-handle',
  'frozen-mount',
  'export-missing',
  'client-wedged',
  'driver-port-forgotten',
  'dataset-not-mounted',
  'write-denied',
];

function explained(facts: Facts, finding: Finding<Code>, all: readonly Finding<Code>[]): boolean {
  if (finding.code !== 'stale-handle' && finding.code !== 'frozen-mount' && finding.code !== 'pod-stuck-terminating')
    return false;
  const mount = facts.nodes.flatMap(({ probes }) => probes).find(({ answer }) => finding.seen.some((seen) => seen === answer));
  const onNode = (code: Code) => code === 'node-cut-off' || code === 'client-wedged' || DRIVER_ON_NODE.includes(code);
  return all.some(
    (other) =>
      (mount !== undefined && concerns(other, mount.volume.backing.path, facts)) ||
      (EXPLAIN_SILENT_MOUNTS.includes(other.code) &&
        (onNode(other.code) ? other.subject === mount?.node : finding.code !== 'stale-handle')),
  );
}
