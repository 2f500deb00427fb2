import { DROP_SCRIPT } from '../../../../src/commands/block-monitor.ts';
import { USE_SCRIPT } from '../../../../src/commands/block-use.ts';
import { SET_RECOVERY_SCRIPT } from '../../../../src/commands/iscsi-records.ts';
import { SYSFS_SCRIPT } from '../../../../src/commands/iscsi-sessions.ts';
import { DATA_SPACE_ON_NODE_SCRIPT } from '../../../../src/commands/postgres.ts';
import { FILL_SCRIPT } from '../../../../src/commands/pvc-copies.ts';
import { CHECK_SCRIPT } from '../../../../src/commands/sqlite-script.ts';
import { APPLY_SCRIPT, PLAN_SCRIPT, REPLACE_SCRIPT } from '../../../../src/commands/terraform.ts';
import { TREE_SCRIPT } from '../../../../src/commands/trees.ts';
import { RUN_SCRIPT, START_SCRIPT, STATE_SCRIPT, STOP_SCRIPT } from '../../../../src/commands/work-daemon.ts';
import { FULL_SCRIPT, SINCE_SCRIPT } from '../../../../src/commands/zfs-send.ts';
import { DIFF_SCRIPT } from '../../../../src/commands/zfs-stored.ts';
import { endLater } from '../long-work.ts';
import { type Answer, type Call, fail, ok, type Program } from '../shell.ts';
import { backupScripts } from './backups.ts';
import { diskUses } from './disk-uses.ts';
import { spaceOnNode } from './in-postgres.ts';
import { setRecovery, sysfsSessions } from './iscsi-initiator.ts';
import { countTree } from './nas-trees.ts';
import { countCopy, fill } from './pvc-copies.ts';
import { asked } from './qm-monitor.ts';
import { checkDatabase } from './sqlite.ts';
import { apply, plan } from './terraform.ts';
import { copyAll, copySince } from './zfs-send.ts';
import { diff } from './zfs-stored.ts';

type Script = (call: Call, args: readonly string[]) => Answer;

const READING: Readonly<Record<string, Script>> = {
  [STATE_SCRIPT]: daemonState,
  [TREE_SCRIPT]: (call, args) => (call.machine.kind === 'hypervisor' ? countCopy : countTree)(call, args),
  [DIFF_SCRIPT]: diff,
  [SYSFS_SCRIPT]: sysfsSessions,
  [USE_SCRIPT]: diskUses,
  [DATA_SPACE_ON_NODE_SCRIPT]: spaceOnNode,
  [CHECK_SCRIPT]: checkDatabase,
  ...backupScripts,
  'echo "info block" | qm monitor "$1"': asked('info block'),
  'echo "qom-list /objects" | qm monitor "$1"': asked('qom-list /objects'),
};

const CHANGING: Readonly<Record<string, Script>> = {
  [PLAN_SCRIPT]: plan,
  [REPLACE_SCRIPT]: plan,
  [APPLY_SCRIPT]: apply,
  [FULL_SCRIPT]: copyAll,
  [FILL_SCRIPT]: fill,
  [SINCE_SCRIPT]: copySince,
  [START_SCRIPT]: startDaemon,
  [STOP_SCRIPT]: stopDaemon,
  [SET_RECOVERY_SCRIPT]: setRecovery,
  [DROP_SCRIPT]: (call, [vmid = '', slot = '']) =>
    asked(`drive_del drive-scsi${slot}\nobject_del throttle-drive-scsi${slot}`)(call, [vmid]),
};

/** `sh -c SCRIPT NAME ARGUMENT…` for the scripts that the bot has, and whatever else this lab knows of them. */
export function shellWith(other: Program): Program {
  return {
    run: (call, args) => {
      const [flag, script = '', , ...words] = args;
      const known = flag === '-c' ? (READING[script] ?? CHANGING[script]) : undefined;
      return known === undefined ? other.run(call, args) : known(call, words);
    },
    changes: (args) => Object.hasOwn(CHANGING, args[1] ?? '') || (other.changes?.(args) ?? false),
  };
}

/** daemon(8) exists on FreeBSD. What its directory holds is gone when the machine starts, as is a unit. */
function startDaemon(call: Call, [directory = '', run, limit = '', dashes, ...argv]: readonly string[]): Answer {
  const { longWork, time } = call.world;
  if (call.machine.system !== 'FreeBSD') return fail(127, 'storagebot: 1: exec: daemon: not found');
  if (run !== RUN_SCRIPT || dashes !== '--') return fail(2, 'sh: the lab runs no scripts');
  const key = `${call.machine.name}/${directory}`;
  if (longWork.units.has(key)) return fail(1, `mkdir: ${directory}: File exists`);
  const { runsMs, exitCode, says } = longWork;
  longWork.units.set(key, { beganMs: time.nowMs, runsMs, limitMs: Number(limit) * 1_000, exitCode, says });
  endLater(call.world, key, () => call.run(argv));
  return ok();
}

function daemonState({ world: { longWork, time }, machine }: Call, [directory = '']: readonly string[]): Answer {
  const unit = longWork.units.get(`${machine.name}/${directory}`);
  if (unit === undefined) return ok('absent\n');
  const { beganMs, runsMs, limitMs, exitCode, says } = unit;
  if (time.nowMs - beganMs < Math.min(runsMs, limitMs)) return ok(`running ${Math.floor(beganMs / 1_000)}\n`);
  return ok(`ended ${runsMs > limitMs ? 124 : exitCode}\n${says}`);
}

/** timeout(1) ends with what the signal made of its program. */
function stopDaemon({ world: { longWork, time }, machine }: Call, [directory = '']: readonly string[]): Answer {
  const key = `${machine.name}/${directory}`;
  const unit = longWork.units.get(key);
  if (unit === undefined) return fail(1, `cat: ${directory}/pid: No such file or directory`);
  const ranMs = time.nowMs - unit.beganMs;
  if (ranMs < Math.min(unit.runsMs, unit.limitMs)) longWork.units.set(key, { ...unit, runsMs: ranMs, exitCode: 143 });
  return ok();
}
