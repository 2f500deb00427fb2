import type { Pod } from '../../../src/commands/cluster-objects.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import { isSome, knownOf, ok } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { IscsiLook } from '../../../src/topology/iscsi-look.ts';
import { ISCSI_DRIVER, ISCSI_NAMESPACE } from '../../../src/topology/iscsi-look.ts';
import { consumersOf } from '../../../src/topology/iscsi-sessions.ts';
import { found, NOTHING, told } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';

/** An alert about the controller is noise where nothing uses the driver, and true where something does. */
export function driver(look: IscsiLook): Diagnosis<Code> {
  const { cluster, attachments, volumes: own } = look;
  const { pods, volumes } = cluster;
  if (own === undefined || !pods.known || !attachments.known) return NOTHING;
  const seen = knownOf<unknown>([pods, volumes, attachments]);
  const busy = own.filter((each) => each.pods.length > 0 || each.attachments.length > 0);
  const idle = consumersOf(look);
  const stray = attachments.value.filter(
    ({ attacher, persistentVolume }) => attacher === ISCSI_DRIVER && !own.some(({ volume }) => volume.name === persistentVolume),
  );
  const users = [
    ...busy.map(({ volume: { claimRef, name } }) => (claimRef === undefined ? name : `${claimRef.namespace}/${claimRef.name}`)),
    ...stray.map(({ persistentVolume }) => `an attachment of ${persistentVolume ?? 'no volume'}`),
  ];
  if (users.length === 0 && idle === undefined) return NOTHING;
  if (users.length === 0 && idle?.length === 0) return noise(look);
  return controller(
    pods.value,
    users.length > 0 ? { users, seen } : { users: idle ?? [], seen: knownOf([...cluster.lists, attachments, look.classes]) },
  );
}

/** Only where each node said which sessions it has. */
function noise({ cluster, attachments, classes, nodes }: IscsiLook): Diagnosis<Code> {
  const sessions = nodes.flatMap((node) => (node.sessions.known ? [node.sessions] : []));
  if (sessions.length < nodes.length) return NOTHING;
  const count = sessions.reduce((sum, { value }) => sum + value.length, 0);
  const where = nodes.length === 1 ? nodes[0]?.name : 'the nodes together';
  return told(
    ok(
      `No workload, pod or attachment uses ${ISCSI_DRIVER}, and ${where} ${nodes.length === 1 ? 'has' : 'have'} ${count} session${count === 1 ? '' : 's'}: an alert ISCSICSIControllerDown is noise, remove its rule`,
      ...knownOf<unknown>([...cluster.lists, attachments, classes, ...sessions]),
    ),
  );
}

interface Use {
  readonly users: readonly string[];
  readonly seen: readonly Known<unknown>[];
}

function controller(pods: readonly Pod[], { users: claims, seen }: Use): Diagnosis<Code> {
  const controllers = pods.filter(({ namespace, name }) => namespace === ISCSI_NAMESPACE && name.includes('controller'));
  if (controllers.some(({ ready }) => ready))
    return told(ok(`The controller of ${ISCSI_DRIVER} runs; ${claims.join(', ')} use it`, ...seen));
  if (!isSome(seen)) return NOTHING;
  return found<Code>({
    code: 'controller-down',
    subject: ISCSI_DRIVER,
    says: `No controller of ${ISCSI_DRIVER} is ready in ${ISCSI_NAMESPACE}, and ${claims.join(', ')} still need${claims.length === 1 ? 's' : ''} it: what is to be made, attached or detached waits`,
    remedy:
      'Mounts that stand go on. Look why it does not run with /storage diagnose csi, or migrate the claims to proxmox-lvm and remove the driver after that.',
    doNot: 'Do not delete its driver object, its volumes or attachments while a claim uses it.',
    seen,
  });
}
