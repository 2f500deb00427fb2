import { endLater, type Unit } from '../long-work.ts';
import { type Answer, type Call, fail, lines, ok, type Program, usage } from '../shell.ts';
import { weekdayTime } from '../time.ts';

/** Transient units, as test/fixtures/systemd shows them of a real systemd. */
export const units: Readonly<Record<'systemd-run' | 'systemctl', Program>> = {
  'systemd-run': { run: startUnit, changes: () => true },
  systemctl: { run: runSystemctl, changes: ([action]) => action !== 'show' },
};

/** The options that the bot uses, each of which it must use. */
const PROPERTIES = ['Type=exec', 'RemainAfterExit=yes', /^RuntimeMaxSec=(\d+)$/, /^TimeoutStopSec=\d+$/, 'NotifyAccess=all'];

function startUnit(call: Call, args: readonly string[]): Answer {
  const [block = '', unit = '', ...rest] = args;
  const [dashes, ...argv] = rest.slice(PROPERTIES.length);
  const given = rest.slice(0, PROPERTIES.length).map((option) => option.replace(/^--property=/, ''));
  const isKnown = PROPERTIES.every((wanted, index) =>
    typeof wanted === 'string' ? wanted === given[index] : wanted.test(given[index] ?? ''),
  );
  const name = /^--unit=([\w-]+\.service)$/.exec(unit)?.[1];
  if (block !== '--no-block' || name === undefined || !isKnown || dashes !== '--' || argv.length === 0)
    return usage('systemd-run', 'unrecognized option');
  if (!call.isRoot) return fail(1, 'Failed to start transient service unit: Interactive authentication required.');
  if (unitNamed(call, name) !== undefined)
    return fail(1, `Failed to start transient service unit: Unit ${name} was already loaded or has a fragment file.`);
  const { runsMs, exitCode, says } = call.world.longWork;
  const limitMs = Number(given[2]?.split('=')[1]) * 1_000;
  call.world.longWork.units.set(keyOf(call, name), { beganMs: call.world.time.nowMs, runsMs, limitMs, exitCode, says });
  endLater(call.world, keyOf(call, name), () => call.run(argv.map((argument) => argument.replaceAll('$$', '$'))));
  return fail(0, `Running as unit: ${name}`);
}

function keyOf({ machine }: Call, name: string): string {
  return `${machine.name}/${name}`;
}

/** A restart of the machine forgets its transient units. */
function unitNamed(call: Call, name: string): Unit | undefined {
  const unit = call.world.longWork.units.get(keyOf(call, name));
  const bootedMs = call.machine.kind === 'node' ? call.machine.node.bootedMs : 0;
  return unit !== undefined && unit.beganMs >= bootedMs ? unit : undefined;
}

/** `systemctl show UNIT --property=…` and `systemctl stop UNIT` */
export function runSystemctl(call: Call, [action, name = '', ...more]: readonly string[]): Answer {
  if (action === 'show') return showUnit(call, name, more);
  if (action !== 'stop' || more.length > 0) return usage('systemctl', `Unknown command verb '${action}'`);
  if (!call.isRoot) return fail(1, `Failed to stop ${name}: Interactive authentication required.`);
  const unit = unitNamed(call, name);
  if (unit === undefined) return fail(5, `Failed to stop ${name}: Unit ${name} not loaded.`);
  // What failed stays failed; everything else is forgotten once it is stopped.
  if (stateOf(call, unit).ActiveState !== 'failed') call.world.longWork.units.delete(keyOf(call, name));
  return ok();
}

function showUnit(call: Call, name: string, [property = '', ...more]: readonly string[]): Answer {
  const asked = /^--property=([\w,]+)$/.exec(property)?.[1]?.split(',');
  if (asked === undefined || more.length > 0) return usage('systemctl', 'unrecognized option');
  const unit = unitNamed(call, name);
  const shown: Readonly<Record<string, string>> =
    unit === undefined ? ownUnit(call, name) : { ...ABSENT, LoadState: 'loaded', ...stateOf(call, unit) };
  return ok(lines(Object.keys(ABSENT).flatMap((key) => (asked.includes(key) ? [`${key}=${shown[key]}`] : []))));
}

/** What the machine came with: a node has a kubelet. */
function ownUnit({ machine }: Call, name: string): typeof ABSENT {
  if (machine.kind !== 'node' || name !== 'kubelet.service') return ABSENT;
  const began = { LoadState: 'loaded', ExecMainStartTimestamp: weekdayTime(machine.node.bootedMs) };
  if (machine.node.kubeletRests === true)
    return {
      ...ABSENT,
      ...began,
      Result: 'exit-code',
      ExecMainCode: '1',
      ExecMainStatus: '1',
      ActiveState: 'failed',
      SubState: 'failed',
    };
  return { ...ABSENT, ...began, ActiveState: 'active', SubState: 'running' };
}

/** In systemd's own order. */
const ABSENT = {
  StatusText: '',
  Result: 'success',
  ExecMainStartTimestamp: '',
  ExecMainCode: '0',
  ExecMainStatus: '0',
  LoadState: 'not-found',
  ActiveState: 'inactive',
  SubState: 'dead',
  Job: '',
};

function stateOf({ world: { time } }: Call, { beganMs, runsMs, limitMs, exitCode, says }: Unit): Partial<typeof ABSENT> {
  const began = { ExecMainStartTimestamp: weekdayTime(beganMs), StatusText: says };
  const ranMs = time.nowMs - beganMs;
  const failed = { ...began, ActiveState: 'failed', SubState: 'failed' };
  if (ranMs < Math.min(runsMs, limitMs)) return { ...began, ActiveState: 'active', SubState: 'running' };
  if (runsMs > limitMs) return { ...failed, Result: 'timeout', ExecMainCode: '2', ExecMainStatus: '15' };
  if (exitCode !== 0) return { ...failed, Result: 'exit-code', ExecMainCode: '1', ExecMainStatus: `${exitCode}` };
  return { ...began, ActiveState: 'active', SubState: 'exited', ExecMainCode: '1' };
}
