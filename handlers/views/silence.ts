import { decodeSilenceTarget } from '../../src/slack/connection/decode-target.ts';
import { HOW_LONG, type SilenceTarget, WHAT, wasRead } from '../../src/slack/incident-modal.ts';
import { SILENCE_FOR, silencesFor } from '../../src/slack/incident-silence.ts';
import { REASON } from '../../src/slack/modals.ts';
import { NO_ALERTS } from '../actions/incident.ts';
import type { Submission, SubmissionListener, SubmissionReply } from '../interaction.ts';
import { onSubmission } from '../interaction.ts';
import { reasonFrom } from '../reason.ts';
import type { HandlerContext } from '../requests.ts';
import { silence } from '../silencing.ts';

/** What was chosen becomes a run that makes the silence; the window showed what it silences, so its press approves it too, unless that would mute others. */
export function silenceSubmission(context: HandlerContext): SubmissionListener {
  return onSubmission(context, { field: REASON, decode: decodeSilenceTarget, reply: (submission) => reply(context, submission) });
}

async function reply(context: HandlerContext, submission: Submission<SilenceTarget>): Promise<SubmissionReply> {
  const { target, typed, chosen, actor, key } = submission;
  const view = context.incidents?.view(target.incident);
  if (context.incidents === undefined || view === undefined) return { says: NO_ALERTS, correctable: false };
  const silences = silencesFor(view, chosen[WHAT] ?? '');
  const howLong = SILENCE_FOR.find(([value]) => value === chosen[HOW_LONG]);
  if (silences.length === 0 || howLong === undefined) return { says: NOTHING_FIRES, correctable: false };
  const because = typed === '' ? [] : ['because', ...reasonFrom(typed).split(' ')];
  const { says, started } = await silence(context, {
    view,
    silences,
    how: [...howLong[0].split(' '), ...because],
    actor,
    origin: { kind: 'slack', channel: target.channel, ...(target.thread === undefined ? {} : { thread: target.thread }) },
    key,
    wasRead: wasRead(view, target),
  });
  return { says, correctable: !started };
}

const NOTHING_FIRES = 'None of these alerts fires any more, so there is nothing to silence.';
