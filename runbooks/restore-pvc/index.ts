import { z } from 'zod';
import { WEEK } from '../../src/commands/pvc-copies.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './gather.ts';
import { plan } from './plan.ts';

const Name = (what: string) =>
  z
    .string('is missing: vaultwarden/vaultwarden-data-proxmox')
    .max(253, 'is longer than any name here')
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, `is no name of a ${what}, as in vaultwarden/vaultwarden-data-proxmox`);

const Choice = z.discriminatedUnion('from', [
  z.strictObject({
    from: z.literal('snapshot'),
    name: z
      .string('is missing: snapshot 20260403_0300')
      .max(127, 'is longer than any name of LVM')
      .regex(/^([A-Za-z0-9][\w.+-]*_snap_)?\d{8}_\d{4}$/, 'is neither the time of a snapshot (20260403_0300) nor its whole name'),
  }),
  z.strictObject({
    from: z.literal('files'),
    week: z.string('is missing: files 2026-14').regex(WEEK, 'is no week, as in 2026-14'),
  }),
]);

export default defineRunbook({
  id: 'restore-pvc',
  words: ['restore', 'pvc'],
  usage: '<namespace>/<claim> [snapshot <YYYYMMDD_HHMM> | files <YYYY-WW>]',
  title: 'Restore a block volume from an LVM snapshot or a copy of its files',
  codes: CODES,
  changes: true,
  params: z.strictObject({ namespace: Name('namespace'), claim: Name('claim'), choice: Choice.optional() }),
  fromWords: ([target = '', from, ...more]) => {
    const [namespace, ...claim] = target.split('/');
    const named = { namespace, claim: claim.length === 0 ? undefined : claim.join('/') };
    const last = more.length === 0 ? undefined : more.join(' ');
    if (from === undefined || (from === 'list' && last === undefined)) return named;
    return { ...named, choice: from === 'files' ? { from, week: last } : { from, name: last } };
  },
  gather,
  diagnose,
  plan,
});
