import type { SentinelView } from '../../src/commands/redis.ts';
import { ok, together } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Server } from './masters.ts';
import { podAt, serversOf } from './masters.ts';
import type { Part, Seeing } from './seeing.ts';

export function sentinels(seeing: Seeing): Part {
  const masters = serversOf(seeing.members).filter(({ info }) => info.role === 'master');
  return together(
    seeing.members.map(({ name, look }) => {
      if (look?.sentinel.known !== true) return NOTHING;
      const one = { name, view: look.sentinel };
      return together([watches(one, masters, seeing), sees(one, seeing)]);
    }),
  );
}

interface Sentinel {
  readonly name: string;
  readonly view: Known<SentinelView>;
}

/** With several masters it is one of the witnesses, and judged there. */
function watches({ name, view }: Sentinel, [master, ...others]: readonly Server[], { redis, members, pods }: Seeing): Part {
  if (view.value.is === 'silent')
    return found({
      code: 'sentinel-down',
      subject: name,
      says: `No Sentinel listens in ${name}: it cannot vote for another master`,
      remedy: `Its log says why: kubectl logs --namespace=${redis.namespace} ${name} --container=sentinel.`,
      seen: [pods, view],
    });
  if (master === undefined || others.length > 0) return NOTHING;
  const named = view.value.is === 'watching' ? podAt(view.value.host, members) : undefined;
  if (named === master.name && view.value.is === 'watching')
    return told(ok(`Sentinel in ${name} names ${master.name} (${view.value.flags.join(', ')})`, view));
  // While the one that is named cannot be asked, it may be a master as well.
  const asked = members.find((member) => member.name === named)?.look?.answer;
  if (asked?.known === false) return NOTHING;
  const says = view.value.is === 'watching' ? `names ${view.value.host}` : `does not know ${redis.masterName}`;
  return found({
    code: 'sentinel-disagrees',
    subject: name,
    says: `Sentinel in ${name} ${says}, and the master is ${master.name}: clients that ask it write to the wrong one, or nowhere`,
    remedy: `Sentinels tell each other of the latest election: see whether those of all pods reach one another on port 26379, and what their logs say (kubectl logs --namespace=${redis.namespace} ${name} --container=sentinel).`,
    doNot: `Do not change the role of a server to please it: ${master.name} has the data.`,
    seen: [pods, view, master.seen, ...(asked === undefined ? [] : [asked])],
  });
}

function sees({ name, view }: Sentinel, { pods }: Seeing): Part {
  if (view.value.is !== 'watching') return NOTHING;
  const { otherSentinels, quorum } = view.value;
  const all = otherSentinels + 1;
  if (all < quorum)
    return found({
      code: 'no-quorum',
      subject: name,
      says: `Sentinel in ${name} knows ${otherSentinels} others, and ${quorum} must agree before a master is replaced`,
      remedy: 'Let the other pods run, and look whether they reach port 26379 of each other.',
      seen: [pods, view],
    });
  const spare = all - Math.max(quorum, Math.floor(all / 2) + 1);
  const more = spare > 0 ? `${spare} may be missing` : 'none may be missing for that';
  return told(
    ok(`Sentinel in ${name} knows ${otherSentinels} others; ${quorum} must agree to replace a master, and ${more}`, view),
  );
}
