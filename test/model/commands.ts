import type { Risk } from '../../src/core/command.ts';
import { fc } from '../seed.ts';

/** What becomes of a change on its way: made and answered, made or not and no answer, never arrived, refused by its target. */
export type Fate = 'well' | 'made-and-cut' | 'cut' | 'unreachable' | 'fails';

/** A version of the bot; the second one words its commands in another way, the third one does not. */
export type Build = '1' | '2' | '3';

export const PEOPLE = ['operator', 'approver', 'second', 'leaver', 'stranger'] as const;
export type PersonName = (typeof PEOPLE)[number];

/** Runs, envelopes and switches are named by any number: it counts round those that there are. */
export type Command =
  | {
      readonly do: 'click';
      readonly who: PersonName;
      readonly run: number;
      readonly verdict: 'approve' | 'deny';
      readonly digest: 'shown' | 'of-another-step' | 'garbage';
      readonly typed: 'right' | 'wrong';
      readonly times: 1 | 2;
    }
  | { readonly do: 'redeliver'; readonly envelope: number; readonly afterMin: 0 | 1 | 5; readonly asNew: boolean }
  | { readonly do: 'pass'; readonly time: number | 'to-expiry' | 'before-expiry' }
  | { readonly do: 'cancel' | 'takeOver'; readonly who: PersonName; readonly run: number; readonly reason: boolean }
  | { readonly do: 'freeze' | 'unfreeze'; readonly who: PersonName }
  | { readonly do: 'freezeByHand' }
  | { readonly do: 'withdraw'; readonly run: number }
  | { readonly do: 'drift'; readonly switch: number; readonly to: 'on' | 'off' }
  | { readonly do: 'unreachable'; readonly is: boolean }
  | { readonly do: 'membership'; readonly group: 'SONE' | 'STWO'; readonly joins: boolean }
  | { readonly do: 'kill'; readonly build: Build }
  | { readonly do: 'killAtWrite'; readonly writes: number; readonly side: 'before' | 'after'; readonly build: Build }
  | { readonly do: 'follow'; readonly who: PersonName; readonly run: number; readonly how: 'again' | 'undo' };

/** A command, and then what is let through of all that the bot waits for: everything, or what these numbers pick. */
export interface Move {
  readonly command: Command;
  readonly lets: 'all' | readonly number[];
  readonly fate: Fate;
}

export interface Case {
  readonly runs: readonly (readonly { readonly switch: number; readonly risk: Risk }[])[];
  readonly selfApproval: boolean;
  readonly moves: readonly Move[];
}

const nat = (max: number) => fc.nat({ max });
const only = <const T>(value: T) => fc.constant(value);
const person = fc.constantFrom(...PEOPLE);
const rightPerson = fc.constantFrom<PersonName[]>('approver', 'approver', 'second', 'second', 'leaver');
const build = fc.constantFrom<Build[]>('1', '1', '1', '1', '2', '3');

const approval = fc.record({
  do: only('click'),
  who: fc.oneof({ weight: 4, arbitrary: rightPerson }, { weight: 1, arbitrary: person }),
  run: nat(3),
  verdict: only('approve'),
  digest: fc.constantFrom<('shown' | 'of-another-step' | 'garbage')[]>(
    ...(['shown', 'shown', 'shown', 'shown', 'shown'] as const),
    'of-another-step',
    'garbage',
  ),
  typed: fc.constantFrom<('right' | 'wrong')[]>('right', 'right', 'right', 'wrong'),
  times: fc.constantFrom<(1 | 2)[]>(1, 1, 1, 2),
});
const denial = fc.record({
  do: only('click'),
  who: person,
  run: nat(3),
  verdict: only('deny'),
  digest: only('shown'),
  typed: fc.constantFrom<('right' | 'wrong')[]>('right', 'wrong'),
  times: only(1),
});
const time = fc.constantFrom<(number | 'to-expiry' | 'before-expiry')[]>(1, 1_000, 61_000, 300_000, 'to-expiry', 'before-expiry');

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 16, arbitrary: approval },
  { weight: 1, arbitrary: denial },
  {
    weight: 4,
    arbitrary: fc.record({
      do: only('redeliver'),
      envelope: nat(5),
      afterMin: fc.constantFrom<(0 | 1 | 5)[]>(0, 1, 5),
      asNew: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: only('pass'), time }) },
  { weight: 1, arbitrary: fc.record({ do: only('cancel'), who: person, run: nat(3), reason: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: only('takeOver'), who: rightPerson, run: nat(3), reason: only(true) }) },
  { weight: 2, arbitrary: fc.record({ do: only('freeze'), who: fc.oneof(person, only<PersonName>('operator')) }) },
  { weight: 2, arbitrary: fc.record({ do: only('unfreeze'), who: fc.oneof(person, only<PersonName>('approver')) }) },
  { weight: 1, arbitrary: fc.record({ do: only('freezeByHand') }) },
  { weight: 1, arbitrary: fc.record({ do: only('withdraw'), run: nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: only('drift'), switch: nat(2), to: fc.constantFrom<('on' | 'off')[]>('on', 'off') }) },
  { weight: 1, arbitrary: fc.record({ do: only('unreachable'), is: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: only('membership'),
      group: fc.constantFrom<('SONE' | 'STWO')[]>('SONE', 'STWO'),
      joins: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: only('kill'), build }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: only('killAtWrite'),
      writes: nat(8),
      side: fc.constantFrom<('before' | 'after')[]>('before', 'after'),
      build,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: only('follow'),
      who: person,
      run: nat(3),
      how: fc.constantFrom<('again' | 'undo')[]>('again', 'undo'),
    }),
  },
);

