import type { PortState } from '../../../src/commands/nfs-client.ts';
import type { BootDisk } from '../../../src/commands/proxmox-host.ts';
import type { Evidence } from '../../../src/core/finding.ts';
import { bad, isSome, notSeen, ok } from '../../../src/core/finding.ts';
import type { Known, Seen } from '../../../src/core/reading.ts';
import type { Facts, NodeFacts } from '../facts.ts';
import { isActive } from '../facts.ts';

/** The NFS port as each node that could be asked sees it. */
export type Ports = readonly { readonly node: string; readonly port: Known<PortState> }[];

export function runsOn(volumes: Facts['volumes'], node: string): boolean {
  return volumes.some(({ pods }) => pods.some((pod) => pod.node === node && isActive(pod)));
}

/** Which nodes reach the server, and which not. */
export function portEvidence({ server, nodes, volumes }: Facts, ports: Ports): Evidence[] {
  const open = ports.filter(({ port }) => port.value === 'open').map(({ port }) => port);
  const shut = ports.filter(({ node, port }) => port.value !== 'open' && (open.length === 0 || runsOn(volumes, node)));
  return [
    ...(isSome(open) ? [ok(`${open.length} of ${nodes.length} nodes reach ${server} on the NFS port`, ...open)] : []),
    ...shut.map(({ node, port }) => bad(`${node} does not reach ${server} on the NFS port: ${port.value}`, port)),
    ...nodes.flatMap(({ name, port }) => notSeen(`NFS port from ${name}`, [port])),
    ...nodes.flatMap(({ name, nullCall }) => nullCallEvidence(name, nullCall, ports)),
  ];
}

/** An open port whose server does not answer is more than a closed one says. */
function nullCallEvidence(node: string, call: NodeFacts['nullCall'], ports: Ports): Evidence[] {
  const open = ports.some((each) => each.node === node && each.port.value === 'open');
  if (!open || !call.known || call.value !== 'silent') return [];
  return [bad(`The NFS port is open for ${node}, and the server does not answer a null call`, call)];
}

/** What the NAS and its hypervisor say of its services. */
export function serviceEvidence(facts: Facts): Evidence[] {
  const { nas, nasVm, nasBootDisk, site } = facts;
  const name = site.nas.host.name;
  const runs = (what: string, seen: Seen<boolean> | undefined) =>
    seen === undefined
      ? []
      : seen.known
        ? [seen.value ? ok(`${what} runs on ${name}`, seen) : bad(`${what} does not run on ${name}`, seen)]
        : notSeen(`${what} on ${name}`, [seen]);
  return [
    ...notSeen(`Operating system of ${name}`, [nas.kernel]),
    ...(nas.kernel.known ? notSeen(`Middleware of ${name}`, [nas.middleware]) : []),
    ...runs('nfsd', nas.nfsd),
    ...(nas.mountd?.known && !nas.mountd.value && nodeWithV3(facts) === undefined
      ? [ok(`mountd does not run on ${name}, and no mount uses NFSv3, which alone needs it`, nas.mountd)]
      : runs('mountd', nas.mountd)),
    ...(nasVm === undefined ? [] : vmEvidence(name, nasVm)),
    ...(nasBootDisk === undefined ? [] : bootEvidence(nasBootDisk)),
  ];
}

/** A node that mounts this server over NFSv3. */
export function nodeWithV3({ nodes, server }: Facts) {
  return nodes.find(
    ({ mounts }) => mounts.known && mounts.value.some((mount) => mount.server === server && mount.version === '3'),
  );
}

function vmEvidence(name: string, vm: Seen<string>): Evidence[] {
  if (!vm.known) return notSeen(`Virtual machine of ${name}`, [vm]);
  const says = `The virtual machine of ${name} is ${vm.value}`;
  return [vm.value === 'running' ? ok(says, vm) : bad(says, vm)];
}

function bootEvidence(disk: Seen<BootDisk>): Evidence[] {
  if (!disk.known) return notSeen('Boot disk of the NAS', [disk]);
  const { slot, present } = disk.value;
  return present
    ? [ok(`It has the disk it boots from, ${slot}`, disk)]
    : [bad(`The disk it boots from, ${slot}, is not in its configuration`, disk)];
}
