import type { GroupMember } from '../../src/commands/mysql.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { KnownServer } from '../../src/topology/mysql-look.ts';
import { isClosed, isOf, isPrimary, serversOf } from '../../src/topology/mysql-look.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

type Found = Finding<Code>;

export const NEVER =
  'Do not `kubectl rollout restart` the StatefulSet or scale it: the operator then loses its cluster. Do not restore a backup: nothing is lost.';

/** What the members say of one another. Nothing where a server that runs could not be asked: it might be the primary. */
export function groupFindings({ look, pods }: Facts): readonly Found[] {
  const servers = serversOf(look);
  if (servers === undefined || !pods.known || !look.pods.known) return [];
  const primaries = servers.filter(isPrimary);
  const writing = servers.filter((server) => isPrimary(server) && !isClosed(server));
  if (writing.length > 1) return [twoPrimaries(look.mysql, writing)];
  const [primary] = primaries;
  if (primary === undefined) return quorumLost(look.mysql, servers, look.pods);
  if (isClosed(primary)) return [readOnly(primary), ...notOnline(look, primary)];
  return [...labelWrong(look, primary), ...notOnline(look, primary)];
}

type Cluster = Facts['look']['mysql'];

function quorumLost({ namespace, cluster }: Cluster, servers: readonly KnownServer[], pods: Known<unknown>): readonly Found[] {
  const [first, ...more] = servers.flatMap(({ state, members }) => [state, members]);
  const [server] = servers;
  if (first === undefined || server === undefined) return [];
  const offline = servers.filter(({ state }) => state.value.offline).length;
  const closed = servers.filter(({ state }) => state.value.superReadOnly).length;
  const shell = `kubectl exec -it --namespace=${namespace} ${server.pod.name} --container=sidecar -- mysqlsh --js root@localhost --execute 'dba.rebootClusterFromCompleteOutage()'`;
  return [
    {
      code: 'quorum-lost',
      subject: `${namespace}/${cluster}`,
      says:
        `None of the ${servers.length} servers that run is the primary of a group with a majority; ${offline} are in offline mode, in which everybody gets` +
        ` ERROR 3032, and ${closed} are super_read_only. This is the loss of a quorum, and no loss of data.`,
      remedy: `Let all pods run first. Then a person lets the group begin anew, once, from the member with the most transactions, which the shell finds out (it asks for the password of root): ${shell}`,
      doNot: NEVER,
      seen: [first, ...more, pods],
    },
  ];
}

function twoPrimaries({ namespace, cluster }: Cluster, servers: readonly KnownServer[]): Found {
  const [first, ...more] = servers;
  if (first === undefined) throw new Error('there are two');
  return {
    code: 'two-primaries',
    subject: `${namespace}/${cluster}`,
    says: `${servers.map(({ pod }) => pod.name).join(' and ')} each take writes as the primary of a group of their own: what applications write goes two ways.`,
    remedy:
      'Stop who writes to it, find out with mysqlsh which of them has the transactions that count (@@GLOBAL.gtid_executed of each), and let the other one join that group again.',
    doNot:
      'Do not delete a pod or a volume of either: each may have rows that the other has not. Do not restore a backup over them.',
    seen: [first.members, first.state, ...more.flatMap(({ members, state }) => [members, state])],
  };
}

function readOnly({ pod, state, members }: KnownServer): Found {
  return {
    code: 'primary-read-only',
    subject: pod.name,
    says: `${pod.name} is the primary of a group with a majority, and takes no writes: ${state.value.offline ? 'offline_mode' : 'super_read_only'} is on.`,
    remedy:
      'Find out who set it (an operator that upgrades does), and look at cluster.status() in mysqlsh. Once nobody needs it, a person unsets it there.',
    doNot: NEVER,
    seen: [state, members],
  };
}

const MEANS: Readonly<Record<GroupMember['state'], string>> = {
  ONLINE: 'It works.',
  RECOVERING:
    'It copies what it missed: wait, and look whether its log goes on. Where it falls out again, it tries to join up to 2016 times by itself.',
  OFFLINE:
    'It is in no group. The operator lets it join again; where it does not, a person does: cluster.rejoinInstance() in mysqlsh.',
  ERROR:
    'It could not apply what the group wrote, or has transactions that the group has not. Its log says which; a person decides with cluster.status({extended: 1}) in mysqlsh.',
  UNREACHABLE: 'The others do not hear it: look at its node and at the network between them, and not at its data.',
};

function notOnline(look: Facts['look'], { pod: primary, members }: KnownServer): readonly Found[] {
  if (!look.pods.known) return [];
  const pods = look.pods;
  return look.instances.flatMap(({ pod, asked }): readonly Found[] => {
    const member = members.value.find((each) => isOf(each, pod));
    const own = asked?.members.known === true ? asked.members : undefined;
    if (pod.name === primary.name || member?.state === 'ONLINE') return [];
    // A pod without a running server has a finding of its own.
    if (own === undefined && member === undefined) return [];
    return [
      {
        code: 'member-not-online',
        subject: pod.name,
        says: `${pod.name} is ${member?.state ?? 'not in the group'}, as the primary ${primary.name} sees it. The group goes on without it; the loss of one more can take the majority.`,
        remedy: MEANS[member?.state ?? 'OFFLINE'],
        doNot: 'Do not delete its volume, and do not restore a backup: the primary has everything.',
        seen: member === undefined && own !== undefined ? [members, own, pods] : [members, pods],
      },
    ];
  });
}

export const ROLE_LABEL = 'mysql.oracle.com/cluster-role';

function labelWrong({ mysql, pods, instances }: Facts['look'], { pod, members, state }: KnownServer): readonly Found[] {
  if (!pods.known) return [];
  const labelled = instances.filter((each) => each.pod.labels[ROLE_LABEL] === 'PRIMARY').map((each) => each.pod.name);
  if (labelled.length === 1 && labelled[0] === pod.name) return [];
  const leads =
    labelled.length === 0 ? 'no pod: the service has no endpoint' : `${labelled.join(' and ')}, which refuses to write`;
  return [
    {
      code: 'label-wrong',
      subject: `${mysql.namespace}/${mysql.cluster}`,
      says: `${pod.name} is the primary, and ${ROLE_LABEL}=PRIMARY, by which the service finds it, is at ${leads}.`,
      remedy:
        'The operator and the sidecar of each pod keep the label: look at the log of the sidecar of the primary and at the operator, and get them to run.',
      doNot: NEVER,
      seen: [members, state, pods],
    },
  ];
}
