import type { Dataset } from '../disk.ts';
import { type Answer, type Call, fail, lines, ok, type Program } from '../shell.ts';

/** ZFS of the NAS. */
export const zfs: Readonly<Record<string, Program>> = {
  zfs: { run: runZfs, changes: ([action]) => action !== 'list' },
  zpool: { run: runZpool },
};

const LIST = 'list -H -t filesystem -o name,mounted,mountpoint,canmount';

function runZfs({ world }: Call, args: readonly string[]): Answer {
  const { datasets } = world.nas.disk;
  if (args.join(' ') === LIST) {
    const row = ({ name, mounted, mountPoint, canMount }: Dataset) =>
      [name, mounted ? 'yes' : 'no', mountPoint, canMount].join('\t');
    return ok(lines(datasets.map(row)));
  }
  const [action, name = ''] = args;
  if (action !== 'mount' && action !== 'unmount') return fail(2, `unrecognized command '${action}'\nusage: zfs command args ...`);
  const dataset = datasets.find((one) => one.name === name);
  if (dataset === undefined) return fail(1, `cannot open '${name}': dataset does not exist`);
  const wanted = action === 'mount';
  if (dataset.mounted === wanted)
    return fail(
      1,
      wanted ? `cannot mount '${name}': filesystem already mounted` : `cannot unmount '${name}': not currently mounted`,
    );
  if (wanted && dataset.canMount === 'off') return fail(1, `cannot mount '${name}': 'canmount' property is set to 'off'`);
  dataset.mounted = wanted;
  return ok();
}

function runZpool({ world }: Call, args: readonly string[]): Answer {
  if (args.join(' ') !== 'list -H -o name,cap,health')
    return fail(2, `unrecognized command '${args[0]}'\nusage: zpool command args ...`);
  return ok(lines(world.nas.pools.map(({ name, usedPercent, health }) => [name, `${usedPercent}%`, health].join('\t'))));
}
