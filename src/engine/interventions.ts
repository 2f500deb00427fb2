import { whyNoReason } from '../approval/confirmation.ts';
import type { InterventionRequest } from '../approval/permission.ts';
import { mayIntervene } from '../approval/permission.ts';
import { messageOf } from '../core/errors.ts';
import type { Answer, Engine, RunAction } from '../core/ports.ts';
import type { Intervention } from '../core/run.ts';
import type { Journal, JournalStep } from '../store/store.ts';
import type { Context } from './context.ts';
import { REPEATED } from './decide.ts';
import { frozenWords } from './freeze.ts';
import { holderWords } from './holder.ts';

/** What people do to a run or to the whole bot from outside of a plan. */
export type Interventions = Pick<Engine, 'cancel' | 'takeOver' | 'withdraw' | 'freeze' | 'unfreeze' | 'frozen'>;

/** `wake` lets a run go on at once. */
export function createInterventions(context: Context, wake: (run: string) => void): Interventions {
  return {
    cancel: (action) => once(context, { ...action, word: 'cancel' }, () => cancel(context, action, wake)),
    takeOver: (action) => once(context, { ...action, word: 'take over for' }, () => takeOver(context, action, wake)),
    async withdraw(run, because) {
      const withdrawn = context.store.withdraw(run, { because, at: context.clock() });
      if (withdrawn) wake(run);
      return withdrawn;
    },
    // Never refused as repeated: freezing once more does no harm, and must not hang on a write.
    freeze: (word) => answered(context, { ...word, word: 'freeze' }, () => freeze(context, word)),
    unfreeze: (word) => once(context, { ...word, word: 'unfreeze' }, () => unfreeze(context, word)),
    frozen: context.killSwitch.state,
  };
}

type Word = Pick<RunAction, 'actor' | 'reason'>;

/** What somebody wants, as the audit trail keeps it where it did not count. */
interface Spoken extends Partial<Pick<RunAction, 'run' | 'key'>> {
  readonly word: string;
  readonly actor: RunAction['actor'];
}

/** A press that is delivered again must not act on what has become of things since. */
function once(context: Context, spoken: Spoken, work: () => Promise<Answer>): Promise<Answer> {
  const { key } = spoken;
  return answered(context, spoken, async () =>
    key === undefined || context.store.claim(key, context.clock()) ? work() : no(REPEATED),
  );
}

async function answered({ log, store }: Context, spoken: Spoken, work: () => Promise<Answer>): Promise<Answer> {
  const { word, run, actor } = spoken;
  try {
    const answer = await work();
    const about = run === undefined ? {} : { run };
    if (!answer.accepted) store.note({ kind: 'word-refused', word, ...about, actor, says: answer.says });
    return answer;
  } catch (error) {
    log.error({ actor: actor.id, err: error }, 'an intervention could not be checked or written');
    return no(`That could not be checked and written down, so it does not count: ${messageOf(error)}`);
  }
}

function no(says: string): Answer {
  return { accepted: false, says };
}

async function whyNot({ policy, membersOf }: Context, wanted: InterventionRequest, reason: string): Promise<string | undefined> {
  return (await mayIntervene(policy, membersOf, wanted)) ?? whyNoReason(reason);
}

async function cancel(context: Context, { run, actor, reason }: RunAction, wake: (run: string) => void): Promise<Answer> {
  const { store, clock, clean } = context;
  const found = store.run(run);
  if (found === undefined) return no(`There is no run ${run}.`);
  const refusal = await whyNot(context, { kind: 'cancel', actor, requester: found.requester }, reason);
  if (refusal !== undefined) return no(refusal);
  if (!store.cancel(run, { actor, reason: clean(reason.trim()), at: clock() }))
    return no(alreadyEnded(store.run(run)?.cancelled ?? null));
  wake(run);
  const journal = store.journal(run);
  return { accepted: true, says: `Cancelled. ${journal === undefined ? '' : knownOf(context, journal)}` };
}

function alreadyEnded(cancelled: Intervention | null): string {
  return cancelled === null
    ? 'Too late: the run has ended already.'
    : `Too late: ${cancelled.actor.name} has cancelled the run already.`;
}

/** What is known to be done, and what goes on. */
function knownOf({ killSwitch }: Context, { run, rounds }: Journal): string {
  const steps = rounds.flatMap((round) => round.steps);
  const done = steps.filter(({ status }) => status === 'done');
  const made =
    done.length === 0
      ? 'Nothing is known to be changed.'
      : `Done and verified: ${done.map(nameOf).join(', ')}. /storage undo ${run.id} plans what can be taken back.`;
  const unclear = steps.filter(({ status }) => status === 'failed' || status === 'unknown');
  const open = unclear.length === 0 ? '' : ` What ${unclear.map(nameOf).join(', ')} left behind must be looked at.`;
  const started = steps.find(({ status }) => status === 'started');
  if (started === undefined) return `${made}${open} Nothing more will be changed.`;
  const frozen = killSwitch.state() === undefined ? '' : ' While the bot is frozen it sends nothing, not even that.';
  return `${made} ${nameOf(started)} is being made now: work that goes on at its target is asked to stop, a command that was sent cannot be.${frozen} The run says what became of it.`;
}

