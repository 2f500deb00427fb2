import { podsOfApps, resolveAll } from '../../site/outage.ts';
import type { LabMessage } from '../../slack/index.ts';
import { nasDies } from '../nas-dies.ts';
import type { Play, Scene } from '../scene.ts';
import { ALERTS, APPROVER, SECOND_APPROVER } from '../workspace.ts';

/** What many alerts have in common is one thread, from the first of them to the end of the last. */
export const deadNas: Scene = async (play) => {
  const { tour, transcript, stage } = play;
  const { slack, site, notifier } = stage;
  const { world } = site;
  transcript.scene('The NAS dies, and 42 pods with it: Alertmanager tells of it');
  tour.goTo(ALERTS);
  const before = tour.executed.length;
  nasDies.prepare(world);
  const firing = world.alerting.alerts.filter(({ labels }) => labels['alertname'] !== 'Watchdog');
  const names = new Set(firing.map(({ labels }) => labels['alertname']));
  transcript.does('Alertmanager', `posts ${firing.length} alerts of ${names.size} names to the webhook of the bot`);
  await notifier.notify();
  const root = await tour.until('an incident with all of them', () =>
    slack.messages(ALERTS).find((each) => slack.text(each).includes(`${firing.length} of ${firing.length} alerts fire`)),
  );
  transcript.contains('the cause is named, and all of these alerts are in the thread', {
    text: await tour.becomes(root, 'The cause is proved: '),
    parts: ['NAS truenas', ...[...names].map((name) => `${name} `)],
  });
  transcript.does('Alertmanager', 'tells of all of them again');
  await notifier.repeat();
  const offer = await onlyOffer(play, root);
  transcript.isTrue('nobody asked, and nothing was changed', tour.executed.length === before);
  await approved(play, offer);
  transcript.isTrue(
    'the machine was started, once, and nothing else was done',
    tour.executed.length === before + 1 && tour.executed.filter((line) => line.endsWith('qm start 9000')).length === 1,
  );
  transcript.does('The pods', 'work again, and Alertmanager tells that every alert has ended');
  for (const pod of podsOfApps(world)) world.cluster.report(pod, 'ready');
  resolveAll(world);
  await notifier.notify();
  await tour.becomes(root, 'over: all its alerts have ended');
  transcript.isTrue('there was one thread for all of it', slack.messages(ALERTS).length === 1);
};

/** Nothing is offered for one pod or one volume: only what mends the cause. */
async function onlyOffer({ tour, transcript, stage: { slack } }: Play, root: LabMessage): Promise<LabMessage> {
  const offer = await tour.offered(root);
  const offers = slack.messages(ALERTS, root.ts).filter((each) => slack.text(each).includes('[Approve]'));
  transcript.isTrue(
    'one repair is offered, that of the cause, and none for a single volume',
    offers.length === 1 && slack.text(offer).includes('pve$ qm start 9000'),
  );
  return offer;
}

async function approved({ tour, transcript }: Play, offer: LabMessage): Promise<void> {
  await tour.approve(APPROVER, offer);
  transcript.contains('an alert asked for it, and two people of two teams approve it', {
    text: await tour.approve(SECOND_APPROVER, offer),
    parts: ['Approved.'],
  });
  await tour.becomes(offer, 'done and verified');
}
