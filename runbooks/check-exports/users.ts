import { covers } from '../../src/commands/exports.ts';
import { together } from '../../src/core/finding.ts';
import { exportStateOf } from '../../src/topology/exported.ts';
import type { NasUser } from '../../src/topology/nas-users.ts';
import type { Facts } from './facts.ts';
import { exists, isMeant, linesOf } from './facts.ts';
import type { Part } from './finding.ts';
import { found, NOTHING } from './finding.ts';

/** Paths that the cluster names and no export reaches, nor will at the next reload. */
export function diagnoseUsers(facts: Facts): Part {
  const byPath = Map.groupBy(facts.users, ({ path }) => path);
  const paths = [...byPath].filter(([path]) => isMeant(facts, path)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return together(paths.map(([path, users]) => unexported(facts, path, users)));
}

function unexported({ nas, directories, site }: Facts, path: string, users: readonly NasUser[]): Part {
  const from = linesOf(nas);
  if (from === undefined || !nas.active?.known || !directories?.known || !exists(directories, path)) return NOTHING;
  const active = nas.active;
  const state = exportStateOf(path, { active: active.value, network: site.nas.clientNetwork });
  // One is proof enough, and whoever else names it is another one.
  const [user] = users;
  if (user === undefined || state !== 'not-exported' || covers(from.lines, path)) return NOTHING;
  return found({
    code: 'export-missing',
    subject: path,
    says: `${user.says} names ${path}, which exists on the NAS; no export in force reaches it, and none is written`,
    remedy: 'Add the export, for this path only; all others stay as they are.',
    doNot: 'Do not restart the NFS server or regenerate all exports: the others work.',
    seen: [active, directories, ...from.files, ...user.seen],
  });
}
