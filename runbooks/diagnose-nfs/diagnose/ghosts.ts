import type { Diagnosis, Evidence, Finding } from '../../../src/core/finding.ts';
import { bad, notSeen } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import { backingOf } from '../../../src/topology/volumes.ts';
import type { ForeignServer } from '../causes.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { addressOf, awaitedServer } from '../gather/foreign.ts';
import { onceEach } from './many.ts';

/** Machines that still are clients of a server which is gone: what they wait for never comes. */
export function diagnoseGhosts(facts: Facts): Diagnosis<Code> {
  const { foreign, hypervisor } = facts.causes;
  const looks = hypervisor === undefined ? [] : [hypervisor.mounts, hypervisor.processes];
  const parts = foreign.map((server) => ghost(facts, server));
  return {
    evidence: [...notSeen(`Mounts and processes of ${hypervisor?.host}`, looks), ...parts.flatMap(({ evidence }) => evidence)],
    findings: parts.flatMap(({ findings }) => findings),
  };
}

/** A server that a volume of the cluster names is not forgotten: when it is silent, that is an outage of its own. */
function ghost(facts: Facts, server: ForeignServer): Diagnosis<Code> {
  const { client, address, port } = server;
  if (!port.known) return { evidence: notSeen(`NFS port of ${address} from ${client.host}`, [port]), findings: [] };
  if (port.value === 'open') return { evidence: [], findings: [] };
  const evidence: Evidence[] = [
    bad(`${client.host} is a client of ${address}, which is not this NAS and does not answer (${port.value})`, port),
  ];
  const { pods, volumes } = facts.cluster;
  const tie = tieOf(server);
  const { mounts } = client;
  if (!pods.known || !volumes.known || !mounts.known || tie === undefined || mayBeNamed(facts, server))
    return { evidence, findings: [] };
  return { evidence, findings: [ghostClient(server, onceEach([port, tie, mounts, pods, volumes]))] };
}

/** What ties the machine to the server: a mount of it, or a thread that waits for it. */
function tieOf({ client: { mounts, processes }, address }: ForeignServer): Known<unknown> | undefined {
  if (mounts.known && mounts.value.some((mount) => addressOf(mount) === address)) return mounts;
  return processes.known && processes.value.some((each) => awaitedServer(each) === address) ? processes : undefined;
}

/** Whether a volume or a pod of the cluster names the server. A name that is no address may be anybody's. */
function mayBeNamed({ cluster: { pods, volumes }, site }: Facts, { address }: ForeignServer): boolean {
  const claimed = volumes.known
    ? volumes.value.map(backingOf).flatMap((backing) => (backing.kind === 'nfs' ? [backing.server] : []))
    : [];
  const inline = pods.known ? pods.value.flatMap(({ spec }) => spec.volumes.flatMap(({ nfs }) => nfs?.server ?? [])) : [];
  const others = [...claimed, ...inline].filter((name) => !site.nas.nfsAddresses.includes(name));
  return others.some((name) => name === address || !isAddress(name));
}

function isAddress(name: string): boolean {
  return /^\d+(?:\.\d+){3}$/.test(name) || name.includes(':');
}

function ghostClient({ client, address }: ForeignServer, seen: [Known<unknown>, ...Known<unknown>[]]): Finding<Code> {
  return {
    code: 'ghost-client',
    subject: client.host,
    says: `${client.host} is still a client of ${address}, which is not this NAS, which no volume of the cluster names and which does not answer: whatever asks it there waits for ever`,
    remedy: `Find what mounted it on ${client.host} (an old script, a timer, /etc/fstab) and remove that; then restart programs that hang, as node_exporter, and the machine in a maintenance window.`,
    doNot:
      'Do not read /proc/*/mountstats there: the reader hangs as well. Do not reset virtual machines, restart NFS on the NAS, or run the old script to test it.',
    seen,
  };
}
