import type { Diagnosis, Evidence } from '../../../src/core/finding.ts';
import { knownOf, ok } from '../../../src/core/finding.ts';
import type { IscsiLook } from '../../../src/topology/iscsi-look.ts';
import { ISCSI_NAMESPACE } from '../../../src/topology/iscsi-look.ts';
import { consumersOf } from '../../../src/topology/iscsi-sessions.ts';
import { NOTHING, told } from '../../../src/topology/zfs-findings.ts';

/** The first question: does anything still use it? */
export function notInUse(look: IscsiLook): Diagnosis<never> {
  const { cluster, attachments, classes, nodes, volumes } = look;
  const sessions = nodes.map((each) => each.sessions);
  const consumers = consumersOf(look);
  if (volumes === undefined || consumers === undefined || !cluster.nodes.known || sessions.some(({ known }) => !known))
    return NOTHING;
  const where = nodes.length === 1 ? (nodes[0]?.name ?? '') : 'any node';
  const now = `no session on ${where} (iscsiadm ends with 21), no volume of the driver is attached, and no pod needs one`;
  const seen = knownOf<unknown>([...sessions, attachments, classes, ...cluster.lists]);
  if (consumers.length > 0)
    return told(
      ok(
        `iSCSI is in use, though not at this moment: ${consumers.join(', ')} will need it when they run; ${now}. An alert ISCSICSIControllerDown is no noise then`,
        ...seen,
      ),
    );
  return told(ok(`iSCSI is not in use: ${now}`, ...seen), orphans(look), noise(look));
}

function orphans({ volumes = [], cluster }: IscsiLook): Evidence {
  const kept = volumes.flatMap(({ volume: { phase, claimRef } }) =>
    phase === 'Bound' && claimRef !== undefined ? [`${claimRef.namespace}/${claimRef.name}`] : [],
  );
  return ok(
    kept.length === 0
      ? 'No claim is bound to a volume of the driver'
      : `Orphans: ${kept.toSorted().join(', ')}. They are bound to volumes of the driver, no workload names them, and they hold data from before the migration; only a person may delete them, after a review`,
    ...knownOf<unknown>(cluster.lists),
  );
}

function noise({ attachments, classes, cluster }: IscsiLook): Evidence {
  return ok(
    `An alert ISCSICSIControllerDown is noise of a driver that was decommissioned (namespace ${ISCSI_NAMESPACE}): remove the rule, do not reinstall the driver`,
    ...knownOf<unknown>([attachments, classes, ...cluster.lists]),
  );
}