const lets = fc.oneof({ weight: 3, arbitrary: only('all') }, { weight: 4, arbitrary: fc.array(nat(5), { maxLength: 4 }) });
const fate = fc.constantFrom<Fate[]>('well', 'well', 'well', 'well', 'made-and-cut', 'cut', 'unreachable', 'fails');
const move: fc.Arbitrary<Move> = fc.record({ command, lets, fate });

const click = (who: PersonName, run = 0) =>
  only({ do: 'click', who, run, verdict: 'approve', digest: 'shown', typed: 'right', times: 1 } as const);

/** Commands that chance brings together too seldom. `at once`: one after another before the bot can do anything much. */
const burst: fc.Arbitrary<readonly Move[]> = fc
  .tuple(
    fc.oneof(
      atOnce(click('approver'), only({ do: 'freezeByHand' }), only({ do: 'unfreeze', who: 'approver' })),
      atOnce(click('approver'), only({ do: 'freeze', who: 'operator' }), only({ do: 'unfreeze', who: 'approver' })),
      atOnce(approval, only({ do: 'kill', build: '1' })),
      atOnce(click('approver'), only({ do: 'kill', build: '3' })),
      atOnce(approval, only({ do: 'pass', time: 'to-expiry' })),
      atOnce(approval, only({ do: 'takeOver', who: 'approver', run: 1, reason: true })),
      inTurn(click('approver'), click('second')),
      inTurn(only({ do: 'membership', group: 'STWO', joins: false }), click('approver'), click('leaver')),
      inTurn(
        click('approver'),
        click('second'),
        only({ do: 'withdraw', run: 0 }),
        only({ do: 'follow', who: 'operator', run: 0, how: 'undo' }),
        ...[1, 2, 1, 2].map((run) => click(run === 1 ? 'second' : 'approver', run)),
      ),
    ),
    lets,
  )
  .map(([commands, last]) =>
    commands.map((each, index) => ({ ...each, lets: index + 1 < commands.length ? each.lets : last, fate: 'well' })),
  );

const moves = fc
  .array(fc.oneof({ weight: 9, arbitrary: move.map((one) => [one]) }, { weight: 1, arbitrary: burst }), {
    minLength: 4,
    maxLength: 12,
    size: 'max',
  })
  .map((some) => some.flat());

const step = fc.record({ switch: nat(2), risk: fc.constantFrom<Risk[]>('normal', 'normal', 'high', 'destructive') });
const run = fc.uniqueArray(step, { minLength: 1, maxLength: 3, selector: (each) => each.switch });

export const cases: fc.Arbitrary<Case> = fc.record({
  runs: fc.array(run, { minLength: 1, maxLength: 2 }),
  selfApproval: fc.boolean(),
  moves,
});

function atOnce(...commands: fc.Arbitrary<Command>[]): fc.Arbitrary<readonly Pick<Move, 'command' | 'lets'>[]> {
  return fc.tuple(...commands).map((some) => some.map((each) => ({ command: each, lets: [0, 0] })));
}

/** Each of them comes to its end before the next. */
function inTurn(...commands: fc.Arbitrary<Command>[]): fc.Arbitrary<readonly Pick<Move, 'command' | 'lets'>[]> {
  return fc.tuple(...commands).map((some) => some.map((each) => ({ command: each, lets: 'all' })));
}
