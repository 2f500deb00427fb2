import { meaningOf } from '../../../src/commands/pod-events.ts';
import type { Diagnosis, Finding } from '../../../src/core/finding.ts';
import { bad } from '../../../src/core/finding.ts';
import type { Code } from '../codes.ts';
import type { Facts, MountFacts } from '../facts.ts';
import { isActive } from '../facts.ts';

/** A pod that has its mounts and does not start takes this long for more than images and probes. */
const TOO_LONG_S = 180;

/**
 * Mounts of pods that wait though they have them, and of which kubelet changes every file's group first. An inline volume is left
 * alone by it, as is one whose root has the right group already where the pod says `OnRootMismatch`.
 */
export function slowStarts({ nodes }: Pick<Facts, 'nodes'>): readonly MountFacts[] {
  return nodes.flatMap(({ probes }) =>
    probes.filter(({ pod, volume, answer }) => {
      const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {};
      const changes = fsGroup !== undefined && fsGroupChangePolicy !== 'OnRootMismatch' && volume.backing.driver !== undefined;
      return changes && pod.phase === 'Pending' && isActive(pod) && answer.known && answer.value.state === 'answers';
    }),
  );
}

export function diagnoseChown(facts: Facts): Diagnosis<Code> {
  const told = toldByKubelet(facts);
  const found = waiting(facts).filter(({ subject }) => !told.some((each) => each.subject === subject));
  const findings = [...told, ...found];
  return { evidence: findings.map(({ says, seen }) => bad(says, ...seen)), findings };
}

const REMEDY =
  'Wait for this start, and set fsGroupChangePolicy: OnRootMismatch in the workload (through Terraform) for the next.';
const DO_NOT = 'Do not delete the pod: its successor begins with the first file again. There is nothing wrong with the NAS.';

/** Newer kubelets say it themselves. */
function toldByKubelet({ cluster, service }: Facts): Finding<Code>[] {
  const pending = (service?.pods ?? []).filter((pod) => pod.phase === 'Pending' && isActive(pod));
  return cluster.events.flatMap((seen) => {
    const told = seen.known ? seen.value.filter((event) => meaningOf(event) === 'slow-ownership-change') : [];
    return pending.flatMap((pod): Finding<Code>[] => {
      const event = told.find(({ about }) => about.uid === pod.uid);
      if (event === undefined || !seen.known || !cluster.pods.known) return [];
      return [
        {
          code: 'slow-ownership-change',
          subject: `${pod.namespace}/${pod.name}`,
          says: `kubelet changes the owner of every file of a volume before the pod starts: ${event.message.slice(0, 300)}`,
          remedy: REMEDY,
          doNot: DO_NOT,
          seen: [seen, cluster.pods],
        },
      ];
    });
  });
}

function waiting(facts: Facts): Finding<Code>[] {
  const { cluster, causes, nodes } = facts;
  const findings = slowStarts(facts).flatMap((mount): Finding<Code>[] => {
    const { pod, node, volume, answer } = mount;
    const clock = causes.clocks[node];
    const table = nodes.find(({ name }) => name === node)?.mounts;
    if (!clock?.known || !table?.known || !answer.known || !cluster.pods.known || pod.startedAt === undefined) return [];
    const waitedS = Math.round(clock.value - pod.startedAt);
    if (waitedS < TOO_LONG_S) return [];
    return [
      {
        code: 'slow-ownership-change',
        subject: `${pod.namespace}/${pod.name}`,
        says: `The pod has waited for ${Math.floor(waitedS / 60)} minutes though ${volume.backing.path} is mounted and answers: with fsGroup ${pod.spec.securityContext?.fsGroup} and without fsGroupChangePolicy OnRootMismatch, kubelet changes the group of every file over NFS before it starts`,
        remedy: REMEDY,
        doNot: DO_NOT,
        seen: [cluster.pods, table, answer, clock],
      },
    ];
  });
  return [...new Map(findings.map((each) => [each.subject, each])).values()];
}
