import { type Path, showPath } from '../config/path.ts';
import type { Config } from '../config/schema.ts';
import { calledBy, waysToCall } from '../core/called.ts';
import { messageOf } from '../core/errors.ts';
import type { Runbook } from '../core/runbook.ts';
import { requireSense } from '../engine/request.ts';

/** A rule about alerts that names no runbook, or one that an alert must not start. */
export class AlertRulesUnusable extends Error {
  override readonly name = 'AlertRulesUnusable';
  readonly code = 'ALERT_RULES_UNUSABLE';
}

/** Throws with one sentence for each rule that could never do what it was written for, or would act where an alert may only look. */
export function requireAlertRules({ alerts }: Config, runbooks: readonly Runbook[]): void {
  const { routes = [], autoApply = [] } = alerts ?? {};
  const problems = [
    ...routes.flatMap(({ what }, index) =>
      'run' in what ? said(['alerts', 'routes', index, 'run'], whyNotStarted(what.run, runbooks)) : [],
    ),
    ...autoApply.flatMap(({ runbook }, index) =>
      said(['alerts', 'autoApply', index, 'runbook'], whyNotApplied(runbook, runbooks)),
    ),
  ];
  if (problems.length > 0) throw new AlertRulesUnusable(`The configuration cannot be used:\n${problems.join('\n')}`);
}

function said(where: Path, why: string | undefined): readonly string[] {
  return why === undefined ? [] : [`  ${showPath(where)} ${why}`];
}

function whyNotStarted(words: readonly string[], runbooks: readonly Runbook[]): string | undefined {
  const line = words.join(' ');
  const call = calledBy(words, runbooks);
  if (call === undefined) return `names no runbook: "${line}" is no command of the bot`;
  const { called, takes } = call;
  if (!looks(called)) return `must begin by looking, and "${line}" acts (${called.id}): ${ONLY_LOOKS}`;
  // What a label will be is not known yet.
  return words.some((word) => word.includes('{')) ? undefined : whyNoSense(called, words.slice(takes));
}

const ONLY_LOOKS = 'an alert starts only what diagnoses, and what that would repair is offered';

function whyNoSense(runbook: Runbook, words: readonly string[]): string | undefined {
  const request = {
    runbook: runbook.id,
    arguments: words,
    requester: { id: 'alert', name: 'an alert' },
    origin: { kind: 'alert' },
  } as const;
  try {
    requireSense(new Map([[runbook.id, runbook]]), request);
    return undefined;
  } catch (error) {
    return `cannot be asked so: ${messageOf(error)}`;
  }
}

/** Ends the silences that last until something is resolved: besides what looks, the only one that the bot starts by itself. */
const ENDS_SILENCES = 'unsilence';

function whyNotApplied(id: string, runbooks: readonly Runbook[]): string | undefined {
  const runbook = runbooks.find((each) => each.id === id);
  if (runbook === undefined) return `names no runbook: there is none with the id "${id}"`;
  if (!looks(runbook) && id !== ENDS_SILENCES)
    return `would never count: no alert starts ${id}, and a rule decides nothing that a person asked for`;
  return runbook.changes ? undefined : `would never count: ${id} changes nothing`;
}

/** By the word that calls it. Its repair, where it has one, is a plan that waits for its approval. */
function looks(runbook: Runbook): boolean {
  const [[verb]] = waysToCall(runbook);
  return LOOKING.includes(verb);
}

const LOOKING: readonly string[] = ['diagnose', 'triage', 'check'];
