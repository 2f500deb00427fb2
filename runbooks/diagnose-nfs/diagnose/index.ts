import { datasetOf } from '../../../src/commands/zfs.ts';
import type { Diagnosis, Finding } from '../../../src/core/finding.ts';
import { ok } from '../../../src/core/finding.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { pathsOf } from '../facts.ts';
import { diagnoseClients } from './clients.ts';
import { diagnosePaths } from './paths.ts';
import { diagnoseServer } from './server.ts';
import { diagnoseWorkload } from './workload.ts';

/** While one of these is true, what stands on the server cannot be judged and must not be repaired. */
const FOUNDATION: readonly Code[] = ['nas-vm-down', 'network-path-down', 'nfsd-stopped', 'server-unreachable'];

/** These explain mounts that do not answer, so that no pod is deleted for them. */
const EXPLAIN_SILENT_MOUNTS: readonly Code[] = [
  'server-overloaded',
  'fsid-zero',
  'mountd-down',
  'node-cut-off',
  'client-wedged',
  'driver-not-registered',
];

/** From the bottom up; a cause further down hides its effects further up. */
export function diagnose(facts: Facts): Diagnosis<Code> {
  const [server, paths, clients, workload] = [
    diagnoseServer(facts),
    diagnosePaths(facts),
    diagnoseClients(facts),
    diagnoseWorkload(facts),
  ];
  const evidence = [...standsOn(facts), ...workload.evidence, ...server.evidence, ...paths.evidence, ...clients.evidence];
  const foundation = server.findings.filter(({ code }) => FOUNDATION.includes(code));
  if (foundation.length > 0) return { evidence, findings: foundation };
  const below = [...server.findings, ...paths.findings];
  const mounts = clients.findings.filter(
    (finding) => !explained(facts, finding, [...below, ...clients.findings, ...workload.findings]),
  );
  return { evidence, findings: [...below, ...mounts, ...workload.findings] };
}

/** What the service stands on: always said, so that a wrong target is seen at once. */
function standsOn(facts: Facts): Diagnosis['evidence'] {
  const { service, volumes, cluster } = facts;
  if (service === undefined || !cluster.pods.known || !cluster.volumes.known) return [];
  const others = service.volumes.filter((volume) => !volumes.some((each) => each === volume));
  const lines = volumes.map(
    ({ name, backing, pods }) => `${name} → ${backing.server}:${backing.path} (${number(pods.length, 'pod')})`,
  );
  const rest = others.map(
    ({ name, backing }) =>
      `${name} (${backing.kind === 'csi' ? backing.driver : backing.kind === 'nfs' ? `NFS of ${backing.server}` : backing.kind})`,
  );
  const unused = service.orphans.map(({ name }) => name);
  return [
    ok(
      [
        `${service.is} has ${number(volumes.length, 'volume')} on this NAS${lines.length === 0 ? '' : `: ${lines.join('; ')}`}`,
        ...(rest.length === 0 ? [] : [`not on this NAS: ${rest.join(', ')}`]),
        ...(unused.length === 0 ? [] : [`mounted by nothing: ${unused.join(', ')}`]),
      ].join('. '),
      cluster.pods,
      cluster.volumes,
    ),
  ];
}

function number(count: number, of: string): string {
  return `${count} ${of}${count === 1 ? '' : 's'}`;
}

function explained(facts: Facts, finding: Finding<Code>, all: readonly Finding<Code>[]): boolean {
  if (finding.code !== 'stale-handle' && finding.code !== 'frozen-mount' && finding.code !== 'pod-stuck-terminating')
    return false;
  const mount = facts.nodes.flatMap(({ probes }) => probes).find(({ answer }) => finding.seen.some((seen) => seen === answer));
  const path = mount?.volume.backing.path ?? '';
  const dataset = facts.nas.datasets?.known ? datasetOf(facts.nas.datasets.value, path)?.name : undefined;
  const onNode = (code: Code) => code === 'node-cut-off' || code === 'client-wedged' || code === 'driver-not-registered';
  return all.some(
    ({ code, subject }) =>
      (pathsOf(facts).includes(subject) && subject === path && code !== 'write-denied') ||
      (code === 'dataset-not-mounted' && subject === dataset) ||
      (EXPLAIN_SILENT_MOUNTS.includes(code) && (onNode(code) ? subject === mount?.node : finding.code !== 'stale-handle')),
  );
}
