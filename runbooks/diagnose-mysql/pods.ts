import type { Pod } from '../../src/commands/cluster-objects.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';
import type { Facts, Zombie } from './facts.ts';
import { NEVER } from './group.ts';

type Found = Finding<Code>;

/** `Unable to lock ./ibdata1 error: 11`: somebody else has it. 11 is EAGAIN, and no fault of the file. */
const LOCKED =
  /Unable to lock \.\/ibdata1 error: 11|Operating system error number 11 in a file operation|ibdata1.*\berror(?: number)?:? 11\b/i;
/** What it writes between two tries, and when it gives up. */
const OF_LOCK = /\.\/ibdata1|first data file|same InnoDB data or log files|rror number 11\b|initialization aborted|Aborting/;
const NO_SPACE = /No space left on device|errno: 28|error number 28|Disk is full/i;

export function podFindings(facts: Facts): readonly Found[] {
  const { look } = facts;
  if (!look.pods.known) return [];
  const pods = look.pods;
  if (look.instances.length === 0) return [noPods(facts, pods)];
  return look.instances.flatMap(({ pod, asked }) => {
    if (asked === undefined) return down(facts, pod, pods);
    return asked.state.known ? [] : retriesLock(facts, pod, pods);
  });
}

function noPods({ look: { mysql } }: Facts, pods: Known<unknown>): Found {
  return {
    code: 'no-pods',
    subject: `${mysql.namespace}/${mysql.cluster}`,
    says: `No pod in ${mysql.namespace} is of the StatefulSet ${mysql.cluster}.`,
    remedy: 'Look at the InnoDBCluster and the operator: the operator makes the pods, and their volumes outlive them.',
    doNot: 'Do not delete the claims datadir-…: they are the data.',
    seen: [pods],
  };
}

function down(facts: Facts, pod: Pod, pods: Known<unknown>): readonly Found[] {
  const log = facts.logs.get(pod.name);
  if (log === undefined) return facts.details.known ? [waits(facts, pod, [pods, facts.details])] : [];
  if (!log.known || !facts.details.known) return [];
  const says = log.value.toReversed();
  const seen: Found['seen'] = [pods, log];
  const locked = says.find((line) => LOCKED.test(line));
  if (locked !== undefined) return lockFindings(facts, pod, { locked, seen });
  const full = says.find((line) => NO_SPACE.test(line));
  if (full !== undefined) return [diskFull(pod.name, `Its server ended with: ${full.slice(0, 200)}`, seen)];
  return [
    {
      code: 'pod-down',
      subject: pod.name,
      says: `The server in ${pod.name} does not run${says[0] === undefined ? ', and its last run wrote nothing' : `; it wrote last: ${says[0].slice(0, 200)}`}.`,
      remedy: `Read its log: kubectl logs --namespace=${pod.namespace} ${pod.name} --container=mysql --previous`,
      doNot: NEVER,
      seen: [...seen, facts.details],
    },
  ];
}

/** A server that runs and does not answer: it tries the lock for 100 seconds before it ends. One that has it writes other lines. */
function retriesLock(facts: Facts, pod: Pod, pods: Known<unknown>): readonly Found[] {
  const log = facts.logs.get(pod.name);
  if (log?.known !== true) return [];
  const last = log.value.findLastIndex((line) => LOCKED.test(line));
  const locked = log.value.slice(last + 1).every((line) => OF_LOCK.test(line)) ? log.value[last] : undefined;
  return locked === undefined ? [] : lockFindings(facts, pod, { locked, seen: [pods, log] });
}

interface Lock {
  readonly locked: string;
  readonly seen: Found['seen'];
}

function lockFindings(facts: Facts, pod: Pod, { locked, seen }: Lock): readonly Found[] {
  return [datafileLocked(pod, locked, seen), ...zombieFindings(facts, pod, seen)];
}

