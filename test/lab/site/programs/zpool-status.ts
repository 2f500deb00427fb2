import type { Nas } from '../nas.ts';
import { type LabPool, type LabPoolStatus, type LabScan, sizeGiB, statusOf } from '../pools.ts';
import { type Answer, type Call, fail, lines, ok } from '../shell.ts';

/** `zpool status -v` */
export function poolStatus({ world: { nas } }: Call, args: readonly string[]): Answer {
  if (args.join(' ') !== '-v') return fail(2, `invalid option '${args[0]?.slice(1, 2)}'\nusage:\n\tstatus [-vx] [pool] ...`);
  if (nas.pools.length === 0) return ok('no pools available\n');
  const all = nas.pools.map((pool) => ({ pool, status: statusOf(pool, nas.flavour) }));
  if (all.some(({ status }) => status.hangs)) return { ...ok(), afterS: 3_600, unkillable: true };
  const hidden = all.some(({ pool }) => pool.health === 'SUSPENDED');
  return {
    ...ok(
      all.map(({ pool, status }) => lines([...head(pool, status), ...table(pool, status), ...tail(pool, status)])).join('\n'),
    ),
    stderr: hidden ? 'errors: List of errors unavailable: pool I/O is currently suspended\n' : '',
  };
}

const CORRUPTED = [
  'status: One or more devices has experienced an error resulting in data',
  '\tcorruption.  Applications may be affected.',
  'action: Restore the file in question if possible.  Otherwise restore the',
  '\tentire pool from backup.',
  '   see: https://openzfs.github.io/openzfs-docs/msg/ZFS-8000-8A',
];
const FAULTED = [
  'status: One or more devices are faulted in response to IO failures.',
  "action: Make sure the affected devices are connected, then run 'zpool clear'.",
  '   see: https://openzfs.github.io/openzfs-docs/msg/ZFS-8000-HC',
];
const MISSING = [
  'status: One or more devices could not be opened.  There are insufficient',
  '\treplicas for the pool to continue functioning.',
  "action: Attach the missing device and online it using 'zpool online'.",
  '   see: https://openzfs.github.io/openzfs-docs/msg/ZFS-8000-3C',
];
const UNRECOVERABLE = [
  'status: One or more devices has experienced an unrecoverable error.  An',
  '\tattempt was made to correct the error.  Applications are unaffected.',
  'action: Determine if the device needs to be replaced, and clear the errors',
  "\tusing 'zpool clear' or replace the device with 'zpool replace'.",
  '   see: https://openzfs.github.io/openzfs-docs/msg/ZFS-8000-9P',
];

function head({ name, health, ...pool }: LabPool, status: LabPoolStatus): string[] {
  const { errors, isListEmpty, devices, scan } = status;
  const isCounted = devices.some(({ read, write, checksum }) => `${read}${write}${checksum}` !== '000');
  const why = health === 'SUSPENDED' ? FAULTED : errors.length > 0 || isListEmpty ? CORRUPTED : isCounted ? UNRECOVERABLE : [];
  if (health === 'UNAVAIL') return [`  pool: ${name}`, ` state: ${health}`, ...MISSING];
  return [`  pool: ${name}`, ` state: ${health}`, ...why, ...scanLines(scan, { name, health, ...pool })];
}

function scanLines(scan: LabScan, pool: LabPool): string[] {
  switch (scan.is) {
    case 'none':
      return ['  scan: none requested'];
    case 'finished':
      return [
        scan.what === 'resilver'
          ? `  scan: resilvered 212G in 01:44:02 with ${scan.errors} errors on ${ctime(scan.atMs)}`
          : `  scan: scrub repaired 0B in 03:12:44 with ${scan.errors} errors on ${ctime(scan.atMs)}`,
      ];
    case 'canceled':
      return [`  scan: scrub canceled on ${ctime(scan.atMs)}`];
    case 'paused':
      return [
        `  scan: scrub paused since ${ctime(scan.sinceMs)}`,
        `\tscrub started on ${ctime(scan.startedMs)}`,
        `\t${share(pool, 100)} scanned, ${share(pool, scan.percent)} issued, ${share(pool, 100)} total`,
        `\t0B repaired, ${scan.percent.toFixed(2)}% done`,
      ];
    case 'running': {
      const done = scan.what === 'scrub' ? 'repaired' : 'resilvered';
      const toGo = scan.percent < 1 ? 'no estimated completion time' : '00:48:10 to go';
      return [
        `  scan: ${scan.what} in progress since ${ctime(scan.sinceMs)}`,
        `\t${share(pool, 100)} scanned at 310M/s, ${share(pool, scan.percent)} issued at 152M/s, ${share(pool, 100)} total`,
        `\t0B ${done}, ${scan.percent.toFixed(2)}% done, ${toGo}`,
      ];
    }
  }
}

