import { commandLine, show } from '../../src/core/command.ts';
import type { Failure, Outcome } from '../../src/core/output.ts';
import type { Targets } from '../../src/core/ports.ts';
import type { Fate } from './commands.ts';
import type { Gates, Mortal } from './gates.ts';
import { Killed } from './gates.ts';
import type { Change } from './oracle.ts';
import type { Time } from './time.ts';

/** What a run saw of a switch, in the moment in which it was seen. */
export interface Sight {
  readonly seq: number;
  readonly run: string;
  readonly name: string;
  readonly state: string;
}

const UNREACHABLE: Failure = { failed: 'unreachable', says: 'The box does not answer.', toDo: 'Look at the box.' };
const CUT: Failure = { failed: 'cut', says: 'The connection was cut.', toDo: 'Look at the box.' };

const printed = (stdout: string): Outcome => ({ exitCode: 0, stdout: `${stdout}\n`, stderr: '' });

/** Switches, and everything that ever reached them. `sent` hears of a change in the moment in which it is sent. */
export function createWorld({ gates, time }: { gates: Gates; time: Time }) {
  const states = new Map<string, string>();
  const sights: Sight[] = [];
  const world = { states, sights, reachable: true, sent: (_change: Change) => {} };
  const look = (run: string, name: string): Outcome => {
    const state = world.reachable ? (states.get(name) ?? 'off') : 'unreachable';
    sights.push({ seq: time.next(), run, name, state });
    return world.reachable ? printed(state) : UNREACHABLE;
  };
  const make = (line: string, fate: Fate): Outcome => {
    const [verb = '', name = ''] = line.split(' ');
    const made = fate === 'well' || fate === 'made-and-cut';
    if (fate === 'unreachable' || !world.reachable) return UNREACHABLE;
    if (made) states.set(name, wantedBy(verb));
    if (fate === 'fails') return { exitCode: 1, stdout: '', stderr: 'it is stuck\n' };
    return fate === 'well' ? printed('turned') : CUT;
  };
  return Object.assign(world, {
    /** The targets as one run of one life of the bot has them. */
    targetsOf: (life: Mortal, run: string): Targets => ({
      read: (command) => gates.pass(life, () => look(run, commandLine(command).split(' ')[1] ?? '')),
      async change(command) {
        if (life.dead) throw new Killed();
        world.sent({ run, line: show(command), build: life.build });
        const outcome = await gates.pass(life, (fate) => make(commandLine(command), fate));
        return gates.pass(life, () => outcome);
      },
      close: async () => undefined,
    }),
  });
}

export type World = ReturnType<typeof createWorld>;

/** In which position a command of this verb leaves its switch. */
export function wantedBy(verb: string): 'on' | 'off' {
  return verb === 'turn-off' ? 'off' : 'on';
}
