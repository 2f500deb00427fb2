import { HARDENED, SETTINGS } from '../../../src/commands/iscsi-records.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import { ok, together } from '../../../src/core/finding.ts';
import type { IscsiLook, NodeLook } from '../../../src/topology/iscsi-look.ts';
import { found, NOTHING, told } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';

/** The file decides about records that are made later, which are all: the driver deletes and makes them as it unstages and stages. */
export function newRecords({ nodes }: IscsiLook): Diagnosis<Code> {
  return together(nodes.map(onNode));
}

function onNode({ name, initiator }: NodeLook): Diagnosis<Code> {
  const defaults = initiator?.defaults;
  if (defaults?.known !== true) return NOTHING;
  const soft = SETTINGS.filter((setting) => defaults.value[setting] !== HARDENED[setting]);
  if (soft.length === 0)
    return told(ok(`/etc/iscsi/iscsid.conf of ${name} begins new records with the hardened settings`, defaults));
  return found<Code>({
    code: 'conf-defaults',
    subject: name,
    says: `/etc/iscsi/iscsid.conf of ${name} begins new records with ${soft.map((setting) => `${setting} = ${defaults.value[setting] ?? 'its default'} (hardened ${HARDENED[setting]})`).join(', ')}: the driver makes a record anew whenever it stages a volume`,
    remedy: `Let cloud-init set them in /etc/iscsi/iscsid.conf of ${name}. Records and sessions that stand keep what they have.`,
    doNot: 'Do not restart iscsid for it: no session needs that.',
    seen: [defaults],
  });
}
