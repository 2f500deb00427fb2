import { podsOfNamespace } from '../../src/commands/cluster.ts';
import type { Pod } from '../../src/commands/cluster-objects.ts';
import { mountsOf } from '../../src/commands/nfs-client.ts';
import { show } from '../../src/core/command.ts';
import type { CheckResult, Verification } from '../../src/core/plan.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { nodeHost } from '../../src/core/site.ts';
import { successorsOf } from '../../src/repairs/pods.ts';
import type { TunedVolume } from './facts.ts';
import { lacking, mountFor } from './facts.ts';

interface Recreation {
  readonly pod: Pod;
  /** Uids of all pods that were there before. */
  readonly known: readonly string[];
  readonly volumes: readonly TunedVolume[];
  readonly site: Site;
}

/** That a new pod of the same owner is ready and the table of its node shows its mounts with the options. */
export function recreated(about: Recreation): Verification {
  const { pod, known, volumes } = about;
  const look = podsOfNamespace(pod.namespace);
  const options = volumes.map(({ volume, target }) => `${volume.backing.path} with ${target.join(',')}`).join('; ');
  return {
    says: `The pod is gone, a new one of its owner is ready, and its node shows ${options}, but for sizes that the server lowers and time-outs that other mounts there keep`,
    line: `${show(look.command)}; cat /proc/mounts on the node of the new pod`,
    withinMs: (pod.gracePeriodS + 120) * 1000,
    holds: async (read) => {
      const seen = await read(look);
      if (!seen.known) return { answer: 'unknown', seen };
      for (const successor of successorsOf(seen.value, pod, known)) {
        const result = await isMounted(successor, about, read);
        if (result !== undefined && result.answer !== 'no') return result;
      }
      return { answer: 'no', seen };
    },
  };
}

async function isMounted(pod: Pod, { volumes, site }: Recreation, read: Reader): Promise<CheckResult | undefined> {
  if (pod.node === undefined) return undefined;
  const seen = await read(mountsOf(nodeHost(site, pod.node)));
  if (!seen.known) return { answer: 'unknown', seen };
  const all = volumes.every(({ volume, target }) => {
    const mount = mountFor(seen.value, pod, volume);
    return mount !== undefined && lacking(mount, seen.value, target).length === 0;
  });
  return { answer: all ? 'yes' : 'no', seen };
}
