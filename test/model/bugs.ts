import type { Plan, Step } from '../../src/core/plan.ts';
import type { DecisionRequest, Targets } from '../../src/core/ports.ts';
import type { Context } from '../../src/engine/context.ts';
import type { StepKey, Store } from '../../src/store/store.ts';

/** The part of the bot that uses a context. */
export type Part = 'advance' | 'decide' | 'intervene';

/** A fault that is put into the bot, to see that the model finds it. */
export interface Bug {
  /** What the faulty bot does. */
  readonly does: string;
  /** The beginnings of the rules that it breaks. */
  readonly breaks: readonly string[];
  readonly store?: (store: Store) => Partial<Store>;
  readonly context?: (context: Context, part: Part) => Partial<Context>;
  readonly targets?: (targets: Targets) => Targets;
  readonly request?: (request: DecisionRequest, store: Store) => DecisionRequest;
}

const RIGHT_APPROVAL = 'an approval counts only from the right person';
const RIGHT_PEOPLE = 'nothing is executed without the approvals of the right people';
const TRUTH = 'what is said of a step is what happened';
const FROZEN = 'nothing is executed while the bot is frozen';

const inStore: readonly Bug[] = [
  {
    does: 'begins a change whose offer has expired',
    breaks: ['nothing is executed after its offer has expired'],
    store: ({ begin }) => ({ begin: (step, now) => begin(step, { ...now, at: 0 }) }),
  },
  {
    does: 'takes what another run holds with each approval',
    breaks: ['nothing is executed on what another run holds', 'no run is stuck'],
    store: ({ addDecision, takeOver }) => ({
      addDecision(decision, decided) {
        const { run, actor, at } = decision;
        if (addDecision(decision, decided) === undefined) return undefined;
        takeOver({ run, intervention: { actor, reason: 'by force', at }, detail: 'by force' });
        return addDecision(decision, decided);
      },
    }),
  },
  {
    does: 'sends a change that had started once more after a restart',
    breaks: ['an approval leads to at most one execution', TRUTH],
    store: ({ begin, journal, moveStep }) => {
      const isStarted = ({ run, round, index }: StepKey) =>
        journal(run)?.rounds.find(({ number }) => number === round)?.steps[index]?.status === 'started';
      return {
        journal: (run) => withStartedAsApproved(journal(run)),
        begin: (step, now) => (isStarted(step) ? 'begun' : begin(step, now)),
        moveStep: (step, move) => moveStep(step, isStarted(step) ? { ...move, from: 'started' } : move),
      };
    },
  },
  {
    does: 'answers a cancel and does not write it down',
    breaks: ['nothing is executed in a run that was cancelled'],
    store: () => ({ cancel: () => true }),
  },
  {
    does: 'answers that an alert has resolved and leaves the offer open',
    breaks: ['nothing is executed in a run that was cancelled'],
    store: () => ({ withdraw: () => true }),
  },
  {
    does: 'calls an outcome done that nobody knows',
    breaks: ['done means that it was seen to be done', TRUTH],
    store: ({ moveStep }) => ({
      moveStep: (step, move) => moveStep(step, move.to === 'unknown' ? { ...move, to: 'done' } : move),
    }),
  },
  {
    does: 'forgets that it had changed something when its offer is refused',
    breaks: [TRUTH],
    store: ({ moveStep }) => ({
      moveStep: (step, move) => moveStep(step, move.to === 'failed' ? { ...move, to: 'refused' } : move),
    }),
  },
  {
    does: 'leaves a line out of its audit trail',
    breaks: ['each executed line is in the audit trail once'],
    store: ({ begin }) => ({ begin: (step, now) => begin(step, { ...now, command: 'something' }) }),
  },
];

