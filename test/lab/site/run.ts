import type { Output } from '../../../src/core/output.ts';
import { nasIsUp } from './hypervisor.ts';
import { changes, programNamed } from './programs/index.ts';
import { type Answer, type Call, fail, type Machine } from './shell.ts';
import type { World } from './world.ts';

export interface Command {
  readonly argv: readonly string[];
  readonly input?: string | undefined;
}

/** The machine that the site's configuration calls by this name. */
export function machineNamed(world: World, name: string): Machine | undefined {
  if (name === world.nas.name) return { kind: 'nas', name, system: world.nas.flavour === 'core' ? 'FreeBSD' : 'Linux' };
  if (name === world.hypervisor.name) return { kind: 'hypervisor', name, system: 'Linux' };
  if (name === world.workstation.name) return { kind: 'workstation', name, system: 'Linux' };
  const node = world.nodes.get(name);
  return node === undefined ? undefined : { kind: 'node', name, system: 'Linux', node };
}

/** Does its sshd answer us now? */
export function sshState(world: World, machine: Machine): 'open' | 'silent' | 'refuses-keys' {
  if (machine.kind === 'node') return machine.node.sshAnswers ? 'open' : 'silent';
  if (machine.kind === 'hypervisor') return 'open';
  if (machine.kind === 'workstation') return world.workstation.sshAnswers ? 'open' : 'silent';
  if (!nasIsUp(world)) return 'silent';
  return world.nas.acceptsKeys ? 'open' : 'refuses-keys';
}

export function isChange(world: World, machine: Machine, { argv }: Command): boolean {
  return changes(world, machine, argv);
}

/** What the command does and when it ends, by the state of the world. We log in as root, but not on nodes. */
export function execute(world: World, machine: Machine, { argv, input }: Command): Answer {
  const answer = callFor(world, machine, { isRoot: machine.kind !== 'node', input }).run(argv);
  return world.amend?.(answer, { machine, isChange: isChange(world, machine, { argv }) }) ?? answer;
}

function callFor(world: World, machine: Machine, { isRoot, input }: Pick<Call, 'isRoot' | 'input'>): Call {
  const call: Call = {
    world,
    machine,
    isRoot,
    input,
    run: ([name = '', ...args], as) => {
      const program = programNamed(world, machine, name);
      if (program === undefined)
        return fail(127, `bash: ${name}: ${name.includes('/') ? 'No such file or directory' : 'command not found'}`);
      const isSame = as?.isRoot === undefined || as.isRoot === isRoot;
      return program.run(isSame ? call : callFor(world, machine, { isRoot: as.isRoot ?? isRoot, input }), args);
    },
  };
  return call;
}

/** Resolves when the program ends, in lab time: at once, later, or never. */
export function settled(world: World, { exitCode, stdout, stderr, afterS = 0 }: Answer): Promise<Output> {
  const output = { exitCode, stdout, stderr };
  if (afterS === 0) return Promise.resolve(output);
  const delayMs = afterS * 1_000 * world.hangScale;
  return new Promise((resolve) => {
    if (Number.isFinite(delayMs)) setTimeout(() => resolve(output), delayMs);
  });
}