function nameOf({ round, index, preview }: JournalStep): string {
  return `step ${round}.${index + 1} (${preview.split('\n')[0]})`;
}

async function takeOver(context: Context, { run, actor, reason }: RunAction, wake: (run: string) => void): Promise<Answer> {
  const { store, clock, clean } = context;
  const step = onOffer(context, run);
  const refusal = step && (await whyNot(context, { kind: 'take-over', actor, risk: step.risk }, reason));
  if (refusal !== undefined) return no(refusal);
  // Also after asking who may: the offer may have ended meanwhile, and then nothing is to be taken for it.
  if (onOffer(context, run) === undefined) return no(`Run ${run} has no step on offer that needs anything.`);
  const holders = store.holders(run);
  const busy = holders.find((holder) => isChanging(context, holder.run));
  if (busy !== undefined) return no(`Not now: ${holderWords(busy)} It is making a change at this moment.`);
  if (holders.length === 0) return no('Nobody holds what this plan needs any more. Approve it.');
  const why = clean(reason.trim());
  const detail = `${actor.name} took over what this plan holds for run ${run}: ${why}`;
  store.takeOver({ run, intervention: { actor, reason: why, at: clock() }, detail });
  for (const holder of new Set(holders.map((each) => each.run))) wake(holder);
  return { accepted: true, says: 'Taken over. The other run will not go on with it. Now approve the step.' };
}

function onOffer({ store }: Context, run: string): JournalStep | undefined {
  const journal = store.journal(run);
  if (journal?.run.finishedAt !== null) return undefined;
  return journal.rounds.at(-1)?.steps.find(({ status, expiresAt }) => status === 'waiting' && expiresAt !== null);
}

function isChanging({ store }: Context, run: string): boolean {
  return store.journal(run)?.rounds.some(({ steps }) => steps.some(({ status }) => status === 'started')) ?? false;
}

async function freeze(context: Context, { actor, reason }: Word): Promise<Answer> {
  const { store, clock, clean, killSwitch } = context;
  const refusal = await whyNot(context, { kind: 'freeze', actor }, reason);
  if (refusal !== undefined) return no(refusal);
  const now = killSwitch.state();
  if (now !== undefined) return no(`It is frozen already. ${frozenWords(now)}`);
  const word = { actor, reason: clean(reason.trim()), at: clock() };
  try {
    killSwitch.freeze(word);
    store.note({ kind: 'frozen', actor, reason: word.reason });
  } catch (error) {
    context.log.error({ err: error }, 'the freeze could not be written down');
    return {
      accepted: true,
      says: `${frozenWords(word)} It could not be written down (${messageOf(error)}): it may end when the bot restarts.`,
    };
  }
  voidApprovals(context, frozenWords(word));
  store.touch(store.unfinished());
  return { accepted: true, says: `${frozenWords(word)}${goingOn(context)}` };
}

/** An approval from before the freeze must not come to life when the freeze ends. */
export function voidApprovals({ store, clock }: Pick<Context, 'store' | 'clock'>, because: string): void {
  const steps = store.unfinished().flatMap((run) => store.journal(run)?.rounds.flatMap((round) => round.steps) ?? []);
  const detail = `Not done. ${because}`;
  for (const step of steps.filter(({ status }) => status === 'approved'))
    store.moveStep(step, { from: 'approved', to: 'refused', at: clock(), detail, runStatus: 'applying' });
}

function goingOn(context: Context): string {
  const runs = context.store.unfinished().filter((run) => isChanging(context, run));
  return runs.length === 0
    ? ''
    : ` Sent before that and still going on: a change of ${runs.map((run) => `run ${run}`).join(', ')}.`;
}

async function unfreeze(context: Context, { actor, reason }: Word): Promise<Answer> {
  const { store, clean, killSwitch } = context;
  const refusal = await whyNot(context, { kind: 'unfreeze', actor }, reason);
  if (refusal !== undefined) return no(refusal);
  const now = killSwitch.state();
  if (now === undefined) return no('It is not frozen.');
  // Here too: a file made by hand voided nothing, nor did a freeze in which the bot was killed.
  voidApprovals(context, frozenWords(now));
  killSwitch.unfreeze();
  store.note({ kind: 'unfrozen', actor, reason: clean(reason.trim()) });
  store.touch(store.unfinished());
  return {
    accepted: true,
    says: `${actor.name} ended the freeze: ${clean(reason.trim())}. Approvals from before it that were not used are void; open offers stand.`,
  };
}
