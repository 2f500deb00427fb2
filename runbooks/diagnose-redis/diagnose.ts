import { notSeen, together } from '../../src/core/finding.ts';
import { found } from '../../src/topology/zfs-findings.ts';
import type { Facts, Member } from './facts.ts';
import { masters } from './masters.ts';
import type { Part, Seeing } from './seeing.ts';
import { sentinels } from './sentinels.ts';
import { server } from './server.ts';

export function diagnose({ redis, sets, pods, members }: Facts): Part {
  if (!sets.known || !pods.known || members === undefined)
    return { evidence: notSeen('The pods of Redis', [sets, pods]), findings: [] };
  const seeing: Seeing = { redis, members, sets, pods };
  const subject = `${redis.namespace}/${redis.statefulSet}`;
  if (members.length === 0)
    return found({
      code: 'stopped',
      subject,
      says: `StatefulSet ${subject} is to run no pod`,
      remedy: 'Find out who stopped it and why, then set its replicas as Terraform has them.',
      seen: [sets],
    });
  return together([
    ...members.map((member) => down(member, seeing)),
    masters(seeing),
    sentinels(seeing),
    ...members.map((member) => server(member)),
    ...members.map(blind),
  ]);
}

/** A pod waits, or is not there: nothing can be asked in it. */
function down({ name, pod, look }: Member, { redis, sets, pods }: Seeing): Part {
  if (look !== undefined) return { evidence: [], findings: [] };
  const waits = pod?.waits ?? [];
  const why = pod === undefined ? 'is not there' : `is ${[pod.phase, ...waits].join(', ')} on ${pod.node ?? 'no node'}`;
  return found({
    code: 'pod-down',
    subject: name,
    says: `Pod ${redis.namespace}/${name} ${why}: its Redis does not run`,
    remedy: waits.includes('CrashLoopBackOff')
      ? `Its log says why it ends: kubectl logs --namespace=${redis.namespace} ${name} --container=redis --previous.`
      : `Next: /storage diagnose block ${redis.namespace}. While its volume is not attached nothing is lost: its data are in the volume.`,
    doNot: 'Do not restore for it, and do not delete its claim: the data are where they were.',
    seen: [sets, pods],
  });
}

function blind({ name, look }: Member) {
  if (look === undefined) return { evidence: [], findings: [] };
  const evidence = [
    ...notSeen(`Redis in ${name}`, [look.answer]),
    ...notSeen(`Sentinel in ${name}`, [look.sentinel]),
    ...notSeen(`The volume and the memory of ${name}`, [look.volume]),
  ];
  return { evidence, findings: [] };
}
