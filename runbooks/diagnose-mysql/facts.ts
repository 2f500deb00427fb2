import type { VolumeAttachment } from '../../src/commands/block-attachments.ts';
import { volumeAttachments } from '../../src/commands/block-attachments.ts';
import { eventsOf, nodes, persistentVolumeClaims, pods } from '../../src/commands/cluster.ts';
import type { KubeEvent, KubeNode, PersistentVolumeClaim, Pod } from '../../src/commands/cluster-objects.ts';
import type { DriverPod } from '../../src/commands/driver-pods.ts';
import { containerLog, driverPods } from '../../src/commands/driver-pods.ts';
import type { DataSpace } from '../../src/commands/mysql.ts';
import type { Process } from '../../src/commands/node-system.ts';
import { processesOf } from '../../src/commands/node-system.ts';
import type { Host } from '../../src/core/command.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { nodeHost } from '../../src/core/site.ts';
import type { MysqlInstance, MysqlLook } from '../../src/topology/mysql-look.ts';
import { lookAtMysql, mysqlSpaces } from '../../src/topology/mysql-look.ts';

/** A pod of which kubelet no longer knew how its container ended. */
export interface Zombie {
  readonly pod: Pod;
  readonly host: Host;
  readonly processes: Seen<readonly Process[]>;
}

export interface Facts {
  readonly look: MysqlLook;
  /** Of the whole cluster: the operator's are in a namespace of their own. */
  readonly pods: Seen<readonly Pod[]>;
  readonly nodes: Seen<readonly KubeNode[]>;
  readonly claims: Seen<readonly PersistentVolumeClaim[]>;
  readonly attachments: Seen<readonly VolumeAttachment[]>;
  readonly events: Seen<readonly KubeEvent[]>;
  /** The namespace's, with how their containers ended. */
  readonly details: Seen<readonly DriverPod[]>;
  /** By the pod's name, of each that runs. */
  readonly spaces: ReadonlyMap<string, Seen<DataSpace>>;
  /** By the pod's name, of each whose server does not run, or does not answer. */
  readonly logs: ReadonlyMap<string, Seen<readonly string[]>>;
  readonly zombies: readonly Zombie[];
}

export async function gather(_params: unknown, read: Reader, site: Site): Promise<Facts> {
  const look = await lookAtMysql(read, site);
  const { namespace } = look.mysql;
  const [all, everyNode, claims, attachments, events, details] = await Promise.all([
    read(pods()),
    read(nodes()),
    read(persistentVolumeClaims()),
    read(volumeAttachments()),
    read(eventsOf(namespace)),
    read(driverPods(namespace)),
  ]);
  const [spaces, logs, zombies] = await Promise.all([
    mysqlSpaces(read, look),
    logsOf(look, details, read),
    zombiesOf(look, details, { read, site }),
  ]);
  return { look, pods: all, nodes: everyNode, claims, attachments, events, details, spaces, logs, zombies };
}

async function logsOf({ instances, mysql: { namespace } }: MysqlLook, details: Seen<readonly DriverPod[]>, read: Reader) {
  const logs = instances.map(async ({ pod, asked }) => {
    const run = runToRead(pod, asked, details);
    if (run === undefined) return [];
    return [[pod.name, await read(containerLog({ namespace, pod: pod.name, container: 'mysql' }, run))] as const];
  });
  return new Map((await Promise.all(logs)).flat());
}

/** Where none runs, of the one before: the present one may have said nothing yet. */
function runToRead(pod: Pod, asked: MysqlInstance['asked'], details: Seen<readonly DriverPod[]>) {
  if (asked !== undefined) return asked.state.known ? undefined : 'present';
  return details.known && hasStarted(pod, details.value) ? 'previous' : undefined;
}

function hasStarted({ uid }: Pod, details: readonly DriverPod[]): boolean {
  return details.some(
    (each) => each.uid === uid && each.containers.some(({ ended, restarts }) => ended !== undefined || restarts > 0),
  );
}

async function zombiesOf(
  { pods: seen }: MysqlLook,
  details: Seen<readonly DriverPod[]>,
  { read, site }: { readonly read: Reader; readonly site: Site },
): Promise<readonly Zombie[]> {
  if (!details.known || !seen.known) return [];
  const dead = details.value.filter(({ containers }) =>
    containers.some(({ ended }) => ended?.reason === 'ContainerStatusUnknown'),
  );
  const left = seen.value.filter((pod) => pod.containers.size === 0 && dead.some(({ uid }) => uid === pod.uid));
  const looks = left.flatMap((pod) => (pod.node === undefined ? [] : [{ pod, host: nodeHost(site, pod.node) }]));
  return Promise.all(looks.map(async (each) => ({ ...each, processes: await read(processesOf(each.host)) })));
}
