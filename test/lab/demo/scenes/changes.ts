import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { APPROVE, DENY } from '../../../../src/slack/decision-value.ts';
import { CANCEL, TAKE_OVER, UNDO } from '../../../../src/slack/run-buttons.ts';
import type { LabMessage } from '../../slack/index.ts';
import type { Play, Scene } from '../scene.ts';
import { APPROVER, CHANGES, INCIDENTS, OPERATOR, OPS, SECOND_APPROVER, VISITOR } from '../workspace.ts';

const PAPERLESS = '/mnt/main/paperless';
const GRAFANA = '/mnt/main/grafana';

/** A new share, and everything that can come between its plan and its end. */
export const changes: Scene = async (play) => {
  const denied = await deniedAndPlannedAgain(play);
  const offer = await frozen(play, denied);
  await killed(play, offer);
  await heldAndTakenOver(play, denied);
  const added = await completed(play, denied);
  await undone(play, added);
};

/** Returns the first message of the run that repeats the one that was denied. */
async function deniedAndPlannedAgain({ tour, transcript }: Play): Promise<LabMessage> {
  transcript.scene('A new share: denied with a reason, and planned again in one tap');
  tour.goTo(OPS);
  const before = tour.executed.length;
  const root = await tour.start(OPERATOR, '/storage add export paperless');
  const offer = await tour.offered(root);
  transcript.contains('the step is: create the directory', {
    text: await tour.sees(root, 'Create the directory'),
    parts: [PAPERLESS],
  });
  await tour.opens(APPROVER, offer, { id: DENY, words: 'Deny…' });
  const { errors } = await tour.tries(APPROVER, ' \u200b ');
  transcript.isTrue('a denial without a reason is not taken, and the window says so', errors?.['reason'] !== undefined);
  await tour.gives(APPROVER, 'The backup of the pool is still running');
  transcript.contains('the card shows who denied it, and why', {
    text: await tour.becomes(offer, 'Plan again'),
    parts: ['denied: nothing was changed', 'Denied by @Approver', 'The backup of the pool is still running'],
  });
  transcript.isTrue('nothing was changed', tour.executed.length === before);
  return tour.planAgain(OPERATOR, offer);
}

/** Returns the offer, which stands again. */
async function frozen(play: Play, run: LabMessage): Promise<LabMessage> {
  const { tour, transcript, stage } = play;
  transcript.scene('Frozen: nothing is changed anywhere, also not after a restart');
  const before = tour.executed.length;
  const offer = await tour.offered(run);
  await tour.becomes(run, 'waiting for a decision');
  // As on a slow line: the person still sees the button when the freeze is there already.
  stage.slack.inject('chat.update', { kind: 'delay', delayMs: 1_500 });
  transcript.says(await tour.start(VISITOR, '/storage freeze The disks of the pool are being replaced'));
  transcript.contains('an approval is answered in words', {
    text: await tour.approve(APPROVER, offer),
    parts: ['Frozen by visitor', 'The disks of the pool are being replaced', 'Nothing is changed anywhere'],
  });
  transcript.isTrue('the card loses its button', !(await tour.becomes(offer, 'frozen, and not')).includes('[Approve]'));
  transcript.does('The machine of the bot', 'loses power, and comes back');
  await stage.bot.kill();
  await stage.bot.start();
  transcript.isTrue('the freeze is in the state directory', existsSync(join(stage.site.directory, 'state', 'FROZEN')));
  await thawed(play);
  transcript.isTrue('nothing was executed meanwhile', tour.executed.length === before);
  await tour.becomes(offer, '[Approve]');
  return offer;
}

async function thawed({ tour, transcript }: Play): Promise<void> {
  transcript.contains('it is still frozen', {
    text: await tour.askAndBeAnswered(OPERATOR, '/storage freeze To be sure'),
    parts: ['It is frozen already', 'Frozen by visitor'],
  });
  transcript.contains('not everybody may end it', {
    text: await tour.askAndBeAnswered(VISITOR, '/storage unfreeze I changed my mind'),
    parts: ['You may not end the freeze'],
  });
  transcript.says(await tour.start(APPROVER, '/storage unfreeze The new disks are in'));
}

async function killed({ tour, transcript, stage }: Play, offer: LabMessage): Promise<void> {
  transcript.scene('Killed while it makes an approved change');
  const before = tour.executed.length;
  await tour.pressApproveOnly(APPROVER, offer);
  await tour.until('the command', () => (tour.executed.length > before ? true : undefined), 1);
  await stage.bot.kill();
  transcript.does('The bot', 'is killed as soon as its command is on the NAS, and started again');
  await stage.bot.start();
  await tour.becomes(offer, 'done and verified');
  const { disk } = stage.site.world.nas;
  transcript.isTrue('the report is true: the directory is there', disk.at(PAPERLESS) !== undefined);
  transcript.isTrue('the command was executed once', tour.executed.length === before + 1);
}

