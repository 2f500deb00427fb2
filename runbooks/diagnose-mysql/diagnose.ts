import type { Diagnosis, Evidence, Finding } from '../../src/core/finding.ts';
import { notSeen, ok } from '../../src/core/finding.ts';
import { isPrimary, mysqlPrimary, serversOf } from '../../src/topology/mysql-look.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { groupFindings } from './group.ts';
import { diskFull, podFindings } from './pods.ts';

type Found = Finding<Code>;

export function diagnose(facts: Facts): Diagnosis<Code> {
  const findings = [
    ...podFindings(facts),
    ...groupFindings(facts),
    ...spaceFindings(facts),
    ...connections(facts),
    ...operator(facts),
  ];
  return { evidence: [...well(facts), ...unseen(facts)], findings };
}

const FULL_PERCENT = 95;

function spaceFindings({ spaces }: Facts): readonly Found[] {
  return [...spaces].flatMap(([pod, space]): readonly Found[] => {
    if (!space.known) return [];
    const { bytes, freeBytes } = space.value;
    const percent = Math.round(100 - (freeBytes / bytes) * 100);
    const says = `The volume of ${pod} is ${percent} % full: ${Math.round(freeBytes / 1_048_576)} MiB are left.`;
    return percent < FULL_PERCENT ? [] : [diskFull(pod, says, [space])];
  });
}

function connections({ look }: Facts): readonly Found[] {
  return look.instances.flatMap(({ pod, asked }): readonly Found[] => {
    if (asked === undefined || !asked.state.known) return [];
    const { connections: taken, maxConnections } = asked.state.value;
    const share = taken / maxConnections;
    if (share <= 0.6) return [];
    const code = share > 0.8 ? 'connections-full' : 'connections-high';
    return [
      {
        code,
        subject: pod.name,
        says: `${taken} of ${maxConnections} connections of ${pod.name} are taken.`,
        remedy: `See who has them (SELECT user, host, COUNT(*) FROM information_schema.processlist GROUP BY 1, 2), and make the pool of that application smaller${code === 'connections-full' ? ' now: the next ones are refused with ERROR 1040' : ''}.`,
        doNot: 'Do not restart the servers for it: all applications connect again at once.',
        seen: [asked.state],
      },
    ];
  });
}

function operator({ pods }: Facts): readonly Found[] {
  if (!pods.known) return [];
  // The chart gives the Deployment more labels than its pods.
  const own = pods.value.filter(({ labels }) => [labels['name'], labels['app.kubernetes.io/name']].includes('mysql-operator'));
  if (own.some(({ ready }) => ready)) return [];
  return [
    {
      code: 'operator-down',
      subject: 'mysql-operator',
      says:
        own.length === 0
          ? 'The operator of MySQL has no pod.'
          : `No pod of the operator of MySQL is ready: ${own.map(({ name }) => name).join(', ')}.`,
      remedy:
        'The servers go on without it. Look at its Deployment and its log, and get it to run before anything else is done to the cluster.',
      doNot: 'Do not take finalizers off the InnoDBCluster or its pods: the operator then forgets its cluster.',
      seen: [pods],
    },
  ];
}

function well(facts: Facts): readonly Evidence[] {
  const { look, nodes } = facts;
  const primary = mysqlPrimary(look);
  const evidence: Evidence[] = [];
  if (primary !== undefined) {
    const { members, state, pod } = primary;
    const online = members.value.filter((member) => member.state === 'ONLINE').length;
    evidence.push(
      ok(
        `${pod.name} is the primary, takes writes (MySQL ${state.value.version}), and sees ${online} of ${members.value.length} members ONLINE`,
        members,
        state,
      ),
    );
  }
  const servers = serversOf(look);
  if (servers !== undefined && servers.length > 0)
    evidence.push(
      ok(
        `${servers.length} servers answer, ${servers.filter(isPrimary).length} of them as primary`,
        ...servers.map(({ state }) => state),
      ),
    );
  if (nodes.known) {
    const fit = nodes.value.filter(({ ready, cordoned, controlPlane }) => ready && !cordoned && !controlPlane);
    const note =
      fit.length < 3
        ? '. Each of three pods needs a node of its own: one of them would find none'
        : ', before what its affinity excludes';
    evidence.push(ok(`${fit.length} workers can take a pod of it${note}`, nodes));
  }
  return evidence;
}

function unseen({ look, pods, nodes, claims, attachments, events, details, spaces, logs, zombies }: Facts): readonly Evidence[] {
  return [
    ...notSeen('The pods of the cluster', [look.pods, pods, details]),
    ...look.instances.flatMap(({ pod, asked }) =>
      asked === undefined ? [] : notSeen(`The server in ${pod.name}`, [asked.state, asked.members]),
    ),
    ...[...spaces].flatMap(([pod, space]) => notSeen(`The volume of ${pod}`, [space])),
    ...[...logs].flatMap(([pod, log]) => notSeen(`The log of ${pod}`, [log])),
    ...zombies.flatMap(({ host, processes }) => notSeen(`The processes of ${host.name}`, [processes])),
    ...notSeen('Nodes, claims, attachments and events', [nodes, claims, attachments, events]),
  ];
}
