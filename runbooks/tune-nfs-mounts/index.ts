import { z } from 'zod';
import { problemWith } from '../../src/commands/mount-options.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { ServiceName } from '../../src/core/service-name.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import type { Facts } from './facts.ts';
import { gather } from './gather.ts';
import { plan } from './plan.ts';

const Options = z
  .array(z.string())
  .max(20, 'are more than there are to set')
  .superRefine((options, checks) => {
    const message = problemWith(options);
    if (message !== undefined) checks.issues.push({ code: 'custom', message, input: options });
  });

export default defineRunbook({
  id: 'tune-nfs-mounts',
  words: ['tune', 'nfs', 'mounts'],
  usage: '<service> [option …]',
  title: 'Give the NFS volumes of a service other mount options',
  codes: CODES,
  changes: true,
  params: z.strictObject({ service: ServiceName, options: Options }),
  fromWords: ([service, ...words]) => ({ service, options: words.flatMap((word) => word.split(',')) }),
  gather,
  diagnose,
  plan,
  changed,
});

/** The options of each volume before and after, where they differ. */
function changed(before: Facts, after: Facts): readonly string[] {
  const shown = (options: readonly string[]) => (options.length === 0 ? 'no mount options' : options.join(','));
  return after.volumes.flatMap(({ volume }) => {
    const then =
      before.volumes.find((each) => each.volume.persistentVolume === volume.persistentVolume)?.volume.mountOptions ?? [];
    const [old, now] = [shown(then), shown(volume.mountOptions)];
    return old === now ? [] : [`${volume.persistentVolume}: ${old} before, ${now} now`];
  });
}
