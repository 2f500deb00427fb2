import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome, knownOf, ok, together } from '../../src/core/finding.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { At } from './at.ts';
import type { Code } from './codes.ts';
import { isWithoutCopy } from './facts.ts';
import { stopped } from './gather.ts';
import { once, usersOf } from './restored.ts';

type Part = Diagnosis<Code>;

/** Which databases take connections: a restored one is shut from before its first row until a swap opens it, so that nobody can write into it unseen. */
export function doors(at: At): Part {
  return together<Code>([ofRestored(at), ofUsed(at)]);
}

function ofRestored({ stage, target: { name }, databases, files }: At): Part {
  if (stage.is !== 'beside') return NOTHING;
  const { made } = stage;
  if (!made.allowsConnections)
    return told(ok(`${made.name} takes no connections: what is in it is what its Job compared with the dump`, databases, files));
  return found({
    code: 'restored-opened',
    subject: made.name,
    says: `${made.name} takes connections: it had the name ${name} for a while, or somebody opened it, and what is in it may no longer be what the dump has`,
    remedy: `If nobody wrote into it, shut it again (ALTER DATABASE "${made.name}" ALLOW_CONNECTIONS false); if not, take its mark away (COMMENT ON DATABASE "${made.name}" IS NULL). Then ask again.`,
    doNot: `Do not give it the name ${name}.`,
    seen: [databases, files],
  });
}

function ofUsed({ facts, stage, target: { name }, databases, files }: At): Part {
  if (stage.live?.allowsConnections !== false) return NOTHING;
  if (stage.is === 'beside' ? !stage.made.allowsConnections : isWithoutCopy(facts)) return NOTHING;
  return found({
    code: 'database-shut',
    subject: name,
    says: `${name} (oid ${stage.live.oid}) takes no connections, as what a swap has put aside: no copy of it can be made`,
    remedy: `If it is what applications are to use, let them in (ALTER DATABASE "${name}" ALLOW_CONNECTIONS true), then ask again. With without-copy behind the dump it is restored without a copy.`,
    seen: [databases, files],
  });
}

/** Somebody gave both names back by hand after a swap: who was stopped for it is to run again, whatever becomes of the restored one. */
export function givenBack({ facts: { look }, primary, stage, target, databases, files }: At): Part | undefined {
  if (stage.is !== 'beside' || !stage.made.allowsConnections) return undefined;
  if (stage.live?.allowsConnections !== true || stopped(target).length === 0) return undefined;
  const seen = knownOf([look.clusters, look.pods, primary.state, databases, files, target.sessions, ...target.dependants.seen]);
  if (!isSome(seen)) return undefined;
  return found({
    code: 'not-started',
    subject: target.name,
    says: `${target.name} is the database with oid ${stage.live.oid} again, and ${stage.made.name}, which was opened, is beside it: names were given back by hand; ${usersOf(target)}`,
    remedy: 'Start who uses it as it ran before.',
    seen: once(seen),
  });
}