/** `holder` stands between its two steps, and a second run needs the same. */
async function heldAndTakenOver(play: Play, holder: LabMessage): Promise<void> {
  const { tour, transcript, stage } = play;
  transcript.scene('A second run needs what the first one holds');
  const before = tour.executed.length;
  const held = await tour.offered(holder);
  tour.goTo(INCIDENTS);
  const root = await tour.start(SECOND_APPROVER, '/storage add export grafana');
  const offer = await tour.offered(root);
  const answer = await tour.press(APPROVER, offer, { id: APPROVE, words: 'Approve' });
  transcript.contains('the approval does not count, and names the holder', {
    text: stage.slack.text(answer),
    parts: ['Not approved', `run ${tour.runOf(held)}`, 'add-export paperless, asked by operator', 'holds nas truenas'],
  });
  await tour.opens(APPROVER, answer, { id: TAKE_OVER, words: 'Take it over…' });
  transcript.isTrue('it is taken over, with a reason', (await tour.gives(APPROVER, 'Grafana is down')).startsWith('Taken over.'));
  transcript.contains('the first run says who took what it held', {
    text: await tour.becomes(held, 'withdrawn'),
    parts: ['approver took over what this plan holds', 'Grafana is down'],
  });
  transcript.isTrue('nothing was executed meanwhile', tour.executed.length === before);
  await tour.approve(APPROVER, offer);
  await tour.decided(offer);
  await cancelled(play, root);
}

async function cancelled({ tour, transcript, stage }: Play, root: LabMessage): Promise<void> {
  transcript.scene('Cancelled in the middle of a plan');
  await tour.offered(root);
  const before = tour.executed.length;
  await tour.opens(SECOND_APPROVER, root, { id: CANCEL, words: 'Cancel…' });
  transcript.contains('it says what is done and what will not be', {
    text: await tour.gives(SECOND_APPROVER, 'Grafana gets a volume of its own'),
    parts: ['Cancelled.', `Done and verified: step 1.1 (Create the directory ${GRAFANA})`, 'Nothing more will be changed.'],
  });
  transcript.contains('so does the run, with who and why', {
    text: await tour.becomes(root, 'Cancelled by'),
    parts: ['@Second approver', 'Grafana gets a volume of its own'],
  });
  transcript.isTrue('the directory stays, and nothing else was made', stage.site.world.nas.disk.at(GRAFANA) !== undefined);
  transcript.isTrue('nothing was executed after it', tour.executed.length === before);
}

/** Returns the first message of the run that exported the directory. */
async function completed({ tour, transcript }: Play, withdrawn: LabMessage): Promise<LabMessage> {
  transcript.scene('The first run is planned again: only what is missing');
  const before = tour.executed.length;
  const run = await tour.planAgain(OPERATOR, withdrawn);
  const offer = await tour.offered(run);
  transcript.contains('the step is: add it to the share', { text: await tour.sees(run, `Add ${PAPERLESS}`), parts: [PAPERLESS] });
  await tour.approve(SECOND_APPROVER, offer);
  await tour.decided(offer);
  transcript.contains('the difference of the exports is shown', {
    text: await tour.sees(run, `+ ${PAPERLESS}`),
    parts: ['before'],
  });
  transcript.isTrue('one command did it', tour.executed.length === before + 1);
  tour.goTo(CHANGES);
  const asked = await tour.start(APPROVER, '/storage add export paperless');
  await tour.becomes(asked, 'exported already');
  transcript.isTrue('asked twice, the second run changes nothing', tour.executed.length === before + 1);
  return run;
}

async function undone({ tour, transcript, stage }: Play, added: LabMessage): Promise<void> {
  transcript.scene('Taken back, by a run of its own with its own approval');
  const { nas } = stage.site.world;
  const before = tour.executed.length;
  await tour.press(OPERATOR, await tour.has(added, UNDO), { id: UNDO, words: 'Undo…' });
  await tour.finds(added, `This run takes back run ${tour.runOf(added)}`);
  const offer = await tour.offered(added);
  transcript.isTrue(
    'nothing is taken back without an approval',
    tour.executed.length === before && exportsOf(nas).includes(PAPERLESS),
  );
  await tour.approve(APPROVER, offer);
  await tour.becomes(offer, 'done and verified');
  transcript.isTrue('the exports are what they were before', !exportsOf(nas).includes(PAPERLESS));
}

function exportsOf({ active }: Play['stage']['site']['world']['nas']): readonly string[] {
  return active.map(({ path }) => path);
}
