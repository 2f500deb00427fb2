import { z } from 'zod';
import { isTargetName } from '../../src/commands/iscsi-records.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { ServiceName } from '../../src/core/service-name.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './facts.ts';
import { plan } from './plan.ts';

const TargetName = z
  .string()
  .max(223, 'is longer than any name of a target')
  .regex(/^[A-Za-z0-9][\w.:-]*$/, 'is no name of a target, as iqn.2005-10.org.freenas.ctl:csi-pvc-1 or csi-pvc-1 is');

export default defineRunbook({
  id: 'restart-iscsi',
  words: ['restart', 'iscsi'],
  usage: '[node] <target>',
  title: 'Restart the iSCSI session to one target, hardened',
  codes: CODES,
  changes: true,
  params: z.union([
    z.strictObject({ node: ServiceName.optional(), target: TargetName }),
    z.strictObject({ node: ServiceName.optional() }),
  ]),
  fromWords,
  gather,
  diagnose,
  plan,
});

/** One word is a target where it can only be one, else a node. */
function fromWords([first, ...more]: readonly string[]): unknown {
  if (first === undefined) return {};
  if (more.length > 0) return { node: first, target: more.join(' ') };
  return isTargetName(first) || first.startsWith('csi-') || first.startsWith('pvc-') ? { target: first } : { node: first };
}
