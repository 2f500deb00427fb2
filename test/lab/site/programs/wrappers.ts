import { portOf } from '../nfs.ts';
import { type Answer, type Call, fail, ok, type Program, usage } from '../shell.ts';
import { probeEach } from './probe-each.ts';
import { shellWith } from './scripts.ts';

/** Programs that run other programs. */
export const wrappers: Readonly<Record<string, Program>> = {
  timeout: { run: runTimeout },
  sudo: { run: runSudo },
  unshare: { run: runUnshare },
  bash: { run: connectWithBash },
  sh: shellWith({ run: probeEach }),
};

/** The command inside, where this is a wrapper. */
export function unwrapped([program, ...args]: readonly string[]): readonly string[] {
  if (program === 'sudo' && args[0] === '--non-interactive') return unwrapped(args.slice(1));
  if (program === 'timeout' && args[0] === '-k') return unwrapped(args.slice(3));
  if (program === 'nice' && args[0] === '-n') return unwrapped(args.slice(2));
  return program === undefined ? [] : [program, ...args];
}

/** timeout(1): TERM after the time, KILL a while later. What waits in the kernel outlives both. */
function runTimeout(call: Call, [flag, killAfter, seconds, ...argv]: readonly string[]): Answer {
  const [limitS, graceS] = [Number(seconds), Number(killAfter)];
  if (flag !== '-k' || argv.length === 0) return { ...usage('timeout', 'missing operand'), exitCode: 125 };
  if (Number.isNaN(limitS) || Number.isNaN(graceS))
    return { ...usage('timeout', `invalid time interval ‘${seconds}’`), exitCode: 125 };
  const answer = call.run(argv);
  if (answer.exitCode === 127) return fail(127, `timeout: failed to run command ‘${argv[0]}’: No such file or directory`);
  const { afterS = 0 } = answer;
  if (answer.unkillable || afterS <= limitS) return answer;
  const ended = { stdout: answer.soFar ?? '', stderr: '' };
  if (answer.ignoresTerm !== true) return { ...ended, exitCode: 124, afterS: limitS };
  return afterS <= limitS + graceS ? { ...answer, exitCode: 124 } : { ...ended, exitCode: 137, afterS: limitS + graceS };
}

function runSudo(call: Call, [flag, ...argv]: readonly string[]): Answer {
  if (flag !== '--non-interactive' || argv.length === 0)
    return fail(1, 'usage: sudo -h | -K | -k | -V\nusage: sudo [-ABbEHnPS] [-p prompt] [command]');
  const answer = call.run(argv, { isRoot: true });
  return answer.exitCode === 127 && argv[0] !== 'timeout' ? fail(1, `sudo: ${argv[0]}: command not found`) : answer;
}

function runUnshare(call: Call, [flag, ...argv]: readonly string[]): Answer {
  if (flag !== '--mount' || argv.length === 0) return usage('unshare', 'bad usage');
  return call.isRoot ? call.run(argv) : fail(1, 'unshare: unshare failed: Operation not permitted');
}

const CONNECT = 'exec 3<>"/dev/tcp/$0/$1"';

/** The one script that the bot gives bash: a TCP connection. */
function connectWithBash({ world, machine }: Call, [flag, script, address = '', port = '']: readonly string[]): Answer {
  if (flag !== '-c' || script !== CONNECT) return fail(2, 'bash: the lab runs no scripts');
  const from = machine.kind === 'node' ? machine.node : undefined;
  const refuse = (why: string) => fail(1, `${address}: connect: ${why}\n${address}: line 1: /dev/tcp/${address}/${port}: ${why}`);
  switch (portOf(world, from, address, Number(port))) {
    case 'open':
      return ok();
    case 'refused':
      return refuse('Connection refused');
    case 'no-route':
      return { ...refuse('No route to host'), afterS: 3.1 };
    case 'silent':
      return { ...refuse('Connection timed out'), afterS: 130 };
  }
}
