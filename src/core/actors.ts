import type { AutoApply } from './alert-settings.ts';
import type { Actor } from './run.ts';

/** Asks for the runs that alerts start. It never decides. */
export const ALERTS: Actor = { id: 'alert', name: 'an alert' };

const RULE = 'rule:';

/** Approves in the name of the person who allowed the rule. */
export function ruleActor({ runbook, allowedBy }: AutoApply): Actor {
  return { id: `${RULE}${runbook}`, name: `the rule for ${runbook} (allowed by ${allowedBy})` };
}

export function isRuleActor({ id }: Actor): boolean {
  return id.startsWith(RULE);
}

const NAMED = /^the rule for (\S+) \(allowed by (.+)\)$/;

/** Undefined for a person. */
export function ruleOf({ id, name }: Actor): Pick<AutoApply, 'runbook' | 'allowedBy'> | undefined {
  const [, runbook, allowedBy] = (id.startsWith(RULE) && NAMED.exec(name)) || [];
  return runbook === undefined || allowedBy === undefined ? undefined : { runbook, allowedBy };
}
