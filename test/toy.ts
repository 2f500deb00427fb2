import { z } from 'zod';
import { defineChange, defineRead, on, show } from '../src/core/command.ts';
import { Refusal } from '../src/core/errors.ts';
import { bad, couldNotLook, ok } from '../src/core/finding.ts';
import { changes } from '../src/core/hold.ts';
import { check, noUndo, steps, stop, verify, within } from '../src/core/plan.ts';
import type { Targets } from '../src/core/ports.ts';
import { defineRunbook } from '../src/core/runbook.ts';

const nas = { name: 'truenas', sudo: false };
const state = defineRead({
  asks: 'Does it run?',
  command: on(nas, 1000, 'state'),
  answers: [0],
  parse: ({ stdout }) => stdout,
});

/** Looks at one word; where it is "stopped", plans to start it. */
export const toy = defineRunbook({
  id: 'toy',
  words: ['diagnose', 'toy'],
  usage: '<name>',
  title: 'Looks at a toy',
  codes: { stopped: 'It does not run.' },
  changes: true,
  params: z.object({ name: z.string('a name is missing').regex(/^[a-z]+$/, 'must be lower case') }),
  fromWords: ([name]) => ({ name }),
  gather: async ({ name }, read) => {
    if (name === 'nothing') throw new Refusal('not-found', 'There is no toy of that name.');
    return { seen: await read(state) };
  },
  diagnose: ({ seen }) => {
    if (!seen.known) return { evidence: [couldNotLook('It could not be seen.', seen)], findings: [] };
    if (seen.value === 'running') return { evidence: [ok('It runs.', seen)], findings: [] };
    const finding = { code: 'stopped', subject: 'toy', says: 'It is stopped.', remedy: 'Start it.', seen: [seen] } as const;
    return { evidence: [bad('It does not run.', seen)], findings: [finding] };
  },
  plan: ({ findings: [because] }) =>
    because === undefined
      ? stop('There is nothing to repair.')
      : steps({
          title: 'Start the toy',
          because,
          before: [check('it is stopped', state, (value) => value === 'stopped')],
          change: defineChange({ command: on(nas, 1000, 'start'), risk: 'normal' }),
          after: within(
            1000,
            verify('it runs', state, (value) => value === 'running'),
          ),
          undo: noUndo('it may run'),
          holds: [changes('nas', nas.name)],
        }),
});

/** Where the toy lives. */
export interface ToyWorld {
  /** What the toy says of itself; undefined: it cannot be reached. */
  answer: string | undefined;
  /** The lines of every change that was made. */
  readonly changes: string[];
  readonly targets: Targets;
}

/** A toy that is stopped, and runs after any change. */
export function toyWorld(): ToyWorld {
  const changes: string[] = [];
  const world: ToyWorld = {
    answer: 'stopped',
    changes,
    targets: {
      read: async () =>
        world.answer === undefined
          ? { failed: 'unreachable', says: 'Nothing answers.', toDo: 'Look at the cable.' }
          : { exitCode: 0, stdout: world.answer, stderr: '' },
      change: async (command) => {
        changes.push(show(command));
        world.answer = 'running';
        return { exitCode: 0, stdout: '', stderr: '' };
      },
      close: async () => undefined,
    },
  };
  return world;
}
