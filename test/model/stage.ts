import type { Bench } from './bench.ts';
import type { Bug } from './bugs.ts';
import type { Build, Fate } from './commands.ts';
import { createGates, still } from './gates.ts';
import { startLife } from './life.ts';
import type { Handling } from './oracle.ts';
import { Broken, createOracle } from './oracle.ts';
import { createGroups } from './people.ts';
import type { Delivery, Door, Press } from './presses.ts';
import { carryOut, createDoor } from './presses.ts';
import type { Tally } from './tally.ts';
import type { Time } from './time.ts';
import { createWorld } from './world.ts';

export interface StageParts {
  readonly bench: Bench;
  readonly time: Time;
  readonly bug: Bug | undefined;
  readonly tally: Tally;
  /** No other case on this bench has it. */
  readonly number: number;
  readonly selfApproval: boolean;
}

/** One case: the world, the people, the model, and the bot, which may die and come back. */
export function createStage(parts: StageParts) {
  const { bench, time, tally, number } = parts;
  const gates = createGates();
  const world = createWorld({ gates, time });
  const groups = createGroups(time);
  const runs: string[] = [];
  const oracle = createOracle({ ...parts, world, groups, runs });
  const failures: unknown[] = [];
  const broke = (error: unknown) => void failures.push(error);
  const newId = () => {
    runs.push(`${number.toString(16)}e${runs.length}`);
    return runs.at(-1) ?? '';
  };
  world.sent = (change) => {
    try {
      const { risk, isUndo, isOwn } = oracle.onSent(change);
      for (const what of ['executed', `executed: ${risk}`]) tally.count(what);
      if (isUndo) tally.count('executed: undo');
      if (isOwn) tally.count('executed: approved by who asked');
    } catch (error) {
      // Thrown into the bot, it would pass for an error of the connector.
      broke(error);
    }
  };
  const lifeParts = { ...parts, gates, world, groups, oracle, newId, broke };
  const open = (build: Build): Door => {
    const life = startLife(lifeParts, build);
    return createDoor(life, (press, again) => handle({ oracle, time, tally, broke }, life, { press, again }));
  };
  let door = open('1');
  const restart = async (build: Build) => {
    door.life.dead = true;
    await gates.bury();
    tally.count('killed');
    door = open(build);
  };
  /** Lets what waits go on; a bot that died on the way comes back. */
  const letThrough = async (lets: 'all' | readonly number[], fate: Fate) => {
    await after();
    for (let turn = 0; gates.count() > 0 && (lets === 'all' || turn < lets.length); turn += 1) {
      await gates.let(lets === 'all' ? 0 : (lets[turn] ?? 0), fate);
      await after();
      if (turn > MANY) throw new Broken('a run comes to rest', runs.join(', '));
    }
  };
  const after = async () => {
    await still();
    oracle.watch();
    if (door.life.dead) await restart(door.life.fuse?.build ?? '1');
    if (failures.length > 0) throw failures[0];
  };
  return {
    bench,
    time,
    tally,
    world,
    groups,
    runs,
    oracle,
    restart,
    letThrough,
    after,
    switches: ['a', 'b', 'c'].map((letter) => `${letter}${lettersOf(number)}`),
    deliveries: [] as Delivery[],
    firstLine: bench.head(),
    life: () => door.life,
    deliver(delivery: Delivery): void {
      door.deliver(delivery);
    },
  };
}

export type Stage = ReturnType<typeof createStage>;

const MANY = 2_000;

interface Ear {
  readonly oracle: ReturnType<typeof createOracle>;
  readonly time: Time;
  readonly tally: Tally;
  readonly broke: (error: unknown) => void;
}

/** Has the bot do what a press asks, and tells the model what became of it. */
async function handle(
  { oracle, time, tally, broke }: Ear,
  life: Door['life'],
  { press, again }: { press: Press; again: boolean },
): Promise<void> {
  const began = time.next();
  try {
    if (again) throw new Broken('an envelope that was delivered twice is handled once', press.does);
    if (oracle.handlings.some((earlier) => earlier.press.trigger === press.trigger)) tally.count('handled again after a restart');
    const answer = await carryOut(life, press).catch((error: unknown) => {
      if (life.dead) return undefined;
      throw error;
    });
    const accepted = life.dead ? undefined : answer?.accepted;
    const handling: Handling = { press, began, accepted, ended: time.next(), at: time.now(), frozen: oracle.isFrozen() };
    if (accepted !== undefined && (answer?.says.trim() ?? '') === '')
      throw new Broken('every press is answered in words', press.does);
    tally.count(`${press.does}: ${accepted === undefined ? 'killed' : accepted ? 'accepted' : 'turned down'}`);
    oracle.handled(handling);
  } catch (error) {
    broke(error);
  }
}

function lettersOf(number: number): string {
  return Array.from(number.toString(26), (digit) => String.fromCharCode(97 + Number.parseInt(digit, 26))).join('');
}
