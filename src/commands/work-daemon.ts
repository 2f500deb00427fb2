import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead } from '../core/command.ts';
import type { WorkState } from '../core/plan.ts';
import { boundedAsRoot } from './bounded.ts';
import { requireDeadline, requireWorkName, told } from './work.ts';
import type { NewUnit, StartedWork } from './work-unit.ts';

// For FreeBSD, which has no systemd. The scripts are run by a real shell in the tests; daemon(8) itself is from its manual page, and was
// never seen run on a FreeBSD.

/** Cleared when the machine starts, and only root writes there. */
const DIRECTORY = '/var/run';

/** A directory that is there already refuses a second start; daemon(8) takes the work out of the session that asked for it. */
export const START_SCRIPT = 'mkdir -m 0700 "$1" && date -u +%s > "$1/began" && exec daemon -f sh -c "$2" storagebot "$@"';

/** `$1` is the directory, `$2` this script, `$3` the deadline, and what follows `--` the work. What it prints is kept, and its exit code last. */
export const RUN_SCRIPT =
  'dir=$1 limit=$3; shift 4; echo "$$" > "$dir/shell"; timeout -k 60 "$limit" "$@" > "$dir/output" 2>&1 < /dev/null & echo "$!" > "$dir/pid"; wait "$!"; echo "$?" > "$dir/exit.new"; mv "$dir/exit.new" "$dir/exit"';

/**
 * The work goes on while its process or the shell that writes its exit code is there. Each question is asked before the one whose answer
 * it could change: a shell that was there, is gone and left no exit code was ended.
 */
export const STATE_SCRIPT =
  'alive() { [ -s "$dir/$1" ] && ps -p "$(cat "$dir/$1")" -o command= | grep -q "$2"; }; dir=$1; [ -d "$dir" ] || { echo absent; exit 0; }; gone=starting; [ ! -s "$dir/shell" ] || gone=lost; if [ ! -f "$dir/exit" ] && { alive pid timeout || alive shell limit=; }; then echo "running $(cat "$dir/began")"; elif [ -f "$dir/exit" ]; then echo "ended $(cat "$dir/exit")"; tail -n 1 "$dir/output" | cut -c 1-300; else echo "$gone"; fi';

/** timeout(1) hands the signal on to the work. */
export const STOP_SCRIPT = '[ -f "$1/exit" ] || kill -TERM "$(cat "$1/pid")"';

/** Work of root on FreeBSD. As of a transient unit, its name is taken until the host restarts, so that "absent" proves nothing. */
export function daemonWork(host: Host, { name, argv, deadlineS, risk }: NewUnit): StartedWork {
  const directory = `${DIRECTORY}/${requireWorkName(name)}`;
  const start = [
    'sh',
    '-c',
    START_SCRIPT,
    'storagebot',
    directory,
    RUN_SCRIPT,
    `${requireDeadline(deadlineS)}`,
    '--',
    ...argv,
  ] as const;
  const stop = asRoot(host, 15_000, 'sh', '-c', STOP_SCRIPT, 'storagebot', directory);
  return {
    change: defineChange({ command: asRoot(host, 15_000, ...start), risk }),
    work: {
      name,
      state: defineRead<WorkState>({
        asks: `How far is ${name} on ${host.name}?`,
        command: boundedAsRoot(host, 4, ['sh', '-c', STATE_SCRIPT, 'storagebot', directory]),
        answers: [0],
        parse: ({ stdout }) => parseDaemonState(stdout),
      }),
      stop: defineChange({ command: stop, risk: 'normal' }),
      outlivesTarget: false,
    },
  };
}

/** Throws while nothing tells whether it began: then nobody can say that it did not. */
export function parseDaemonState(text: string): WorkState {
  const [first = '', ...printed] = text.split('\n');
  const [word, value = ''] = first.split(' ');
  if (first === 'absent') return { is: 'absent' };
  if (first === 'lost') return { is: 'failed', says: 'It was ended from outside, and left no exit code.' };
  if (word === 'running' && /^\d{9,11}$/.test(value)) return { is: 'running', progress: `running since ${timeOf(value)}` };
  if (word !== 'ended' || !/^\d{1,3}$/.test(value)) throw new Error(`not a state of work: ${told(first)}`);
  return value === '0'
    ? { is: 'succeeded' }
    : { is: 'failed', says: `${reasonOf(Number(value))} ${told(printed.join(' '))}`.trim() };
}

function timeOf(seconds: string): string {
  return new Date(Number(seconds) * 1_000).toISOString().replace('.000Z', 'Z');
}

/** timeout(1) ends with 124 or 137 where the time was up, and a shell calls an end by a signal 128 and its number. */
function reasonOf(exitCode: number): string {
  if (exitCode === 124 || exitCode === 137) return 'It was ended because its time was up.';
  return exitCode > 128 ? `Signal ${exitCode - 128} ended it.` : `It ended with exit code ${exitCode}.`;
}
