import { BLOCK_DRIVER } from '../../src/commands/block-attachments.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { knownOf, ok } from '../../src/core/finding.ts';
import type { Site } from '../../src/core/site.ts';
import { sizeOf } from '../../src/core/size.ts';
import type { Backing } from '../../src/topology/volumes.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts, Place } from './facts.ts';

type Part = Diagnosis<Code>;

const ISCSI = 'org.democratic-csi.iscsi';

type OnNfs = Extract<Backing, { kind: 'nfs' }>;

export function isOnNas(backing: Backing, { nas }: Site): backing is OnNfs {
  return backing.kind === 'nfs' && nas.nfsAddresses.includes(backing.server);
}

export function idOf({ source: { namespace, name } }: Place): string {
  return `${namespace}/${name}`;
}

/** What it is on, by its volume: a name tells nothing. */
export function sourceObstacles({ cluster: { claims, volumes }, site }: Facts, place: Place): Part {
  if (!claims.known || !volumes.known) return NOTHING;
  const why = whyUnfit(place, site);
  const id = idOf(place);
  const seen = [claims, volumes] as const;
  if (why === undefined) return together(place, told(ok(`${id} is on ${backingText(place.backing)}`, ...seen)), seen);
  return found({
    code: 'source-unfit',
    subject: id,
    says: `${id} is not migrated: ${why}`,
    remedy:
      'Look what it is on: /storage diagnose nfs, or /storage diagnose block. A person moves it by the means of that storage.',
    seen,
  });
}

function together({ tree, source }: Place, first: Part, seen: readonly [Known, Known]): Part {
  if (tree?.known !== true) return first;
  const { files, bytes } = tree.value;
  const id = `${source.namespace}/${source.name}`;
  if (files > 0) return { ...first, evidence: [...first.evidence, ok(`It holds ${files} files, ${sizeOf(bytes)}`, tree)] };
  return found({
    code: 'nothing-there',
    subject: id,
    says: `The directory of ${id} on the NAS holds no file`,
    remedy: 'Find out whether another dataset is to be mounted there (/storage diagnose zfs), and where the files are.',
    doNot: 'Do not take 0 files here and 0 files there for a copy.',
    seen: [...seen, ...knownOf([tree])],
  });
}

type Known = Parameters<typeof knownOf>[0][number] & { readonly known: true };

function whyUnfit({ source, backing }: Place, site: Site): string | undefined {
  if (source.phase !== 'Bound') return `it is ${source.phase} and has no volume`;
  if (source.isGoing) return 'somebody deleted it, and it goes with its last pod';
  if (source.isBlock) return 'it is a raw device without files';
  if (backing.kind === 'nfs')
    return site.nas.nfsAddresses.includes(backing.server)
      ? undefined
      : `it is on ${backing.server}, a server where the bot cannot count its files`;
  if (backing.kind === 'csi' && backing.driver === BLOCK_DRIVER) return 'it is on the hypervisor already';
  if (backing.kind === 'csi' && backing.driver === ISCSI) return undefined;
  return backing.kind === 'csi' ? `its driver is ${backing.driver}, which the bot does not know` : 'what it is on is not known';
}

function backingText(backing: Backing): string {
  if (backing.kind === 'nfs') return `NFS, ${backing.server}:${backing.path}`;
  return backing.kind === 'csi' ? `a disk of ${backing.driver}` : 'something else';
}
