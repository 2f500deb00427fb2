import { exportClients } from '../../src/commands/export-clients.ts';
import type { Share } from '../../src/commands/middleware.ts';
import { together } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { pathsIn } from '../../src/repairs/export-checks.ts';
import type { Facts } from './facts.ts';
import { isMeant } from './facts.ts';
import type { Part } from './finding.ts';
import { found, NOTHING } from './finding.ts';

/** The middleware writes the file from its shares, all of it, each time somebody saves one. */
export function diagnoseShares(facts: Facts): Part {
  const { shares, file, flavour } = facts.nas;
  if (!shares?.known || !file?.known || flavour === undefined) return NOTHING;
  const enabled = shares.value.filter((share) => share.enabled);
  const shared = enabled.flatMap(({ paths }) => paths);
  const written = pathsIn(file.value);
  const proofs = [shares, file] as const;
  const unwritten = shared.filter((path) => !written.includes(path)).map((path) => differs(path, NOT_WRITTEN, proofs));
  const byHand = written.filter((path) => !shared.includes(path)).map((path) => differs(path, BY_HAND, proofs));
  const others = enabled.flatMap((share) => otherClients(facts, share));
  return together([...unwritten, ...byHand, ...others].filter(({ path }) => isMeant(facts, path)).map(({ part }) => part));
}

interface Difference {
  readonly path: string;
  readonly part: Part;
}

const NOT_WRITTEN = 'is in a share, and /etc/exports does not name it: the middleware did not write it, or somebody took it out';
const BY_HAND = 'is in /etc/exports and in no share: somebody wrote it there, and it is gone when the middleware writes next';

function differs(path: string, how: string, seen: readonly [Known<unknown>, ...Known<unknown>[]]): Difference {
  const part = found({
    code: 'share-differs',
    subject: path,
    says: `${path} ${how}`,
    remedy:
      'Put right what the share says in the settings of TrueNAS, and save it: that writes the file anew. Compare the list of exports before and after.',
    doNot: 'Do not edit /etc/exports on TrueNAS by hand: the middleware writes it anew.',
    seen,
  });
  return { path, part };
}

/** The networks and hosts of a share that its line does not have, and the other way round. */
function otherClients({ nas: { shares, file, flavour } }: Facts, share: Share): Difference[] {
  if (!shares?.known || !file?.known || flavour === undefined) return [];
  const kept = [...share.networks, ...share.hosts].toSorted();
  const wanted = (kept.length === 0 ? ['*'] : kept).join(' ');
  return share.paths.flatMap((path) => {
    const lines = file.value.filter((line) => line.path === path);
    const written = lines
      .flatMap(({ rest }) => exportClients(rest, flavour).clients)
      .toSorted()
      .join(' ');
    if (lines.length === 0 || written === wanted) return [];
    const how = `is for ${wanted} in share ${share.id}, and for ${written} in /etc/exports`;
    return [differs(path, how, [shares, file])];
  });
}
