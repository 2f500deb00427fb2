import { createHash } from 'node:crypto';
import type { Change, Read } from './command.ts';
import { show } from './command.ts';
import type { Finding } from './finding.ts';
import type { Reader, Seen } from './reading.ts';

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
  readonly after: Verification;
  readonly undo: Change | NoUndo;
  /** What else this touches, for the person who approves: one sentence each. */
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

/** Everything an approver is bound to, as text: target, exact command, conditions, verification, undo. */
export function previewStep(step: Step): string {
  const { title, because, before, change, after, undo, warnings = [] } = step;
  const lines = [
    title,
    `  because  ${because.code} (${because.subject}): ${because.says}`,
    ...before.flatMap(({ says, line }) => [`  only if  ${says}`, `           ${line}`]),
    `  run      ${show(change.command)}`,
    `  risk     ${change.risk}; ended after ${change.command.timeoutMs / 1000} s`,
    `  verify   ${after.says} (within ${after.withinMs / 1000} s)`,
    `           ${after.line}`,
    `  undo     ${'none' in undo ? undo.none : show(undo.command)}`,
    ...warnings.map((warning) => `  warning  ${warning}`),
  ];
  // What a host printed may stand in a sentence: a line break in it must not look like a line of the preview.
  return lines.map((line) => line.replaceAll(/[\n\r\v\f\u0085\p{Zl}\p{Zp}]+/gu, ' ')).join('\n');
}

export function previewPlan(plan: Plan): string {
  if ('stop' in plan) return plan.stop;
  return plan.steps.map((step, index) => `${index + 1}. ${previewStep(step)}`).join('\n');
}

/** 12 hexadecimal digits of the SHA-256 of the preview and the build's version: what an approval names. */
export function digestOf(preview: string, buildVersion: string): string {
  return createHash('sha256').update(`${buildVersion}\n${preview}`).digest('hex').slice(0, 12);
}
