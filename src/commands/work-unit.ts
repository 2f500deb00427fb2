import { z } from 'zod';
import type { Change, Host, Read, Risk } from '../core/command.ts';
import { asRoot, defineChange, defineRead } from '../core/command.ts';
import type { Work, WorkState } from '../core/plan.ts';
import { bounded, linesOf } from './bounded.ts';
import { requireDeadline, requireWorkName, told } from './work.ts';

// Seen on systemd 252, in its user manager (test/fixtures/systemd): the options, the refusal of a second start, `$$`, and the states but
// for these, which are from systemd.service(5): queued, being started, out of memory. No system manager and no other version was tried.

export interface NewUnit {
  /** From `workNamed`. */
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  /** systemd ends the work after this time and calls it failed. */
  readonly deadlineS: number;
  readonly risk: Risk;
}

export interface StartedWork {
  readonly change: Change;
  readonly work: Work;
}

const STOP_WITHIN_S = 60;

/**
 * Work of root on a Linux host, as a transient unit of systemd, which outlives the connection that starts it: its name is taken, and a
 * second start refused, until it is stopped or the host restarts. "Absent" therefore does not prove that it was never started.
 */
export function unitWork(host: Host, unit: NewUnit): StartedWork {
  const service = `${requireWorkName(unit.name)}.service`;
  return {
    change: startUnit(host, service, unit),
    work: { name: service, state: unitState(host, service), stop: stopUnit(host, service), outlivesTarget: false },
  };
}

function startUnit(host: Host, service: string, { argv, deadlineS, risk }: NewUnit): Change {
  const properties = [
    // Unlike "oneshot", "exec" has a limit on its time; unlike "simple", it calls work failed whose program cannot be run.
    'Type=exec',
    // Without it systemd forgets work that ended well.
    'RemainAfterExit=yes',
    `RuntimeMaxSec=${requireDeadline(deadlineS)}`,
    `TimeoutStopSec=${STOP_WITHIN_S}`,
    // Lets the work say how far it is: systemd-notify --status.
    'NotifyAccess=all',
  ].map((property) => `--property=${property}`);
  // Without "--no-block" work that fails at once and work that was refused end with the same exit code.
  const start = ['--no-block', `--unit=${service}`, ...properties, '--', ...argv.map(literally)];
  return defineChange({ command: asRoot(host, 15_000, 'systemd-run', ...start), risk });
}

/** systemd itself puts variables in for `$NAME` and `${NAME}` in an argument, and takes `$$` for a dollar sign. */
function literally(argument: string): string {
  return argument.replaceAll('$', '$$$$');
}

function stopUnit(host: Host, service: string): Change {
  const command = asRoot(host, (STOP_WITHIN_S + 15) * 1_000, 'systemctl', 'stop', service);
  return defineChange({ command, risk: 'normal' });
}

const Shown = z.object({
  LoadState: z.string(),
  ActiveState: z.string(),
  SubState: z.string(),
  Result: z.string(),
  ExecMainCode: z.string(),
  ExecMainStatus: z.string(),
  ExecMainStartTimestamp: z.string(),
  StatusText: z.string(),
  /** The number of the job that is queued for it; empty where there is none. */
  Job: z.string(),
});
type Shown = z.output<typeof Shown>;

function unitState(host: Host, service: string): Read<WorkState> {
  return defineRead<WorkState>({
    asks: `How far is ${service} on ${host.name}?`,
    command: bounded(host, 4, ['systemctl', 'show', service, `--property=${Object.keys(Shown.shape).join(',')}`]),
    answers: [0],
    parse: ({ stdout }) => parseUnitState(stdout),
  });
}

/** Throws for a state that tells neither that the work goes on nor how it ended. */
export function parseUnitState(text: string): WorkState {
  const shown = parseProperties(text);
  const { LoadState: loaded, ActiveState: active, SubState: sub } = shown;
  if (loaded === 'not-found' && active === 'inactive') return { is: 'absent' };
  if (loaded !== 'loaded') throw new Error(`the unit is ${loaded} and ${active}`);
  switch (`${active}/${sub}`) {
    case 'active/running':
      return { is: 'running', progress: progressOf(shown) };
    case 'active/exited':
      return endOf(shown);
    case 'failed/failed':
      return { is: 'failed', says: reasonOf(shown) };
    default:
      return betweenStates(shown);
  }
}

function parseProperties(text: string): Shown {
  const pairs = linesOf(text).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  const found = new Map(pairs);
  if (found.size !== pairs.length) throw new Error('a property is there twice');
  return Shown.parse(Object.fromEntries(pairs));
}

function betweenStates(shown: Shown): WorkState {
  const { ActiveState: active, SubState: sub, Job: job } = shown;
  if (active === 'activating' && sub === 'start') return { is: 'running', progress: 'is being started' };
  if (active === 'deactivating') return { is: 'running', progress: 'is being stopped' };
  if (active === 'inactive' && job !== '') return { is: 'running', progress: 'waits to be started' };
  throw new Error(`the unit is ${active} (${sub})`);
}

function progressOf({ ExecMainStartTimestamp: since, StatusText: status }: Shown): string {
  const began = since === '' ? 'running' : `running since ${told(since)}`;
  return status === '' ? began : `${began}: ${told(status)}`;
}

/** waitid(2)'s CLD_EXITED. */
const EXITED = '1';

/** systemd calls a service that TERM ended a success, since it asks services to end that way; work that was cut short is none. */
function endOf(shown: Shown): WorkState {
  if (shown.Result !== 'success') throw new Error(`the unit is active and its result is ${shown.Result}`);
  if (shown.ExecMainCode === EXITED && shown.ExecMainStatus === '0') return { is: 'succeeded' };
  return { is: 'failed', says: reasonOf({ ...shown, Result: shown.ExecMainCode === EXITED ? 'exit-code' : 'signal' }) };
}

/** systemd's own exit code for a program that cannot be run (systemd.exec(5)). */
const CANNOT_EXECUTE = '203';

function reasonOf({ Result: result, ExecMainStatus: status }: Shown): string {
  switch (result) {
    case 'exit-code':
      return status === CANNOT_EXECUTE ? 'The program could not be run (203/EXEC).' : `It ended with exit code ${status}.`;
    case 'signal':
    case 'core-dump':
      return `Signal ${status} ended it.`;
    case 'timeout':
      return 'It was ended because its time was up, or was killed because it did not stop when it was asked to.';
    case 'oom-kill':
      return 'The kernel ended it because the memory was used up.';
    default:
      return `systemd calls it failed: ${told(result)}.`;
  }
}
