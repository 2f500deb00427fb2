import type { KubeObject } from '../../kubernetes/store.ts';
import { containerNamed } from '../databases/containers.ts';
import { type Answer, type Call, fail, type Program, usage } from '../shell.ts';
import type { World } from '../world.ts';
import { inMysql } from './in-mysql.ts';
import { inPostgres } from './in-postgres.ts';
import { inRedis } from './in-redis.ts';

/** Where a program in a container runs. */
export interface Inside {
  readonly world: World;
  readonly pod: KubeObject;
  /** What `env` gave it. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a container has to run; a program that changes something says so. */
export interface ContainerProgram {
  readonly run: (inside: Inside, args: readonly string[]) => Answer;
  readonly changes?: (args: readonly string[]) => boolean;
}

export type ContainerPrograms = Readonly<Record<string, ContainerProgram>>;

/** By the name of the container. */
const CONTAINERS: Readonly<Record<string, ContainerPrograms>> = {
  mysql: inMysql,
  postgres: inPostgres,
  redis: inRedis,
};

export const crictl: Program = {
  run: (call, [verb, id = '', ...argv]) => (verb === 'exec' && argv.length > 0 ? exec(call, id, argv) : noSuch(verb)),
  changes: ([, , ...argv]) => {
    const [program = '', ...args] = withoutEnv(argv).argv;
    return Object.values(CONTAINERS).some((programs) => programs[program]?.changes?.(args) ?? false);
  },
};

function noSuch(verb: string | undefined): Answer {
  return usage('crictl', `No help topic for '${verb ?? ''}'`);
}

const FATAL = 'FATA[0000] execing command in container: ';
const SOCKET = 'dial unix /run/containerd/containerd.sock: connect: permission denied';

/** It ends with 1 for whatever goes wrong inside; the text tells (kubernetes-sigs/cri-tools cmd/crictl/exec.go). */
function exec({ world, machine, isRoot }: Call, id: string, words: readonly string[]): Answer {
  if (!isRoot)
    return fail(
      1,
      `FATA[0000] validate service connection: validate CRI v1 runtime API for endpoint "unix:///run/containerd/containerd.sock": rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: ${SOCKET}"`,
    );
  const found = containerNamed(world, machine.name, id);
  if (found === undefined)
    return fail(1, `${FATAL}rpc error: code = NotFound desc = an error occurred when try to find container "${id}": not found`);
  const { argv, env, isGiven } = withoutEnv(words);
  const [name = '', ...args] = argv;
  const program = CONTAINERS[found.name]?.[name];
  const answer =
    program?.run({ world, pod: found.pod, env }, args) ??
    (isGiven ? fail(127, `env: ‘${name}’: No such file or directory`) : undefined);
  if (answer === undefined)
    return fail(
      1,
      `${FATAL}Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "5d0f6c28cbb7": OCI runtime exec failed: exec failed: unable to start container process: exec: "${name}": executable file not found in $PATH: unknown`,
    );
  if (answer.exitCode === 0) return answer;
  return {
    ...answer,
    exitCode: 1,
    stderr: `${answer.stderr}${FATAL}command terminated with exit code ${answer.exitCode}\n`,
  };
}

/** `env NAME=VALUE… PROGRAM ARGUMENT…` */
function withoutEnv(words: readonly string[]) {
  if (words[0] !== 'env') return { argv: words, env: {}, isGiven: false };
  const rest = words.slice(1);
  const end = rest.findIndex((word) => !word.includes('='));
  const given = end === -1 ? rest : rest.slice(0, end);
  const env = Object.fromEntries(given.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
  return { argv: rest.slice(given.length), env, isGiven: true };
}