function waits({ events }: Facts, pod: Pod, seen: Found['seen']): Found {
  const said = events.known ? events.value.findLast(({ about, warning }) => about.uid === pod.uid && warning) : undefined;
  const why = said === undefined ? '' : ` ${said.reason}: ${said.message.slice(0, 300)}`;
  return {
    code: 'pod-waits',
    subject: pod.name,
    says: `${pod.name} waits ${pod.node === undefined ? 'for a node' : `on ${pod.node} (${pod.waits.join(', ') || pod.phase})`}.${why}`,
    remedy:
      pod.node === undefined
        ? 'Each pod of the cluster needs a node of its own: make room on one, or bring one back.'
        : `Its volume is for \`diagnose block ${pod.namespace}/${pod.name}\` to look at: where it is attached, and who has it.`,
    doNot: NEVER,
    seen: said !== undefined && events.known ? [...seen, events] : seen,
  };
}

export function diskFull(subject: string, says: string, seen: Found['seen']): Found {
  return {
    code: 'disk-full',
    subject,
    says,
    remedy:
      'Let its claim grow: /storage expand pvc <namespace>/<claim> <size>. The size in a StatefulSet cannot be changed, that of a claim can. Then look for what fills it (SHOW BINARY LOGS): binary logs go by PURGE BINARY LOGS, never as files, and a stopped replica keeps them.',
    doNot: 'Do not delete files below /var/lib/mysql: neither binary logs nor ibdata1, ib_logfile or #innodb_redo.',
    seen,
  };
}

function datafileLocked(pod: Pod, line: string, seen: Found['seen']): Found {
  return {
    code: 'datafile-locked',
    subject: pod.name,
    says: `${pod.name} does not start, because another process holds its data file: ${line.slice(0, 200)}. Error 11 is a lock, and no damage.`,
    remedy:
      'Another mysqld has this volume open, usually a pod of the same claim on another node, with the status ContainerStatusUnknown. If zombie-pod is found here too, its step deletes that pod. If not, its node could not be asked, mysqld still runs there, or the volume is still attached there: look with /storage diagnose node first.',
    doNot:
      'Do not delete or rename ibdata1, and do not set innodb_force_recovery: the file is whole, and that would lose it. Do not restore a backup.',
    seen,
  };
}

function claimsOf(pod: Pod): readonly string[] {
  return pod.spec.volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
}

/** What proves that nothing of it lives: its node answers, no mysqld is among the processes there, and its volume is not attached there. */
export function isProvenDead(facts: Facts, { pod, processes }: Zombie): boolean {
  const { nodes, claims, attachments } = facts;
  if (!nodes.known || !claims.known || !attachments.known || !processes.known) return false;
  const isReady = nodes.value.some(({ name, ready }) => name === pod.node && ready);
  const runs = processes.value.some(({ program }) => /^(?:mysqld|mariadbd)/.test(program));
  const volumes = claims.value.filter(({ namespace, name }) => namespace === pod.namespace && claimsOf(pod).includes(name));
  const isAttached = attachments.value.some(
    ({ node, persistentVolume }) => node === pod.node && volumes.some(({ volume }) => volume === persistentVolume),
  );
  return isReady && !runs && !isAttached && volumes.length > 0;
}

/** The dead pods on other nodes that have the same claim. */
export function zombiesOf({ zombies }: Facts, pod: Pod): readonly Zombie[] {
  return zombies.filter(
    ({ pod: other }) =>
      other.uid !== pod.uid && other.node !== pod.node && claimsOf(other).some((claim) => claimsOf(pod).includes(claim)),
  );
}

function zombieFindings(facts: Facts, pod: Pod, seen: Found['seen']): readonly Found[] {
  const { nodes, claims, attachments, details } = facts;
  if (!nodes.known || !claims.known || !attachments.known || !details.known) return [];
  const views = [details, nodes, claims, attachments];
  return zombiesOf(facts, pod).flatMap((zombie): readonly Found[] =>
    zombie.processes.known && isProvenDead(facts, zombie)
      ? [
          {
            code: 'zombie-pod',
            subject: zombie.pod.name,
            says: `${zombie.pod.name} on ${zombie.host.name} has the claim of ${pod.name} and ended as ContainerStatusUnknown. ${zombie.host.name} is ready, no mysqld runs there, and the volume is not attached there.`,
            remedy: 'Delete this one pod. What it has locked is free then.',
            doNot:
              'Do not force the deletion (grace period 0) before the node was seen: a mysqld that still runs would write beside the new one.',
            seen: [...seen, ...views, zombie.processes],
          },
        ]
      : [],
  );
}
