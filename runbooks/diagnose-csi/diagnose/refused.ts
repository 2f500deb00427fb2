import type { KubeEvent } from '../../../src/commands/cluster-objects.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { Code } from '../codes.ts';
import type { DriverFacts } from '../facts.ts';
import { isOfDeployment, livingPods } from '../facts.ts';
import type { Around } from './around.ts';
import { throughTerraform } from './around.ts';

/** What admission says to whoever would make a pod; there is no pod that could say it. */
const REFUSED =
  /(minimum|maximum) memory usage per Container is (\S+?)[,.\]]|admission webhook "[^"]{1,253}" denied|policy \S{1,253} .{0,200}(fail|block)/;

/** What proves that pods of it are missing still: an event is kept for an hour, and is no state. */
function lacking(
  { kind = '', name = '' }: KubeEvent['about'],
  { pods, daemonSets, deployments }: DriverFacts,
): Proofs | undefined {
  const workloads = kind === 'DaemonSet' ? daemonSets : deployments;
  if (!pods.known || !workloads.known) return undefined;
  const has = livingPods(pods).filter(({ owner, terminating }) => !terminating && owner?.name === name && owner.kind === kind);
  const workload = workloads.value.find((each) => name === each.name || isOfDeployment({ kind, name }, each.name));
  const wanted = workload?.wanted ?? workload?.replicas ?? Number.POSITIVE_INFINITY;
  return workload !== undefined && has.length < wanted ? [pods, workloads] : undefined;
}

type Proofs = readonly Known<unknown>[];

/** Pods that were never made: a node without a pod of the driver may be one of these. */
export function refused({ facts, driver }: Around): Diagnosis<Code> {
  const { events } = driver;
  if (!events.known) return { evidence: [], findings: [] };
  const said = events.value.filter(
    ({ warning, reason, message, about }) =>
      warning && reason === 'FailedCreate' && about.kind !== 'Pod' && REFUSED.test(message.slice(0, 2_000)),
  );
  const byOwner = [...Map.groupBy(said, ({ about }) => `${about.kind} ${about.name}`)];
  return {
    evidence: [],
    findings: byOwner.flatMap(([owner, [first, ...more]]) => {
      const proofs = first && lacking(first.about, driver);
      if (first === undefined || proofs === undefined) return [];
      return {
        code: 'pods-refused' as const,
        subject: `${driver.driver.namespace}/${first.about.name}`,
        says: `${owner} may not make its pods: ${(more.at(-1) ?? first).message.slice(0, 300)}`,
        remedy: throughTerraform(
          facts.site,
          driver.driver,
          'set requests and limits of the container that it names to what the LimitRange of the namespace allows, or give the namespace a LimitRange of its own',
        ),
        doNot: 'Do not delete the pods that are there: the same rule refuses their successors.',
        seen: [events, ...proofs],
      };
    }),
  };
}
