import type { Dataset } from '../disk.ts';
import { type Answer, type Call, fail, lines, ok, type Program } from '../shell.ts';
import { FAMILY_LIST, get, inherit, listFamily, set } from './zfs-send.ts';
import { BOOKMARK_LIST, destroy, listBookmarks, listSnapshots, SNAPSHOT_LIST, snapshot } from './zfs-snapshots.ts';
import { clone, listStored, rollback, STORED_LIST } from './zfs-stored.ts';
import { poolIostat } from './zpool-iostat.ts';
import { listSpace, poolStatus, SPACE_LIST, scrubPool } from './zpool-status.ts';

/** A subcommand: what it answers, and whether it changes something. */
export interface Action {
  readonly run: (call: Call, args: readonly string[]) => Answer;
  readonly changes?: (args: readonly string[]) => boolean;
}

const zfsActions: Readonly<Record<string, Action>> = {
  list: { run: list },
  snapshot: { run: snapshot, changes: () => true },
  destroy: { run: destroy, changes: () => true },
  get: { run: get },
  set: { run: set, changes: () => true },
  inherit: { run: inherit, changes: () => true },
  clone: { run: clone, changes: () => true },
  rollback: { run: rollback, changes: () => true },
  mount: { run: (call, args) => setMounted(call, args, true), changes: () => true },
  unmount: { run: (call, args) => setMounted(call, args, false), changes: () => true },
};

const zpoolActions: Readonly<Record<string, Action>> = {
  iostat: { run: poolIostat },
  list: { run: listPools },
  status: { run: poolStatus },
  scrub: { run: scrubPool, changes: () => true },
};

/** ZFS of the NAS. */
export const zfs: Readonly<Record<string, Program>> = { zfs: programOf(zfsActions), zpool: programOf(zpoolActions) };

function programOf(actions: Readonly<Record<string, Action>>): Program {
  const named = (name = '') => (Object.hasOwn(actions, name) ? actions[name] : undefined);
  return {
    run: (call, [name, ...args]) => named(name)?.run(call, args) ?? unknown(name ?? ''),
    changes: ([name, ...args]) => named(name)?.changes?.(args) ?? false,
  };
}

/** As both programs answer what they do not know. */
export function unknown(action: string): Answer {
  return fail(2, `unrecognized command '${action}'\nusage: zfs command args ...`);
}

function list(call: Call, args: readonly string[]): Answer {
  const [asked, name = ''] = [args.slice(0, -1).join(' '), args.at(-1)];
  if (asked === SNAPSHOT_LIST) return listSnapshots(call, name);
  if (asked === FAMILY_LIST) return listFamily(call, name);
  if (asked === BOOKMARK_LIST) return listBookmarks(call, name);
  return args.join(' ') === STORED_LIST ? listStored(call) : listDatasets(call, args);
}

const LIST = '-H -t filesystem -o name,mounted,mountpoint,canmount';

function listDatasets({ world }: Call, args: readonly string[]): Answer {
  if (args.join(' ') !== LIST) return unknown('list');
  const row = ({ name, mounted, mountPoint, canMount }: Dataset) =>
    [name, mounted ? 'yes' : 'no', mountPoint, canMount].join('\t');
  return ok(lines(world.nas.disk.datasets.filter(({ isVolume }) => isVolume !== true).map(row)));
}

function setMounted({ world }: Call, [name = '']: readonly string[], wanted: boolean): Answer {
  const dataset = world.nas.disk.datasets.find((one) => one.name === name);
  if (dataset === undefined) return fail(1, `cannot open '${name}': dataset does not exist`);
  if (dataset.mounted === wanted)
    return fail(
      1,
      wanted ? `cannot mount '${name}': filesystem already mounted` : `cannot unmount '${name}': not currently mounted`,
    );
  if (wanted && dataset.canMount === 'off') return fail(1, `cannot mount '${name}': 'canmount' property is set to 'off'`);
  dataset.mounted = wanted;
  return ok();
}

function listPools({ world }: Call, args: readonly string[]): Answer {
  if (args.join(' ') === SPACE_LIST) return listSpace(world.nas);
  if (args.join(' ') !== '-H -o name,cap,health') return unknown('list');
  return ok(lines(world.nas.pools.map(({ name, usedPercent, health }) => [name, `${usedPercent}%`, health].join('\t'))));
}
