import { z } from 'zod';
import type { PersistentVolume } from '../../src/commands/cluster-objects.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { bad, notSeen, ok } from '../../src/core/finding.ts';
import { stop } from '../../src/core/plan.ts';
import type { Seen } from '../../src/core/reading.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import type { Site } from '../../src/core/site.ts';
import { lookAtCluster } from '../../src/topology/cluster-look.ts';
import { lookAtNas } from '../../src/topology/nas-look.ts';
import { backingOf } from '../../src/topology/volumes.ts';

interface Facts {
  readonly site: Site;
  readonly nfsd?: Seen<boolean>;
  readonly kernel: Seen<unknown>;
  readonly volumes: Seen<readonly PersistentVolume[]>;
}

/** People ask for it, since it is in the books. It is refused with the reason and with what stands on the server. */
export default defineRunbook({
  id: 'restart-nfs',
  words: ['restart', 'nfs'],
  usage: '',
  title: 'Restart the NFS server: refused, and why',
  codes: { 'nfsd-stopped': 'The NFS server does not run: it can be started, which is another thing than a restart.' },
  changes: false,
  params: z.strictObject({}),
  fromWords: (words) => (words.length === 0 ? {} : { extra: words.join(' ') }),
  gather: async (_params, read, site): Promise<Facts> => {
    const [nas, cluster] = await Promise.all([lookAtNas(site.nas.host, read), lookAtCluster(read)]);
    return { site, kernel: nas.kernel, volumes: cluster.volumes, ...(nas.nfsd && { nfsd: nas.nfsd }) };
  },
  diagnose: ({ site, nfsd, kernel, volumes }): Diagnosis<'nfsd-stopped'> => {
    const evidence = [
      ...notSeen('NAS', [kernel]),
      ...notSeen('NFS server', nfsd === undefined ? [] : [nfsd]),
      ...notSeen('Volumes', [volumes]),
      ...(volumes.known ? [ok(`${standingOn(site, volumes.value)} bound PersistentVolumes stand on this server`, volumes)] : []),
    ];
    if (!nfsd?.known) return { evidence, findings: [] };
    if (nfsd.value) return { evidence: [...evidence, ok('The NFS server runs', nfsd)], findings: [] };
    return {
      evidence: [...evidence, bad('The NFS server does not run', nfsd)],
      findings: [
        {
          code: 'nfsd-stopped',
          subject: site.nas.host.name,
          says: 'The NFS server does not run',
          remedy: '/storage diagnose nfs with any service that stands on it offers to start it.',
          seen: [nfsd],
        },
      ],
    };
  },
  plan: () => stop(REFUSED),
});

const REFUSED = [
  'Refused. Restarting the NFS server is the documented cure for hanging mounts, and it does harm: on 2026-04-14 it broke 48 mounts',
  'that still worked and NFSv3 with them. A server that runs needs a reload at most; a mount that hangs has its cause elsewhere.',
  'Ask for the cause: /storage diagnose nfs <service>.',
].join(' ');

function standingOn({ nas }: Site, volumes: readonly PersistentVolume[]): number {
  return volumes.filter((volume) => {
    const backing = backingOf(volume);
    return volume.phase === 'Bound' && backing.kind === 'nfs' && nas.nfsAddresses.includes(backing.server);
  }).length;
}
