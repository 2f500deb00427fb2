import type { StartedWork } from '../../src/commands/work-unit.ts';
import type { Change, Read } from '../../src/core/command.ts';

export type Any = Read<unknown> | Change;

/** By file and function of src/commands: the commands that the function makes of sample arguments. */
export type Samples = Readonly<Record<string, Readonly<Record<string, readonly Any[]>>>>;

/** Paths that a careless shell would take apart, cut short, or run. */
export const hostilePaths = [
  '/mnt/main/immich',
  "/mnt/main/it's here",
  '/mnt/main/two  blanks "and quotes" ',
  '/mnt/main/$(touch x) `touch y` ${HOME}',
  '/mnt/main/a;touch x&&touch y|touch z>w',
  '/mnt/main/*?[a-z]{1,2}~!#\\',
  "/'\\'''\\\\''",
  '/mnt/main/größe/写真',
  '/-delete',
] as const;

/** A file of exports can name these. */
export const exportablePaths = hostilePaths.filter((path) => !/["\\]/.test(path));

export const flavours = ['core', 'scale', 'debian'] as const;
export const work = { name: 'storagebot-3f2a9c81d0-1-copy', deadlineS: 3_600, risk: 'high' } as const;

/** Everything that can be sent for work: its start, its state and its stop. */
export function commandsOf({ change, work: { state, stop } }: StartedWork): readonly Any[] {
  return [change, state, stop];
}
