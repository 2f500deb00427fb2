import type { DaemonFact } from '../../../src/commands/iscsi-node.ts';
import type { TargetList } from '../../../src/commands/iscsi-portals.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import type { Known, Seen } from '../../../src/core/reading.ts';
import type { IscsiLook, NodeLook } from '../../../src/topology/iscsi-look.ts';
import { backingOfTarget, isRefused } from '../../../src/topology/iscsi-sessions.ts';
import { found } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';

interface Concerned {
  readonly node: Pick<NodeLook, 'name'>;
  readonly session: { readonly iqn: string };
  readonly initiator: { readonly log: Seen<readonly DaemonFact[]> };
  readonly proofs: readonly [Known<unknown>, ...Known<unknown>[]];
}

interface Listing {
  readonly isListed: boolean;
  readonly listed: Known<TargetList>;
}

/** What is wrong with the target itself, as its server shows it; undefined where nothing is. */
export function targetCause(
  look: IscsiLook,
  about: Concerned,
  { isListed, listed }: Listing,
): Diagnosis<Code> | 'unknown' | undefined {
  const { session, node, proofs, initiator } = about;
  const backing = backingOfTarget(look, session.iqn);
  if (backing === undefined) return 'unknown';
  if (backing.is === 'target-missing') return isListed ? 'unknown' : vanished(about, [listed, ...backing.proofs]);
  if (backing.is !== 'whole') {
    const what = backing.is === 'device-missing' ? 'no device stands behind it' : 'the volume that it names does not exist';
    return found<Code>({
      code: 'extent-gone',
      subject: session.iqn,
      says: `The server offers ${session.iqn} to ${node.name}, and ${what}`,
      remedy:
        'Find out who removed the extent or the volume, and bring it back from its snapshots or a replica, by hand: the data is the matter, not the session.',
      doNot: 'Do not log out or in, and do not make a new volume of that name: it would be empty, and be formatted.',
      seen: [...proofs, ...backing.proofs],
    });
  }
  if (!initiator.log.known) return 'unknown';
  if (isListed && !isRefused(look, { node: node.name, log: initiator.log.value, iqn: session.iqn })) return undefined;
  const why = isListed
    ? 'iscsid logged that the login failed to authenticate'
    : 'the server has the target and does not list it to this node';
  return found<Code>({
    code: 'login-refused',
    subject: session.iqn,
    says: `${node.name} may not log in to ${session.iqn}: ${why}`,
    remedy:
      "Compare the target's group of initiators and its authentication on the server with the node's initiator name and its record, and put that right by hand.",
    doNot: 'Do not open the target to all initiators, and do not put a password into a command line.',
    seen: [...proofs, listed, ...backing.proofs, initiator.log],
  });
}

function vanished({ session, node, proofs }: Concerned, seen: readonly Known<unknown>[]): Diagnosis<Code> {
  return found<Code>({
    code: 'target-vanished',
    subject: session.iqn,
    says: `The server has no target ${session.iqn} any more, and something on ${node.name} needs it`,
    remedy:
      "Find out who removed the target: the share and extent of the volume on the NAS, and the driver's log. If the volume is still there, make its target again by hand.",
    doNot: 'Do not log in: a login to a target that the server does not have hangs for minutes and keeps the node busy.',
    seen: [...proofs, ...seen],
  });
}
