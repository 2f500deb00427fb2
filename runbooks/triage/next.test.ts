import { expect, it } from 'vitest';
import { HARMLESS } from '../../src/commands/pod-events.ts';
import { readerOver, replay } from '../../src/core/reading.ts';
import { recordingOf } from '../../test/contract.ts';
import { siteOf } from '../../test/lab/record.ts';
import { runbooks } from '../index.ts';
import { cases } from './cases.ts';
import triage from './index.ts';
import { NEXT, ROUTES } from './routes.ts';

const words = runbooks.map((runbook) => runbook.words.join(' '));

const look = (each: (typeof cases)[number]) =>
  triage.look(triage.fromWords(each.words), readerOver(replay(recordingOf(triage, each))), siteOf(each));

it('the triage sends people to a runbook that the bot has', () => {
  expect(words).toContain(NEXT.join(' '));
});

it('everything that the triage says to run begins with the words of a runbook, and its arguments are understood', async () => {
  const diagnoses = await Promise.all(cases.map(async (each) => (await look(each)).diagnosis));
  const said = diagnoses.flatMap(({ evidence, findings }) => [
    ...evidence.map(({ says }) => says),
    ...findings.flatMap(({ says, remedy, doNot = '' }) => [says, remedy, doNot]),
  ]);
  const commands = said.flatMap((text) =>
    [...text.matchAll(/\/storage ([a-z0-9 ./-]+)/g)].map(([, line = '']) => line.split(' ')),
  );
  expect(commands.length).toBeGreaterThan(10);
  for (const command of commands) {
    const runbook = runbooks.find((each) => each.words.every((word, index) => command[index] === word));
    expect(command, runbook?.id ?? 'no runbook').toEqual(expect.arrayContaining([...NEXT]));
    expect(runbook?.params.safeParse(runbook.fromWords(command.slice(runbook.words.length))).success).toBe(true);
  }
});

it('every meaning of an event is a route or harmless, and none is both', () => {
  const routed = Object.keys(ROUTES);
  const harmless = Object.keys(HARMLESS);
  expect(routed.filter((meaning) => harmless.some((each) => each === meaning))).toEqual([]);
  expect(harmless.toSorted()).toEqual(['attempt-still-running', 'waiting-for-consumer']);
});

it('a name that neither a namespace nor a pod has is answered with the nearest', async () => {
  const [wellCase] = cases;
  await expect(
    triage.look({ target: 'imich' }, readerOver(replay(recordingOf(triage, wellCase))), siteOf(wellCase)),
  ).rejects.toThrow('No namespace and no pod is named imich. Did you mean immich');
});

it('a block volume whose driver timed out is not sent to the NFS server', async () => {
  const each = cases.find(({ scenario }) => scenario === 'waits-for-device');
  if (each === undefined) throw new Error('there is no such case');
  const text = JSON.stringify(recordingOf(triage, each));
  const late = text.replaceAll(
    /code = Internal desc = device \S+ is not found/g,
    'code = DeadlineExceeded desc = context deadline exceeded',
  );
  expect(late).not.toBe(text);
  const { diagnosis } = await triage.look({}, readerOver(replay(JSON.parse(late))), siteOf(each));
  expect(diagnosis.findings).toEqual([]);
  expect(diagnosis.evidence.map(({ says }) => says)).toContainEqual(expect.stringContaining('none of its events says why'));
});
