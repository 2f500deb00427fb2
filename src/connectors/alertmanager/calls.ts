import { z } from 'zod';
import type { AlertmanagerRequest, Matchers, NewSilences } from '../../core/alertmanager.ts';
import { isExactly, patternOf } from '../../core/alertmanager.ts';
import type { Failure, Outcome, Output } from '../../core/output.ts';
import { isFailure } from '../../core/output.ts';
import { type Answer, type Request, twiceIfReset } from '../http-api/server.ts';
import { outcomeOf } from './answer.ts';

/** Sends one request, once. */
export type Send = (request: Omit<Request, 'signal'>) => Promise<Answer>;

const QUERIES: Readonly<Record<string, string>> = {
  '/api/v2/alerts': '?active=true&silenced=true&inhibited=true&unprocessed=true',
};

export async function asked(send: Send, path: string): Promise<Outcome> {
  return outcomeOf(await twiceIfReset(() => send({ method: 'GET', path: `${path}${QUERIES[path] ?? ''}` })));
}

export async function changed(send: Send, request: Exclude<AlertmanagerRequest, { method: 'GET' }>): Promise<Outcome> {
  return request.method === 'DELETE' ? expired(send, request) : added(send, request.silences);
}

/** A silence has an end and no duration, and that is read by the server's clock: so it is asked what time it is there. */
async function added(send: Send, silences: NewSilences): Promise<Outcome> {
  const status = await asked(send, '/api/v2/status');
  if (!isAnswer(status)) return status;
  const nowMs = Date.parse(/^Date: (.+)$/m.exec(status.stderr)?.[1] ?? '');
  if (Number.isNaN(nowMs)) return failed('It does not say what time it is there: nothing was silenced.');
  return each(silences.each, 'silences were made', (matchers) =>
    send({ method: 'POST', path: '/api/v2/silences', body: bodyOf(matchers, silences, nowMs) }),
  );
}

/** As the API has it. The beginning is long past, which the server takes as now. */
function bodyOf(matchers: Matchers, { durationMs, createdBy, comment }: NewSilences, nowMs: number): unknown {
  return {
    matchers: matchers.map((matcher) => ({ name: matcher.name, isEqual: true, ...patternOf(matcher) })),
    startsAt: new Date(0).toISOString(),
    endsAt: new Date(nowMs + durationMs).toISOString(),
    createdBy,
    comment,
  };
}

const Matcher = z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean().default(true) });
const Silences = z.array(
  z.object({ id: z.string(), createdBy: z.string(), status: z.object({ state: z.string() }), matchers: z.array(Matcher) }),
);

type Expiry = Extract<AlertmanagerRequest, { method: 'DELETE' }>;

/** Only the server knows the ids of silences: they are asked for first. */
async function expired(send: Send, { createdBy: author, each: meant }: Expiry): Promise<Outcome> {
  const list = await asked(send, '/api/v2/silences');
  if (!isAnswer(list)) return list;
  const known = Silences.safeParse(JSON.parse(list.stdout));
  if (!known.success) return failed('The list of silences is not of a known form: none was ended.');
  const [first, ...more] = known.data
    .filter(({ createdBy, status }) => createdBy === author && status.state !== 'expired')
    .filter(({ matchers }) => meant.some((one) => isExactly(one, matchers)))
    .map(({ id }) => id);
  if (first === undefined) return failed('no silence IDs specified');
  return each([first, ...more], 'silences were ended', (id) =>
    send({ method: 'DELETE', path: `/api/v2/silence/${encodeURIComponent(id)}` }),
  );
}

/** Sends one after the other, each once, and none after one that was not done. */
async function each<T>(things: readonly [T, ...T[]], done: string, sendOne: (thing: T) => Promise<Answer>): Promise<Outcome> {
  const outcomes: Output[] = [];
  for (const thing of things) {
    const before = outcomes.length === 0 ? undefined : `${outcomes.length} of ${things.length} ${done} before.`;
    const outcome = await sent(() => sendOne(thing), before);
    if (!isAnswer(outcome)) return outcome;
    outcomes.push(outcome);
  }
  return { exitCode: 0, stdout: outcomes.map(({ stdout }) => stdout).join(''), stderr: outcomes[0]?.stderr ?? '' };
}

/** What fails after something was done is no call that never arrived. */
async function sent(send: () => Promise<Answer>, before: string | undefined): Promise<Outcome> {
  if (before === undefined) return outcomeOf(await send());
  const outcome = await send().then(outcomeOf, () => cut('The connection ended before its answer did.'));
  if (isFailure(outcome)) return cut(`${before} ${outcome.says}`);
  return outcome.exitCode === 0 ? outcome : { ...outcome, stderr: `${before} ${outcome.stderr}` };
}

function cut(says: string): Failure {
  return { failed: 'cut', says, toDo: 'Look at the silences in Alertmanager; asked for again, only what is missing is done.' };
}

function failed(says: string): Output {
  return { exitCode: 1, stdout: '', stderr: `${says}\n` };
}

function isAnswer(outcome: Outcome): outcome is Output {
  return !isFailure(outcome) && outcome.exitCode === 0;
}
