import { durationOf } from '../src/core/duration.ts';
import { decodeRun } from '../src/slack/run-buttons.ts';
import { reasonFrom } from './reason.ts';

/** Words over the whole bot or over one run: no runbook, and nothing is looked at. */
export type Control =
  | { readonly does: 'freeze' | 'unfreeze'; readonly reason: string }
  | { readonly does: 'cancel' | 'takeover'; readonly run: string; readonly reason: string }
  /** `forMs` absent: it ends now. */
  | { readonly does: 'maintenance'; readonly forMs?: number; readonly reason: string };

/** How each is typed, for help. */
export const CONTROLS: Readonly<Record<Control['does'], { readonly usage: string; readonly title: string }>> = {
  freeze: { usage: 'freeze <reason>', title: 'From now on nothing is changed anywhere' },
  unfreeze: { usage: 'unfreeze <reason>', title: 'Approved changes are made again' },
  cancel: { usage: 'cancel <run> <reason>', title: 'Stop what can be stopped of a run' },
  takeover: { usage: 'takeover <run> <reason>', title: 'Give this run what another run holds' },
  maintenance: { usage: 'maintenance <2h|end> <reason>', title: 'Alerts are looked at and no repair is offered for so long' },
};

/** Undefined when these words are no control; a text when something is missing in them. The engine judges the reason. */
export function parseControl(typed: string): Control | { readonly refused: string } | undefined {
  const [word, rest] = firstWord(typed);
  const does = word.toLowerCase();
  if (does === 'freeze' || does === 'unfreeze') return withReason({ does, reason: reasonFrom(rest) });
  if (does === 'maintenance') return parseMaintenance(rest);
  if (does !== 'cancel' && does !== 'takeover') return undefined;
  const [id, reason] = firstWord(rest);
  const run = decodeRun(id);
  if (run === undefined)
    return { refused: `Which run? Type \`/storage ${CONTROLS[does].usage}\`; each message of a run names it.` };
  return withReason({ does, run, reason: reasonFrom(reason) });
}

function parseMaintenance(typed: string): Control | { readonly refused: string } {
  const [word, rest] = firstWord(typed);
  const reason = reasonFrom(rest);
  if (word.toLowerCase() === 'end') return withReason({ does: 'maintenance', reason });
  const forMs = durationOf(word);
  if (forMs !== undefined) return withReason({ does: 'maintenance', forMs, reason });
  return { refused: `For how long? Type \`/storage ${CONTROLS.maintenance.usage}\`: 30m, 2h or 1d, or end.` };
}

function firstWord(text: string): readonly [word: string, rest: string] {
  const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/su.exec(text) ?? [];
  return [word, rest];
}

function withReason(control: Control): Control | { readonly refused: string } {
  // Nothing but invisible characters is no reason either.
  if (/[\p{L}\p{N}\p{P}\p{S}]/u.test(control.reason)) return control;
  return { refused: `Say why, so that others can judge it: \`/storage ${CONTROLS[control.does].usage}\`.` };
}
