import { volumeAttachments } from '../../src/commands/block-attachments.ts';
import { nodeNamed, persistentVolumeClaims, podsOfNamespace } from '../../src/commands/cluster.ts';
import { deletePod } from '../../src/commands/cluster-changes.ts';
import type { PersistentVolumeClaim, Pod } from '../../src/commands/cluster-objects.ts';
import { driverPods } from '../../src/commands/driver-pods.ts';
import { processesOf } from '../../src/commands/node-system.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { isSome } from '../../src/core/finding.ts';
import { uses } from '../../src/core/hold.ts';
import type { Check, Plan, Step } from '../../src/core/plan.ts';
import { check, noUndo, steps, stop, verify, within } from '../../src/core/plan.ts';
import { changesWorkload } from '../../src/repairs/holds.ts';
import type { Code } from './codes.ts';
import type { Facts, Zombie } from './facts.ts';
import { isProvenDead } from './pods.ts';

export function plan({ findings }: Diagnosis<Code>, facts: Facts): Plan {
  const [first] = findings;
  if (first === undefined) return stop('The cluster is well, as far as it could be seen: nothing to do.');
  const planned = findings.flatMap((because) => {
    const zombie = facts.zombies.find(({ pod }) => because.code === 'zombie-pod' && pod.name === because.subject);
    return zombie === undefined || !isProvenDead(facts, zombie)
      ? []
      : [deleteZombie(because, zombie, volumesOf(zombie.pod, facts))];
  });
  return isSome(planned) ? steps(...planned) : stop(first.remedy);
}

function volumesOf(pod: Pod, { claims }: Facts): readonly string[] {
  const own = (claim: PersistentVolumeClaim) =>
    claim.namespace === pod.namespace && pod.spec.volumes.some((each) => each.persistentVolumeClaim?.claimName === claim.name);
  return claims.known ? claims.value.filter(own).flatMap(({ volume }) => volume ?? []) : [];
}

/** That one pod; the volume and its files are not touched. */
function deleteZombie(because: Finding<Code>, { pod, host }: Zombie, volumes: readonly string[]): Step {
  const { namespace, name, uid } = pod;
  return {
    title: `Delete the dead pod ${namespace}/${name}`,
    because,
    before: [
      stillDead(pod),
      check(`${host.name} is ready`, nodeNamed(host.name), ({ ready }) => ready),
      check(`No mysqld runs on ${host.name}`, processesOf(host), (all) =>
        all.every(({ program }) => !/^(?:mysqld|mariadbd)/.test(program)),
      ),
      check(`Its claims are of ${volumes.join(', ')}`, persistentVolumeClaims(), (all) =>
        volumes.every((volume) => all.some((claim) => claim.namespace === namespace && claim.volume === volume)),
      ),
      check(`${volumes.join(', ')} is not attached to ${host.name}`, volumeAttachments(), (all) =>
        all.every(({ node, persistentVolume = '' }) => node !== host.name || !volumes.includes(persistentVolume)),
      ),
    ],
    change: deletePod(pod, 'high'),
    after: within(
      (pod.gracePeriodS + 60) * 1000,
      verify(`${name} is gone`, podsOfNamespace(namespace), (pods) => pods.every((each) => each.uid !== uid)),
    ),
    undo: noUndo('Not needed: it was dead, and its volume stays as it is.'),
    holds: [changesWorkload(pod), uses('node', host.name)],
    warnings: ['The server that waits for the lock tries again by itself, within five minutes.'],
  };
}

function stillDead({ namespace, name, uid }: Pod): Check {
  return check(`${namespace}/${name} is this very pod, and nothing of it runs`, driverPods(namespace), (all) =>
    all.some((each) => each.uid === uid && each.containers.every(({ runs }) => !runs)),
  );
}
