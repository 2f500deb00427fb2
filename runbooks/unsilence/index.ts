import { z } from 'zod';
import type { Silence, Silences } from '../../src/commands/alertmanager.ts';
import { expireSilences, silences } from '../../src/commands/alertmanager.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome, notSeen, ok, together } from '../../src/core/finding.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import { check, noUndo, steps, stop, verify } from '../../src/core/plan.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import type { Muting, Mutings } from '../../src/repairs/silences.ts';
import { changesAlerts, eachOf, isSilenceOf, mutedName, mutedNames, showTime } from '../../src/repairs/silences.ts';
import { AskedSilences, askedSilences } from '../../src/topology/asked-alerts.ts';
import { isOwn } from '../../src/topology/own-silences.ts';
import { found, told } from '../../src/topology/zfs-findings.ts';

const CODES = {
  silenced: 'A silence that this bot made for exactly these labels has not ended.',
  'of-others': 'A silence for exactly these labels was made by somebody else.',
} as const;
type Code = keyof typeof CODES;

interface Facts {
  readonly asked: Mutings;
  readonly silences: Seen<Silences>;
}

export default defineRunbook({
  id: 'unsilence',
  words: ['unsilence'],
  usage: '<alert[,alert …]> [label=value[,value …] …] [and …]',
  title: 'End the silences that the bot made for an alert',
  codes: CODES,
  changes: true,
  params: z.strictObject({ each: AskedSilences }),
  fromWords: (words) => ({ each: askedSilences(words) }),
  gather: async ({ each }: { readonly each: Mutings }, read: Reader): Promise<Facts> => ({
    asked: each,
    silences: await read(silences()),
  }),
  diagnose,
  plan,
});

function diagnose({ asked, silences: list }: Facts): Diagnosis<Code> {
  if (!list.known) return { evidence: notSeen('Alertmanager', [list]), findings: [] };
  const there = madeFor(asked, list.value);
  if (there.length === 0) return told(ok(`Alertmanager has no silence for exactly ${mutedNames(asked)}`, list));
  return together<Code>(
    there.map(({ silence, muting }) => {
      const { createdBy, comment, endsAt } = silence;
      const says = `${mutedName(muting)} is silenced until ${showTime(endsAt)} by ${createdBy}: ${comment}`;
      if (isOwn(silence)) return found({ code: 'silenced', subject: createdBy, says, remedy: 'End it.', seen: [list] });
      const remedy = 'Ask them, or end it in Alertmanager.';
      const doNot = 'Do not end the silence of somebody who may be working there.';
      return found({ code: 'of-others', subject: createdBy, says, remedy, doNot, seen: [list] });
    }),
  );
}

function madeFor(asked: Mutings, { silences: all }: Silences): readonly { readonly silence: Silence; readonly muting: Muting }[] {
  return asked.flatMap((muting) => all.filter((each) => isSilenceOf(muting, each)).map((silence) => ({ silence, muting })));
}

function plan({ findings }: Diagnosis<Code>, { asked, silences: list }: Facts): Plan {
  if (!list.known) return stop('The silences could not be seen: nothing is ended blindly.');
  const there = madeFor(asked, list.value);
  const own = findings.filter(({ code }) => code === 'silenced');
  const authors = [...new Map(own.map((because) => [because.subject, because])).values()];
  const each = authors.flatMap((because) => {
    const of = there.filter(({ silence }) => silence.createdBy === because.subject).map(({ muting }) => muting);
    const ofAuthor = [...new Set(of)];
    return isSome(ofAuthor) ? [endStep(ofAuthor, because)] : [];
  });
  return isSome(each) ? steps(...each) : stop(findings[0]?.remedy ?? 'Nothing silences it: nothing to do.');
}

/** Of one author, who is a run: what it made for other labels stays. */
function endStep(each: Mutings, because: Step['because']): Step {
  const author = because.subject;
  const isThere = (now: Silences) => madeFor(each, now).some(({ silence }) => silence.createdBy === author);
  return {
    title: `End the silence of ${author}${each.length === 1 ? '' : ` for ${mutedNames(each)}`}`,
    because,
    before: [check('The silence has not ended', silences(), isThere)],
    change: expireSilences(author, eachOf(each)),
    after: verify(`Alertmanager has no silence of ${author} for it any more`, silences(), (now) => !isThere(now)),
    undo: noUndo('Ask for the silence again: /storage silence.'),
    holds: changesAlerts(each),
    warnings: ['What of it fires is told again, with the next message of its group.'],
  };
}