/** That part of what the pool holds. */
function share(pool: LabPool, percent: number): string {
  return `${Math.round((sizeGiB(pool) * pool.usedPercent * percent) / 10_000)}G`;
}

/** `Sun Mar 22 03:12:45 2026` */
function ctime(ms: number): string {
  const [weekday = '', day, month, year, clock] = new Date(ms).toUTCString().split(' ');
  return `${weekday.slice(0, 3)} ${month} ${String(Number(day)).padStart(2)} ${clock} ${year}`;
}

function table({ name, health }: LabPool, { devices }: LabPoolStatus): string[] {
  const width = Math.max(...devices.map((device) => device.name.length + 2), name.length);
  const row = (label: string, state: string, counts: readonly string[], note?: string) => {
    const [read = '', write = '', checksum = ''] = counts.map((count) => count.padStart(5));
    return `\t${label.padEnd(width)}  ${state.padEnd(8)} ${read} ${write} ${checksum}${note === undefined ? '' : `  ${note}`}`;
  };
  const isGone = health === 'SUSPENDED' || health === 'UNAVAIL';
  return [
    'config:',
    '',
    row('NAME', 'STATE', ['READ', 'WRITE', 'CKSUM']),
    row(name, isGone ? 'UNAVAIL' : health, ['0', '0', '0'], isGone ? 'insufficient replicas' : undefined),
    ...devices.map((one) => row(`  ${one.name}`, one.state, [one.read, one.write, one.checksum], one.note)),
    '',
  ];
}

function tail({ health }: LabPool, { errors, isListEmpty }: LabPoolStatus): string[] {
  if (health === 'SUSPENDED' || health === 'UNAVAIL') return [];
  if (errors.length === 0 && !isListEmpty) return ['errors: No known data errors'];
  return [
    'errors: Permanent errors have been detected in the following files:',
    '',
    ...errors.map((entry) => `        ${entry}`),
  ];
}

/** `zpool scrub [-p|-s] POOL` */
export function scrubPool({ world: { nas, time } }: Call, args: readonly string[]): Answer {
  const flag = args.length === 2 ? args[0] : undefined;
  const name = args.at(-1) ?? '';
  if (args.length === 0 || args.length > 2 || (args.length === 2 && flag !== '-p' && flag !== '-s'))
    return fail(2, 'missing pool name argument\nusage:\n\tscrub [-s | -p] [-w] <pool> ...');
  const pool = nas.pools.find((one) => one.name === name);
  if (pool === undefined) return fail(1, `cannot open '${name}': no such pool`);
  const cannot = flag === '-s' ? 'cancel scrubbing' : flag === '-p' ? 'pause scrubbing' : 'scrub';
  const refuse = (why: string) => fail(1, `cannot ${cannot} ${name}: ${why}`);
  if (pool.health === 'SUSPENDED') return refuse('pool I/O is currently suspended');
  const status = statusOf(pool, nas.flavour);
  const { scan } = status;
  if (flag === undefined && scan.is === 'running')
    return refuse(scan.what === 'scrub' ? "currently scrubbing; use 'zpool scrub -s' to cancel scrub" : 'currently resilvering');
  if (flag !== undefined && !(isScrubbing(scan) || (flag === '-s' && scan.is === 'paused')))
    return refuse(scan.is === 'paused' ? "scrub is paused; use 'zpool scrub' to resume scrub" : 'there is no active scrub');
  status.scan = scanAfter(scan, flag, time.nowMs);
  return ok();
}

function isScrubbing(scan: LabScan): scan is Extract<LabScan, { is: 'running' }> {
  return scan.is === 'running' && scan.what === 'scrub';
}

function scanAfter(scan: LabScan, flag: string | undefined, nowMs: number): LabScan {
  if (flag === '-s') return { is: 'canceled', atMs: nowMs };
  if (flag === '-p' && isScrubbing(scan)) return { is: 'paused', sinceMs: nowMs, startedMs: scan.sinceMs, percent: scan.percent };
  if (scan.is === 'paused') return { is: 'running', what: 'scrub', sinceMs: scan.startedMs, percent: scan.percent };
  return { is: 'running', what: 'scrub', sinceMs: nowMs, percent: 0 };
}

export const SPACE_LIST = '-H -o name,cap,frag';

export function listSpace({ pools }: Nas): Answer {
  return ok(
    lines(
      pools.map(({ name, usedPercent, health, fragmentedPercent = 24 }) =>
        health === 'UNAVAIL' ? `${name}\t-\t-` : `${name}\t${usedPercent}%\t${fragmentedPercent}%`,
      ),
    ),
  );
}
