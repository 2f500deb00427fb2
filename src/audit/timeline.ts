import { renderOutput } from '../slack/outputs.ts';
import { visible } from '../slack/visible.ts';
import { instant } from '../slack/words.ts';
import { proofsOf, type Recorded } from './evidence.ts';
import type { Entry } from './history.ts';
import type { Standing } from './standing.ts';
import { entryWords } from './words.ts';

/** All that the trail holds of one run, and what is known of its truth. */
export interface RunRecord extends Recorded {
  readonly run: string;
  readonly standing: Standing;
}

/** A run from its request to its end, in words and with whole outputs, for a terminal. */
export function renderTimeline(record: RunRecord): string {
  const { run, entries, standing } = record;
  const parts = [
    `RUN ${run}`,
    `Audit trail: ${standing.says}`,
    ...standing.problems.map((problem) => `  ${problem}`),
    ...entries.map((entry) => entryText(entry, record)),
  ];
  return `${visible(parts.join('\n'))}\n`;
}

function entryText(entry: Entry, recorded: Recorded): string {
  const head = `\n${instant(entry.at)}  seq ${entry.seq}  ${entryWords(entry).replaceAll(/\s+/g, ' ')}`;
  return [head, ...detailsOf(entry, recorded)].map((text) => text.replaceAll(/\n(?=.)/g, '\n    ')).join('\n    ');
}

function detailsOf(entry: Entry, recorded: Recorded): string[] {
  const { event } = entry;
  switch (event?.kind) {
    case 'looked':
      return [
        ...event.findings.map(({ code, subject, says }) => `wrong: ${code} (${subject}): ${says}`),
        ...event.evidence.map(({ status, says }) => `${status}: ${says}`),
        ...proofsOf({ ...entry, event }, recorded).map(
          ({ line, text, isSealed }) => `=== ${line}${isSealed ? '' : '  (NOT what the trail has sealed)'}\n${text.trimEnd()}`,
        ),
      ];
    case 'planned':
      return event.steps.map(({ preview, digest, risk }) => `${preview}\n  digest   ${digest} (${risk})`);
    case 'stop-asked':
      return [event.command];
    case 'step':
      return [
        ...(event.command === undefined ? [] : [event.command]),
        ...(event.output === undefined ? [] : [renderOutput(event.output).trimEnd()]),
      ];
    default:
      return [];
  }
}
