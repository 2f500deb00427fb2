import { whyNoReason } from '../src/approval/confirmation.ts';
import { oneLine } from '../src/slack/visible.ts';

/** On one line; what is no reason stays as it was typed, so that the marks for invisible characters do not count as letters. */
export function reasonFrom(typed: string): string {
  return whyNoReason(typed) === undefined ? oneLine(typed) : typed.trim();
}
