import type { Process } from '../../../src/commands/node-system.ts';
import type { Diagnosis, Finding } from '../../../src/core/finding.ts';
import { bad, isSome, knownOf, notSeen, ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import type { Ports } from './server-evidence.ts';
import { nodeWithV3, portEvidence, runsOn, serviceEvidence } from './server-evidence.ts';

type Part = Diagnosis<Code>;

const RESTART_HARMS =
  'Do not restart the NFS server: a restart here broke 48 working mounts and NFSv3 with them, and nothing above says that it would help.';

/** From the bottom up: machine, network, service. */
export function diagnoseServer(facts: Facts): Part {
  const ports = facts.nodes.flatMap(({ name, port }) => (port.known ? [{ node: name, port }] : []));
  const open = ports.some(({ port }) => port.value === 'open');
  return together([
    { evidence: [...portEvidence(facts, ports), ...serviceEvidence(facts)], findings: [] },
    { evidence: [], findings: open ? cutOff(facts, ports) : whyClosed(facts, ports) },
    mountd(facts, open),
    overload(facts),
  ]);
}

/** No node is known to reach the server. What the NAS says of itself is proof enough; anything else needs every node's view. */
function whyClosed(facts: Facts, ports: Ports): Finding<Code>[] {
  const { nasVm, nas, nodes, site } = facts;
  if (nasVm?.known && nasVm.value !== 'running') return [vmDown(facts, nasVm)];
  if (nas.nfsd?.known && !nas.nfsd.value) return [nfsdStopped(site.nas.host.name, nas.nfsd)];
  if (nodes.length === 0 || ports.length < nodes.length) return [];
  return [pathDown(facts) ?? unreachable(facts, ports)];
}

function vmDown({ site }: Facts, vm: Known<string>): Finding<Code> {
  return {
    code: 'nas-vm-down',
    subject: site.nas.host.name,
    says: `The virtual machine of ${site.nas.host.name} is ${vm.value}`,
    remedy:
      vm.value === 'stopped'
        ? 'Start the machine and wait until its NFS server answers; soft mounts recover by themselves.'
        : 'Find out on the hypervisor why it is in this state (a full thin pool pauses a machine) before it goes on.',
    doNot: 'Do not unmount or delete pods meanwhile: the mounts come back with the server.',
    seen: [vm],
  };
}

function nfsdStopped(name: string, nfsd: Known<boolean>): Finding<Code> {
  return {
    code: 'nfsd-stopped',
    subject: name,
    says: `${name} answers and its NFS server does not run`,
    remedy: 'Start the NFS server. Start, not restart: it is not running.',
    doNot: 'Do not restart or re-export anything else: the exports are read when the server starts.',
    seen: [nfsd],
  };
}

/** Silence everywhere: a refusal comes from a machine that was reached. And the NAS's own word that its server runs. */
function pathDown({ nodes, nas, server, site }: Facts): Finding<Code> | undefined {
  const neighbours = nodes.flatMap(({ neighbour }) => (neighbour === undefined ? [] : [neighbour]));
  const views = [...nodes.map(({ port }) => port), ...neighbours];
  const silent = knownOf(views).filter(({ value }) => value === 'silent');
  const { nfsd } = nas;
  if (neighbours.length !== nodes.length || silent.length !== views.length || !nfsd?.known || !nfsd.value) return undefined;
  return {
    code: 'network-path-down',
    subject: server,
    says: `No node reaches ${server}, nor ${site.nasNeighbour?.address} beside it, while the NFS server itself runs`,
    remedy:
      'Look at the router between the nodes and the NAS (pfSense, VLANs). There is nothing to repair on the NAS or the nodes.',
    doNot: RESTART_HARMS,
    seen: [nfsd, ...silent],
  };
}

function unreachable({ server }: Facts, ports: Ports): Finding<Code> {
  const seen = ports.map(({ port }) => port);
  if (!isSome(seen)) throw new Error('unreachable needs the view of a node');
  return {
    code: 'server-unreachable',
    subject: server,
    says: `None of the ${seen.length} nodes reaches ${server}, and what could be seen does not say why`,
    remedy: "Look at the NAS's console and at the router by hand; see which of the looks below failed.",
    doNot: RESTART_HARMS,
    seen,
  };
}

/** Of the nodes where the service runs: another one may be kept from the NAS on purpose. */
function cutOff({ server, volumes }: Facts, ports: Ports): Finding<Code>[] {
  const open = ports.find(({ port }) => port.value === 'open');
  if (open === undefined) return [];
  return ports
    .filter(({ node, port }) => port.value !== 'open' && runsOn(volumes, node))
    .map(({ node, port }) => ({
      code: 'node-cut-off',
      subject: node,
      says: `${node} does not reach ${server} (${port.value}), while ${open.node} does`,
      remedy: `Look at the network of ${node}: address, route, firewall. Its pods can move to another node (cordon it first).`,
      doNot: RESTART_HARMS,
      seen: [port, open.port],
    }));
}

/** Only where NFSv3 is in use: a server of version 4 alone may have no mountd. An open port is never "server down". */
function mountd(facts: Facts, portOpen: boolean): Part {
  const { nas, site } = facts;
  const v3 = nodeWithV3(facts);
  if (!portOpen || !v3?.mounts.known || !nas.mountd?.known || nas.mountd.value) return { evidence: [], findings: [] };
  return {
    evidence: [],
    findings: [
      {
        code: 'mountd-down',
        subject: site.nas.host.name,
        says: `mountd does not run on ${site.nas.host.name}: existing mounts work, and new ones over NFSv3, which ${v3.name} uses, are refused`,
        remedy: 'Start mountd.',
        doNot: 'The NFS server is not down. Do not restart it.',
        seen: [nas.mountd, v3.mounts],
      },
    ],
  };
}

/** So many threads of the server in state D mean that it waits for its disks, not that it is broken. */
const MANY_WAITING = 8;
const BUSY_PERCENT = 90;

function overload({ nas, diskBusyPercent, site }: Facts): Part {
  if (nas.processes === undefined) return { evidence: [], findings: [] };
  if (!nas.processes.known) return { evidence: notSeen('Threads of the NFS server', [nas.processes]), findings: [] };
  const waiting = nas.processes.value.filter(isWaitingThread);
  if (waiting.length < MANY_WAITING)
    return { evidence: [ok('The NFS server does not wait for its disks', nas.processes)], findings: [] };
  const evidence = [bad(`${waiting.length} threads of the NFS server wait for their disks`, nas.processes)];
  if (!diskBusyPercent?.known) {
    return { evidence: [...evidence, ...notSeen('Disk under the NAS', diskBusyPercent ? [diskBusyPercent] : [])], findings: [] };
  }
  if (diskBusyPercent.value < BUSY_PERCENT) return { evidence, findings: [] };
  return {
    evidence,
    findings: [overloaded(site.nas.host.name, nas.processes, { busy: diskBusyPercent, waiting: waiting.length })],
  };
}

function isWaitingThread({ state, program }: Process): boolean {
  return state === 'D' && program.startsWith('nfsd');
}

function overloaded(
  name: string,
  processes: Known<readonly Process[]>,
  { busy, waiting }: { readonly busy: Known<number>; readonly waiting: number },
): Finding<Code> {
  return {
    code: 'server-overloaded',
    subject: name,
    says: `${waiting} threads of the NFS server wait for a disk that is ${busy.value} % busy: NFS is slow, not broken`,
    remedy: 'Find the workload that floods the disk (backup, import, scrub) and pause it; NFS recovers by itself.',
    doNot: 'Do not restart the NFS server and do not add threads: both make the queue longer.',
    seen: [processes, busy],
  };
}
