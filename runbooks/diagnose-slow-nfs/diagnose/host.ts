import type { Pod } from '../../../src/commands/cluster-objects.ts';
import type { Process } from '../../../src/commands/node-system.ts';
import type { Finding } from '../../../src/core/finding.ts';
import type { Seen } from '../../../src/core/reading.ts';
import { backingOf } from '../../../src/topology/volumes.ts';
import type { Code } from '../codes.ts';
import type { Facts, MachineFacts } from '../facts.ts';
import { IDLE_PERCENT, managedServer } from '../facts.ts';
import { percent, problem } from './parts.ts';

/** What looks like slow storage and is another thing: a machine that stands still, a kernel that waits for a server which is gone. */
export function diagnoseHosts(facts: Facts): readonly Finding<Code>[] {
  const hosts = facts.nodes.map(({ name, processes }) => ({ name, processes }));
  const { host, site } = facts;
  const all = host === undefined ? hosts : [...hosts, { name: site.hypervisor?.host.name ?? '', processes: host.processes }];
  return [...all.flatMap((each) => foreignMount(facts, each)), ...(host?.machines ?? []).flatMap((each) => stalled(facts, each))];
}

interface Host {
  readonly name: string;
  readonly processes: Seen<readonly Process[]>;
}

function foreignMount({ cluster, site }: Facts, { name, processes }: Host): Finding<Code>[] {
  const { volumes, pods } = cluster;
  if (!processes.known || !volumes.known || !pods.known) return [];
  const known = new Set([
    ...site.nas.nfsAddresses,
    ...volumes.value.map(backingOf).flatMap((backing) => (backing.kind === 'nfs' ? [backing.server] : [])),
    ...pods.value.flatMap(inlineServers),
  ]);
  const waiting = processes.value.filter(({ state, waitsIn }) => state === 'D' && /^_*(rpc|nfs)/.test(waitsIn));
  const servers = new Set(waiting.flatMap((process) => managedServer(process) ?? []).filter((server) => !known.has(server)));
  return [...servers].map((server) =>
    problem(
      {
        code: 'foreign-mount',
        subject: name,
        says: `The kernel of ${name} waits for the NFS server ${server}, which no volume here names (${waiting.length} processes wait in its NFS client)`,
        remedy: `Find what mounted it (scripts of cron, /etc/fstab, old backups) and take that away; then restart ${name} in a quiet window: nothing else ends that wait.`,
        doNot:
          'Do not read /proc/*/mountstats there, do not run the old script to try it, do not reset machines or restart NFS: all of that waits as well.',
      },
      [processes, volumes, pods],
    ),
  );
}

function inlineServers({ spec }: Pod): string[] {
  return spec.volumes.flatMap(({ nfs }) => (nfs === undefined ? [] : [nfs.server]));
}

const LONG_MINUTES = 30;

/** Every system writes something within half an hour; only its silence, while the disk has time, means that its writes get nowhere. */
function stalled({ host, site }: Facts, { machine, minutes }: MachineFacts): Finding<Code>[] {
  if (host?.disk?.known !== true || !host.list.known || !minutes.known) return [];
  const disk = host.disk;
  const last = silentMinutes(minutes.value.map(({ writeBytesPerS }) => writeBytesPerS));
  const isUpLong = machine.uptime > LONG_MINUTES * 60;
  if (last < LONG_MINUTES || !isUpLong || disk.value.busyPercent >= IDLE_PERCENT) return [];
  const { vmid, name } = machine;
  const idle = `${site.hypervisor?.dataDisk} is busy ${percent(disk.value.busyPercent)} of the time`;
  return [
    problem(
      {
        code: 'machine-stalled',
        subject: `${vmid} ${name}`,
        says: `Virtual machine ${vmid} (${name}) is called running and has written nothing at all for ${last} minutes, while ${idle}`,
        remedy: `First keep the evidence: in "qm monitor ${vmid}" the outputs of "info block" and "info blockstats", and a stack of its process. Then stop and start the machine; a restart from within does not help.`,
        doNot: 'Do not reset it first, which destroys the evidence, and do not blame the NAS or the thin pool: others write.',
      },
      [host.list, minutes, disk],
    ),
  ];
}

/** Minutes at the end of the hour in which exactly nothing was written; the last one may have no figure yet. */
function silentMinutes(written: readonly (number | undefined)[]): number {
  const known = written.filter((each) => each !== undefined);
  const last = known.findLastIndex((each) => each !== 0);
  return known.length - 1 - last;
}
