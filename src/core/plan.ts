import { createHash } from 'node:crypto';
import type { Change, Read } from './command.ts';
import { show } from './command.ts';
import type { Finding } from './finding.ts';
import type { Hold } from './hold.ts';
import { showHold } from './hold.ts';
import type { Reader, Seen } from './reading.ts';
import { scriptOf } from './script-of.ts';

/** A sentence about the target, and the read that tells now whether it is true. */
export interface Check {
  readonly says: string;
  readonly line: string;
  /** Yes, no, or "could not look": only yes lets a step go on. */
  readonly holds: (read: Reader) => Promise<CheckResult>;
}

export interface CheckResult {
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly seen: Seen<unknown>;
}

/** A check that is polled until it holds or its deadline passes: few changes are finished when their command returns. */
export interface Verification extends Check {
  readonly withinMs: number;
}

/** What people approve, one by one: nothing that is not written here can happen under that approval. */
export interface Step {
  readonly title: string;
  readonly because: Finding;
  /** All are read again just before the change. At least one. */
  readonly before: readonly [Check, ...Check[]];
  readonly change: Change;
  /** For a change that starts work and returns at once. */
  readonly work?: Work;
  readonly after: Verification;
  readonly undo: Undo | NoUndo;
  /** Everything that this step depends on, and at least one thing that it changes. */
  readonly holds: readonly [Hold, ...Hold[]];
  /** What else this touches, for the person who approves: one sentence each. */
  readonly warnings?: readonly string[];
}

/** Work that goes on at its target without the bot, under a name made of run and round, so that it can be found again. */
export interface Work {
  readonly name: string;
  readonly state: Read<WorkState>;
  /** What Cancel does; approved together with the change. */
  readonly stop: Change;
  /** True where its name outlives a restart of the target: then work that is not there was never started. */
  readonly outlivesTarget: boolean;
  /** How far it is, where its state does not say: read while it runs. */
  readonly progress?: Read<string>;
  /** What it wrote last: read when it has failed. Empty where nothing tells. */
  readonly lastWords?: Read<string>;
}

export type WorkState =
  | { readonly is: 'absent' | 'succeeded' }
  | { readonly is: 'running'; readonly progress?: string }
  | { readonly is: 'failed'; readonly says: string };

/** How a change that was made is taken back: a step of another plan, which needs its own approval. */
export interface Undo {
  readonly change: Change;
  /** What must still be so, or taking back would do harm. At least one. */
  readonly before: readonly [Check, ...Check[]];
  readonly after: Verification;
  /** What must follow at once, such as a reload after a file was taken away: a step of its own. */
  readonly afterwards?: Pick<Step, 'title' | 'before' | 'change' | 'after' | 'holds'>;
  /** What taking it back costs, for the person who approves that. */
  readonly warnings?: readonly string[];
}

export interface NoUndo {
  readonly none: string;
}

/** Steps to approve, or the reason why there are none. */
export type Plan = { readonly steps: readonly [Step, ...Step[]] } | { readonly stop: string };

export function steps(first: Step, ...more: Step[]): Plan {
  return { steps: [first, ...more] };
}

export function stop(reason: string): Plan {
  return { stop: reason };
}

export function noUndo(reason: string): NoUndo {
  return { none: reason };
}

/** What an approver of a destructive step must type: the name of the thing that it changes. */
export function wordToType({ holds }: Step): string {
  return (holds.find(({ how }) => how === 'changes') ?? holds[0]).name;
}

export function stepsOf(plan: Plan): readonly Step[] {
  return 'steps' in plan ? plan.steps : [];
}

/** The sentence is true while the predicate holds of what the read returns. */
export function check<T>(says: string, read: Read<T>, holds: (value: T) => boolean): Check {
  return {
    says,
    line: show(read.command),
    holds: async (reader) => {
      const seen = await reader(read);
      return { answer: seen.known ? (holds(seen.value) ? 'yes' : 'no') : 'unknown', seen };
    },
  };
}

/** A check with half a minute to become true. */
export function verify<T>(says: string, read: Read<T>, holds: (value: T) => boolean): Verification {
  return { ...check(says, read, holds), withinMs: 30_000 };
}

/** The same verification with another deadline. */
export function within(withinMs: number, verification: Verification): Verification {
  return { ...verification, withinMs };
}

/** Everything an approver is bound to, as text: target, exact command, conditions, verification, undo, what it holds. */
export function previewStep(step: Step): string {
  const { title, because, before, change, work, after, undo, holds, warnings = [] } = step;
  const lines = [
    title,
    `  because  ${because.code} (${because.subject}): ${because.says}`,
    ...before.flatMap(({ says, line }) => [`  only if  ${says}`, `           ${line}`]),
    `  run      ${show(change.command)}`,
    ...scriptLines(change),
    `  risk     ${change.risk}; ended after ${change.command.timeoutMs / 1000} s`,
    ...(change.risk === 'destructive' ? [`  confirm  by typing ${wordToType(step)}`] : []),
    ...(work === undefined ? [] : workLines(work)),
    `  verify   ${after.says} (within ${after.withinMs / 1000} s)`,
    `           ${after.line}`,
    ...undoLines(undo),
    ...holds.map((hold) => `  holds    ${showHold(hold)}`),
    ...warnings.map((warning) => `  warning  ${warning}`),
  ];
  // What a host printed may stand in a sentence: a line break in it must not look like a line of the preview.
  return lines.map((line) => line.replaceAll(/[\n\r\v\f\u0085\p{Zl}\p{Zp}]+/gu, ' ')).join('\n');
}

function scriptLines({ command }: Change): string[] {
  const script = scriptOf(command);
  return script === undefined ? [] : [`  script   ${script.call}`, ...script.lines.map((line) => `           | ${line}`)];
}

function undoLines(undo: Undo | NoUndo): string[] {
  if ('none' in undo) return [`  undo     ${undo.none}`];
  const { change, afterwards } = undo;
  return [
    `  undo     ${show(change.command)}`,
    ...scriptLines(change),
    ...(afterwards === undefined ? [] : [`           ${show(afterwards.change.command)}`]),
  ];
}

function workLines({ name, state, progress, stop: cancel }: Work): string[] {
  return [
    `  work     goes on as ${name} without the bot, watched by`,
    `           ${show(state.command)}`,
    ...(progress === undefined ? [] : [`           ${show(progress.command)}`]),
    `  cancel   ${show(cancel.command)}`,
  ];
}

export function previewPlan(plan: Plan): string {
  if ('stop' in plan) return plan.stop;
  return plan.steps.map((step, index) => `${index + 1}. ${previewStep(step)}`).join('\n');
}

/** 12 hexadecimal digits of the SHA-256 of the preview and the build's version: what an approval names. */
export function digestOf(preview: string, buildVersion: string): string {
  return createHash('sha256').update(`${buildVersion}\n${preview}`).digest('hex').slice(0, 12);
}
