import { pods } from '../../src/commands/cluster.ts';
import { deletePod } from '../../src/commands/cluster-changes.ts';
import type { Pod } from '../../src/commands/cluster-objects.ts';
import type { Change, Host, Read } from '../../src/core/command.ts';
import type { Finding } from '../../src/core/finding.ts';
import { bad, couldNotLook, ok } from '../../src/core/finding.ts';
import { changes } from '../../src/core/hold.ts';
import type { Step } from '../../src/core/plan.ts';
import { steps } from '../../src/core/plan.ts';
import type { Reader, Seen, Unknown } from '../../src/core/reading.ts';

// What must not compile. The type checker runs over this file; each line below an expectation is an error, or the check fails.

declare const read: Reader;
declare const change: Change;
declare const seen: Seen<readonly Pod[]>;
declare const unknown: Unknown;
declare const host: Host;
declare const step: Step;
declare const finding: Finding;

// @ts-expect-error A reader takes no change.
void read(change);
// @ts-expect-error Nor one fresh from the catalogue.
void read(deletePod({ namespace: 'a', name: 'b', uid: 'c' }));
void read(pods());

// @ts-expect-error The value of what may be unknown cannot be used before that was asked.
void seen.value;
if (seen.known) void seen.value.length;

// @ts-expect-error A finding cannot cite what could not be looked at.
const cites: Finding = { ...finding, seen: [unknown] };
// @ts-expect-error A finding must cite something.
const citesNothing: Finding = { ...finding, seen: [] };
// @ts-expect-error What could not be looked at is not ok.
ok('fine', unknown);
// @ts-expect-error Nor is it bad.
bad('broken', unknown);
couldNotLook('unknown', unknown);

// @ts-expect-error A step needs a precondition.
const unconditional: Step = { ...step, before: [] };
// @ts-expect-error A step needs a verification with a deadline.
const unverified: Step = { ...step, after: { says: 'x', line: 'y', holds: step.after.holds } };
// @ts-expect-error A plan has steps or a reason, not an empty list.
steps();
// @ts-expect-error A step cannot run a read as its change.
const readAsChange: Step = { ...step, change: pods() };
// @ts-expect-error The undo is a change or a reason.
const noUndo: Step = { ...step, undo: undefined };
// @ts-expect-error A change alone is no undo: what must still be so, and what verifies it, belong to it.
const bareUndo: Step = { ...step, undo: change };
// @ts-expect-error An undo needs a precondition.
const unconditionalUndo: Step = { ...step, undo: { change, before: [], after: step.after } };
// @ts-expect-error A step says what it holds.
const holdsNothing: Step = { ...step, holds: [] };
// @ts-expect-error What can be held is of a known kind.
changes('machine', 'k8s-node2');

// @ts-expect-error A read cannot be passed off as a change, nor a change as a read.
const asRead: Read<unknown> = change;
// @ts-expect-error Commands are data: nothing can be assigned after they were made.
change.command.timeoutMs = 1;
// @ts-expect-error Nor can a host be changed.
host.name = 'other';

export const used = [
  cites,
  citesNothing,
  unconditional,
  unverified,
  readAsChange,
  noUndo,
  bareUndo,
  unconditionalUndo,
  holdsNothing,
  asRead,
];
