import type { Pod } from '../../../src/commands/cluster-objects.ts';
import type { KnownTarget } from '../../../src/commands/iscsi-portals.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import { bad, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { IscsiLook, IscsiVolume, NodeLook } from '../../../src/topology/iscsi-look.ts';
import { found, NOTHING, told } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';
import { targetCause } from './target.ts';

const LOCKED = /operation locked due to in progress operation\(s\): (\[.*?\])/;

/** Pods that wait for a volume whose target their node has no session to. */
export function missing(look: IscsiLook): Diagnosis<Code> {
  const parts = (look.volumes ?? []).flatMap((volume) =>
    volume.pods.filter(({ ready }) => !ready).map((pod) => missingFor(look, { volume, pod })),
  );
  return together(parts);
}

interface Waiting {
  readonly volume: IscsiVolume;
  readonly pod: Pod;
}

function missingFor(look: IscsiLook, waiting: Waiting): Diagnosis<Code> {
  const { volume, pod } = waiting;
  const { events, cluster, nodes } = look;
  const node = nodes.find(({ name }) => name === pod.node);
  if (!cluster.pods.known || !cluster.volumes.known || events?.known !== true || node === undefined) return NOTHING;
  const proofs = [cluster.pods, cluster.volumes, events] as const;
  const lock = `"volume_id_${volume.volume.csi?.volumeHandle ?? volume.volume.name}"`;
  const said = events.value.find(
    ({ message, about }) => about.uid === pod.uid && LOCKED.exec(message)?.[1]?.includes(lock) === true,
  );
  const of = `Pod ${pod.namespace}/${pod.name} on ${node.name} waits for ${volume.volume.name}`;
  if (said !== undefined) return locked(volume, `${of}: ${LOCKED.exec(said.message)?.[0]}`, proofs);
  const { target } = volume;
  if (target === undefined || !node.sessions.known || node.sessions.value.some(({ iqn }) => iqn === target.iqn)) return NOTHING;
  return withoutSession(look, { of, node, target, proofs: [...proofs, node.sessions] });
}

type Proofs = readonly [Known<unknown>, ...Known<unknown>[]];

function locked({ volume }: IscsiVolume, says: string, seen: Proofs): Diagnosis<Code> {
  return found<Code>({
    code: 'operation-locked',
    subject: volume.name,
    says,
    remedy:
      'The driver took a lock for an operation that never ended, as after a restart of the NAS: let its pod that says so start again, one pod, /storage diagnose csi shows which. Nothing else frees the lock.',
    doNot: 'Do not delete the volume, its claim or its attachment, and do not restart the NAS again.',
    seen,
  });
}

interface Absent {
  readonly of: string;
  readonly node: NodeLook;
  readonly target: KnownTarget;
  readonly proofs: Proofs;
}

function withoutSession(look: IscsiLook, { of, node, target, proofs }: Absent): Diagnosis<Code> {
  const is = `${of}, and there is no session to ${target.iqn}`;
  const portal = node.portals.find((each) => each.portal === target.portal);
  const { initiator } = node;
  if (portal?.state.known !== true || portal.listed?.known !== true || initiator === undefined) return told(bad(is, ...proofs));
  const { listed } = portal;
  if (listed.value.answer !== 'listed') return told(bad(is, ...proofs));
  const isListed = listed.value.targets.some(({ iqn }) => iqn === target.iqn);
  const cause = targetCause(look, { node, initiator, session: target, proofs }, { isListed, listed });
  if (cause === 'unknown') return told(bad(is, ...proofs));
  if (cause !== undefined) return cause;
  const { targets, devices, stored } = look.server ?? {};
  if (!initiator.log.known || targets?.known !== true || devices?.known !== true || stored?.known !== true)
    return told(bad(is, ...proofs));
  return found<Code>({
    code: 'session-missing',
    subject: target.iqn,
    says: `${is}; the server offers it to ${node.name}`,
    remedy: `The driver on ${node.name} must log in when it stages the volume: look why it does not, with /storage diagnose csi. If only the login itself fails: /storage restart iscsi ${node.name} ${target.iqn}`,
    doNot: 'Do not mount the disk by hand.',
    seen: [...proofs, portal.state, listed, initiator.log, targets, devices, stored],
  });
}