const inContext: readonly Bug[] = [
  {
    does: 'sends changes while it is frozen',
    breaks: [FROZEN],
    context: (_context, part) => (part === 'advance' ? { obstacles: () => [] } : {}),
  },
  {
    does: 'forgets a freeze when it restarts',
    breaks: [FROZEN, RIGHT_APPROVAL],
    context: ({ killSwitch, obstacles }) => {
      const remembered = killSwitch.state()?.at;
      return { obstacles: () => (killSwitch.state()?.at === remembered ? [] : obstacles()) };
    },
  },
  {
    does: 'lets an approval from before a freeze count after it',
    breaks: ['an approval from before a freeze is void'],
    context: ({ store }, part) => (part === 'intervene' ? { store: { ...store, unfinished: () => [] } } : {}),
  },
  {
    does: 'does not read the preconditions again',
    breaks: ['nothing is executed whose precondition was not seen to hold'],
    context: ({ looks }, part) =>
      part === 'advance'
        ? {
            looks: {
              ...looks,
              of: async (run, round) => looks.of(run, round).then((found) => ({ ...found, plan: unconditional(found.plan) })),
            },
          }
        : {},
  },
  {
    does: 'takes one approval for two',
    breaks: [RIGHT_PEOPLE],
    context: ({ policy }) => ({ policy: withHigh(policy, { count: 1 }) }),
  },
  {
    does: 'takes two approvals of one group',
    breaks: [RIGHT_PEOPLE],
    context: ({ policy }) => ({ policy: withHigh(policy, { differentGroups: false }) }),
  },
  {
    does: 'lets people approve what they asked for',
    breaks: [RIGHT_APPROVAL],
    context: ({ policy }) => ({
      policy: { ...policy, tiers: { ...policy.tiers, normal: { ...policy.tiers.normal, selfApproval: true } } },
    }),
  },
  {
    does: 'remembers who was in a group',
    breaks: [RIGHT_APPROVAL, RIGHT_PEOPLE],
    context: ({ membersOf }) => {
      const known = new Map<string, Promise<readonly string[]>>();
      return {
        membersOf: (group) => {
          const members = known.get(group) ?? membersOf(group);
          known.set(group, members);
          return members;
        },
      };
    },
  },
  {
    does: 'honours the approval of another version',
    breaks: ['an approval is void for another version'],
    context: () => ({ buildVersion: '1' }),
  },
];

const elsewhere: readonly Bug[] = [
  {
    does: 'does not compare the digest of a button',
    breaks: [RIGHT_APPROVAL],
    request: (request, store) => {
      const round = store.journal(request.run)?.rounds.find(({ number }) => number === request.round);
      return { ...request, digest: round?.steps[request.step]?.digest ?? request.digest };
    },
  },
  {
    does: 'does not ask for the word of a destructive change',
    breaks: [RIGHT_APPROVAL],
    request: (request, store) => {
      const round = store.journal(request.run)?.rounds.find(({ number }) => number === request.round);
      return { ...request, typed: round?.steps[request.step]?.wordToType ?? '' };
    },
  },
  {
    does: 'sends a change again that got no answer',
    breaks: ['an approval leads to at most one execution'],
    targets: (targets) => ({
      ...targets,
      async change(command) {
        const outcome = await targets.change(command);
        return 'failed' in outcome ? targets.change(command) : outcome;
      },
    }),
  },
];

export const bugs: readonly Bug[] = [...inStore, ...inContext, ...elsewhere];

function withHigh(policy: Context['policy'], high: Partial<Context['policy']['tiers']['high']>): Context['policy'] {
  return { ...policy, tiers: { ...policy.tiers, high: { ...policy.tiers.high, ...high } } };
}

function withStartedAsApproved(journal: ReturnType<Store['journal']>): ReturnType<Store['journal']> {
  if (journal === undefined) return undefined;
  const rounds = journal.rounds.map((round) => ({
    ...round,
    steps: round.steps.map((step) => (step.status === 'started' ? { ...step, status: 'approved' as const } : step)),
  }));
  return { ...journal, rounds };
}

function unconditional(plan: Plan): Plan {
  if ('stop' in plan) return plan;
  const [first, ...more] = plan.steps;
  return { steps: [withoutLook(first), ...more.map(withoutLook)] };
}

/** It looks the same, and its preconditions hold whatever is so. */
function withoutLook(step: Step): Step {
  const [first, ...more] = step.before;
  const outcome = { exitCode: 0, stdout: '', stderr: '' };
  const holds = async () => ({ answer: 'yes', seen: { known: true, value: '', asks: '', line: '', outcome } }) as const;
  return { ...step, before: [{ ...first, holds }, ...more.map((check) => ({ ...check, holds }))] };
}
