import type { Output } from '../../../src/core/output.ts';
import type { LabNode } from './node.ts';
import type { World } from './world.ts';

/** Where a program runs. */
export type Machine =
  | { readonly kind: 'nas'; readonly name: string; readonly system: 'FreeBSD' | 'Linux' }
  | { readonly kind: 'node'; readonly name: string; readonly system: 'Linux'; readonly node: LabNode }
  | { readonly kind: 'hypervisor' | 'workstation'; readonly name: string; readonly system: 'Linux' };

/** What a program finds around it. */
export interface Call {
  readonly world: World;
  readonly machine: Machine;
  readonly isRoot: boolean;
  readonly input: string | undefined;
  /** Runs another program in the same place. */
  readonly run: (argv: readonly string[], as?: Partial<Pick<Call, 'isRoot'>>) => Answer;
}

/** What a program prints, how it ends and when. */
export interface Answer extends Output {
  /** Seconds until it ends; at once unless given. */
  readonly afterS?: number;
  /** No signal ends it: its process waits in the kernel. */
  readonly unkillable?: true;
  /** What it has printed by the time that it is ended before its end; nothing unless given. */
  readonly soFar?: string;
  /** Only KILL ends it. */
  readonly ignoresTerm?: true;
}

export interface Program {
  readonly run: (call: Call, args: readonly string[]) => Answer;
  /** True for arguments with which it changes something; a program without this never does. */
  readonly changes?: (args: readonly string[]) => boolean;
}

export function ok(stdout = ''): Answer {
  return { exitCode: 0, stdout, stderr: '' };
}

export function fail(exitCode: number, stderr: string, stdout = ''): Answer {
  return { exitCode, stdout, stderr: stderr === '' || stderr.endsWith('\n') ? stderr : `${stderr}\n` };
}

/** Each in a line of its own. */
export function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

export function always(): boolean {
  return true;
}

/** How GNU's and FreeBSD's file tools name what is not there. */
export function cannot(call: Call, program: string, { gnu, path, why }: { gnu: string; path: string; why: string }): string {
  return call.machine.system === 'FreeBSD' ? `${program}: ${path}: ${why}` : `${program}: ${gnu} '${path}': ${why}`;
}

export function usage(program: string, problem: string): Answer {
  return fail(1, `${program}: ${problem}\nTry '${program} --help' for more information.`);
}
