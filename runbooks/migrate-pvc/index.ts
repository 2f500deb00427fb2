import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './gather.ts';
import { plan } from './plan.ts';

const Name = (what: string) =>
  z
    .string('is missing: ebooks/ebooks-calibre-config-iscsi')
    .max(240, 'is longer than any name here')
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, `is no name of a ${what}, as in ebooks/ebooks-calibre-config-iscsi`);

export default defineRunbook({
  id: 'migrate-pvc',
  words: ['migrate', 'pvc'],
  usage: '<namespace/claim | claim> proxmox-lvm [<size>]',
  title: 'Migrate a claim from NFS or iSCSI to a disk of the hypervisor',
  codes: CODES,
  changes: true,
  params: z.strictObject({
    namespace: Name('namespace').optional(),
    claim: Name('claim'),
    storageClass: z.literal('proxmox-lvm', 'is not where claims are migrated to: proxmox-lvm'),
    size: z
      .string()
      .regex(/^[1-9]\d{0,5}(Mi|Gi|Ti)$/, 'is no size of a claim, as 20Gi is')
      .optional(),
  }),
  fromWords: ([target = '', storageClass, size, ...more]) => {
    const [first = '', ...claim] = target.split('/');
    const named = claim.length === 0 ? { claim: first } : { namespace: first, claim: claim.join('/') };
    const last = more.length === 0 ? size : [size, ...more].join(' ');
    return { ...named, storageClass, ...(last !== undefined && { size: last }) };
  },
  gather,
  diagnose,
  plan,
});
