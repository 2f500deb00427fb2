import type { LabMessage } from '../../slack/index.ts';
import type { Play, Scene } from '../scene.ts';
import { APPROVER, CHANGES, INCIDENTS, OPERATOR, SECOND_APPROVER, VISITOR } from '../workspace.ts';

/** A change of high risk: two people of two teams, and a look at the moment of use. */
export const stoppedServer: Scene = async (play) => {
  const { tour, transcript, stage } = play;
  const { services } = stage.site.world.nas;
  transcript.scene('The NFS server stops; somebody repairs it by hand while the offer stands');
  tour.goTo(INCIDENTS);
  services.nfsd = false;
  const root = await tour.start(OPERATOR, '/storage diagnose nfs immich');
  await tour.sees(root, 'nfsd-stopped');
  await repairedByHand(play, root);

  transcript.scene('It stops again: start, not restart, and two people of two teams for it');
  tour.goTo(CHANGES);
  services.nfsd = false;
  const before = tour.executed.length;
  const again = await tour.start(VISITOR, '/storage diagnose nfs immich');
  await twoTeams(play, await tour.offered(again));
  await tour.becomes(again, 'the diagnosis ran again after the change');
  const starts = tour.executed.filter((line) => line.endsWith('service nfsd onestart'));
  transcript.isTrue(
    'the server was started, once, and nothing else was done',
    starts.length === 1 && tour.executed.length === before + 1,
  );
};

async function repairedByHand({ tour, transcript, stage }: Play, root: LabMessage): Promise<void> {
  const before = tour.executed.length;
  const offer = await tour.offered(root);
  transcript.contains('who asked may not approve this one', {
    text: await tour.approve(OPERATOR, offer),
    parts: ['You asked for this run'],
  });
  transcript.contains('one approval is not enough', { text: await tour.approve(APPROVER, offer), parts: ['1 of 2'] });
  transcript.contains('the same person cannot give the other', {
    text: await tour.approve(APPROVER, offer),
    parts: ['You have approved this step already'],
  });
  transcript.does('Somebody on the NAS', 'starts nfsd by hand');
  stage.site.world.nas.services.nfsd = true;
  await tour.approve(SECOND_APPROVER, offer);
  transcript.contains('the bot looks again before it acts, and does not do what is no longer needed', {
    text: await tour.becomes(offer, 'refused by the bot'),
    parts: ['nothing was changed', 'it no longer holds that nfsd does not run'],
  });
  transcript.isTrue('nothing was sent to the NAS', tour.executed.length === before);
}

async function twoTeams({ tour, transcript }: Play, offer: LabMessage): Promise<void> {
  await tour.approve(OPERATOR, offer);
  transcript.contains('a second approval of the same team adds nothing', {
    text: await tour.approve(APPROVER, offer),
    parts: ['Your approval would add nothing', 'different groups'],
  });
  transcript.contains('one of the other team does', { text: await tour.approve(SECOND_APPROVER, offer), parts: ['Approved.'] });
}
