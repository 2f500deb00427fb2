import { Refusal } from '../core/errors.ts';

/**
 * The name of work at its target, from a plan's `workName` and the step's own label. It fits a unit of systemd and a label value
 * and Job of Kubernetes: up to 63 lower-case letters, digits and dashes.
 */
export function workNamed(workName: string, label: string): string {
  return requireWorkName(`${workName}-${label}`);
}

/** Names without this beginning are not the bot's, and its reading key does not show their state. */
export function requireWorkName(name: string): string {
  if (name.length <= 63 && /^storagebot(-[a-z0-9]+)+$/.test(name)) return name;
  throw new Refusal(
    'bad-request',
    `${JSON.stringify(name.slice(0, 300))} cannot be the name of work: storagebot-…, 63 letters at most`,
  );
}

/** A whole number of seconds, at least one: what the target ends the work after. */
export function requireDeadline(deadlineS: number): number {
  if (Number.isSafeInteger(deadlineS) && deadlineS > 0) return deadlineS;
  throw new Refusal('bad-request', `${deadlineS} is no deadline: work needs a whole number of seconds`);
}

const MAX_TOLD = 200;

/** What the work says of itself, on one line: its letters that have no shape become U+FFFD, and it is cut after 200. */
export function told(text: string): string {
  const line = text
    .toWellFormed()
    .trim()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Default_Ignorable_Code_Point}]/gu, '\uFFFD');
  return line.length > MAX_TOLD ? `${line.slice(0, MAX_TOLD).replace(/[\uD800-\uDBFF]$/, '')}…` : line;
}
