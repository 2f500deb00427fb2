import { loadExports } from '../exports.ts';
import { logOn, type Nas } from '../nas.ts';
import { type Answer, type Call, fail, lines, ok, type Program, usage } from '../shell.ts';
import { runSystemctl as runUnits } from './units.ts';

/** FreeBSD's way to its daemons. */
export const freebsdServices: Readonly<Record<string, Program>> = {
  service: { run: runService, changes: ([, action]) => action !== 'status' && action !== 'onestatus' },
};

/** Linux' way, and what only a Linux NFS server has. */
export const linuxServices: Readonly<Record<string, Program>> = {
  systemctl: { run: runSystemctl, changes: ([action]) => action !== 'is-active' && action !== 'show' },
  journalctl: { run: runJournalctl },
  exportfs: { run: runExportfs, changes: ([flag]) => flag !== '-s' && flag !== '-v' },
};

type Daemon = keyof Nas['services'];

const PIDS: Readonly<Record<Daemon, string>> = { nfsd: '2174 2175', mountd: '1422' };

const RC_VARIABLE: Readonly<Record<Daemon, string>> = { nfsd: 'nfs_server_enable', mountd: 'mountd_enable' };

/** `service nfsd|mountd [one]status|[one]start|[one]reload` */
function runService({ world }: Call, [name = '', verb = '']: readonly string[]): Answer {
  const { nas, time } = world;
  if (name !== 'nfsd' && name !== 'mountd') {
    const where = '/etc/rc.d or the local startup directories (/usr/local/etc/rc.d /usr/local/etc/rc.d)';
    return fail(1, `${name} does not exist in ${where}, or is not executable`);
  }
  const action = verb.replace(/^one(?=status$|start$|reload$)/, '');
  if (action === verb && ['status', 'start', 'reload'].includes(action) && !nas.enabledInRc) {
    const way = `Set ${RC_VARIABLE[name]} to YES in /etc/rc.conf or use 'one${action}' instead of '${action}'.`;
    return ok(`Cannot '${action}' ${name}. ${way}\n`);
  }
  const runs = nas.services[name];
  const absent = `${name} is not running.\n`;
  switch (action) {
    case 'status':
      return runs ? ok(`${name} is running as pid ${PIDS[name]}.\n`) : { exitCode: 1, stdout: absent, stderr: '' };
    case 'start':
      if (runs) return { exitCode: 1, stdout: '', stderr: `${name} already running?  (pid=${PIDS[name]}).\n` };
      startDaemon(world, name);
      return ok(`Starting ${name}.\n`);
    case 'reload':
      if (!runs) return fail(1, `${name} not running? (check /var/run/${name}.pid).`);
      loadExports(nas, time.nowMs);
      return ok();
    default:
      return fail(
        1,
        `${name}: unknown directive '${verb}'.\nUsage: /etc/rc.d/${name} [fast|force|one|quiet](start|stop|restart|rcvar|status|poll)`,
      );
  }
}

function startDaemon({ nas, time }: Call['world'], name: Daemon): void {
  nas.services[name] = true;
  loadExports(nas, time.nowMs);
  if (nas.flavour === 'core') return;
  logOn(nas, time.nowMs, { program: 'systemd', text: `Started ${name === 'nfsd' ? 'nfs-server' : 'nfs-mountd'}.service` });
}

const UNITS: Readonly<Record<string, Daemon>> = { 'nfs-server': 'nfsd', 'nfs-mountd': 'mountd' };

/** `systemctl is-active|start UNIT` of its daemons, and `systemctl show|stop` of transient units */
function runSystemctl(call: Call, args: readonly string[]): Answer {
  const [action, unit = ''] = args;
  if (action === 'show' || action === 'stop') return runUnits(call, args);
  const { world, isRoot } = call;
  const daemon = UNITS[unit];
  const runs = daemon !== undefined && world.nas.services[daemon];
  if (action === 'is-active') return { exitCode: runs ? 0 : 3, stdout: runs ? 'active\n' : 'inactive\n', stderr: '' };
  if (action !== 'start') return usage('systemctl', `Unknown command verb '${action}'`);
  if (!isRoot) return fail(1, `Failed to start ${unit}.service: Interactive authentication required.`);
  if (daemon === undefined) return fail(5, `Failed to start ${unit}.service: Unit ${unit}.service not found.`);
  // The server's unit wants the daemon that answers for it.
  if (daemon === 'nfsd') startDaemon(world, 'mountd');
  startDaemon(world, daemon);
  return ok();
}

const LOG = '--unit=nfs-mountd --unit=nfs-server --lines=200 --no-pager --output=short-iso';

function runJournalctl({ world }: Call, args: readonly string[]): Answer {
  if (args.join(' ') !== LOG) return usage('journalctl', 'unrecognized option');
  const log = world.nas.log.slice(-200);
  return ok(lines(log.length === 0 ? ['-- No entries --'] : log));
}

/** `exportfs -s` and `exportfs -ra` */
function runExportfs({ world, isRoot }: Call, args: readonly string[]): Answer {
  const { nas, time } = world;
  if (!isRoot) return fail(1, 'exportfs: could not open /var/lib/nfs/.etab.lock for locking: errno 13 (Permission denied)');
  switch (args.join(' ')) {
    case '-s':
      return ok(
        lines(
          nas.active
            .toSorted((a, b) => (a.path < b.path ? -1 : 1))
            .map(({ path, network, options }) => `${path}  ${network}(${effective(options)})`),
        ),
      );
    case '-ra': {
      const complaints = loadExports(nas, time.nowMs);
      return { exitCode: complaints.length === 0 ? 0 : 1, stdout: '', stderr: lines(complaints) };
    }
    default:
      return fail(1, 'usage: exportfs [-adfhioruvs] [host:/path]');
  }
}

/** The options in effect, as the kernel's table has them. */
function effective(options: readonly string[]): string {
  const has = (name: string) => options.includes(name);
  const fsid = options.filter((option) => option.startsWith('fsid='));
  return [
    has('async') ? 'async' : 'sync',
    'wdelay',
    'hide',
    'no_subtree_check',
    ...fsid,
    'sec=sys',
    has('ro') ? 'ro' : 'rw',
    has('insecure') ? 'insecure' : 'secure',
    has('no_root_squash') ? 'no_root_squash' : 'root_squash',
    'no_all_squash',
  ].join(',');
}
