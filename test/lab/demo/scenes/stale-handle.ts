import { PODS } from '../../../../src/commands/cluster.ts';
import type { LabMessage } from '../../slack/index.ts';
import type { Play, Scene } from '../scene.ts';
import { APPROVER, INCIDENTS, OPERATOR, OPS, SECOND_APPROVER, VISITOR } from '../workspace.ts';

/** From the complaint to a verified repair. */
export const staleHandle: Scene = async (play) => {
  const { tour, transcript, stage } = play;
  transcript.scene('immich hangs: from the complaint to a verified repair');
  tour.goTo(INCIDENTS);
  const root = await tour.start(OPERATOR, '/storage diagnose nfs immich');
  transcript.contains('the cause is named with its proofs', {
    text: await tour.sees(root, 'stale-handle'),
    parts: [
      '/mnt/main/immich/upload',
      'fresh mounts of all that the pod needs of this NAS work on the same node',
      'Do not restart the NFS server',
    ],
  });
  const offer = await tour.offered(root);
  const pod = pendingPod(stage.site.world.store.list({ resource: PODS, namespace: 'immich' }));
  transcript.contains('the exact command is shown, with the uid of this very pod', {
    text: await tour.sees(root, 'Runs exactly this'),
    parts: ['kubectl delete', pod.uid],
  });
  await clicksThatDoNotCount(play, offer);
  await tour.becomes(root, 'well');
  transcript.isTrue(
    'exactly one command changed anything, and it is the one that was shown',
    tour.executed.length === 1 && tour.executed[0] === `DELETE /api/v1/namespaces/immich/pods/${pod.name}`,
  );
  transcript.contains('the message says who decided and has no button any more', {
    text: await tour.decided(offer),
    parts: ['Approved by'],
  });
};

/** A stranger, who asked, and the second of two: each is told why. */
async function clicksThatDoNotCount({ tour, transcript }: Play, offer: LabMessage): Promise<void> {
  transcript.contains('somebody without the right is told so', {
    text: await tour.approve(VISITOR, offer),
    parts: ['You may not decide on changes of normal risk'],
  });
  transcript.contains('who asked is told that somebody else must approve', {
    text: await tour.approve(OPERATOR, offer),
    parts: ['You asked for this run, so somebody else must approve'],
  });
  transcript.isTrue('nothing was changed so far', tour.executed.length === 0);
  const answers = await tour.approveTogether([APPROVER, SECOND_APPROVER], offer);
  transcript.isTrue(
    'of two at the same moment one approval counts, and the other is told that it is decided',
    answers.filter((says) => says.startsWith('Approved.')).length === 1 &&
      answers.filter((says) => says.startsWith('Too late:')).length === 1,
  );
}

function pendingPod(pods: readonly { readonly metadata: { readonly name: string; readonly uid: string } }[]) {
  const pod = pods.find(({ metadata }) => metadata.name.startsWith('immich-server-'));
  if (pod === undefined) throw new Error('the site has no immich-server pod');
  return pod.metadata;
}

export const askedAgain: Scene = async ({ tour, transcript }) => {
  transcript.scene('Asked again, it finds nothing to do');
  tour.goTo(OPS);
  const root = await tour.start(OPERATOR, '/storage diagnose nfs immich');
  await tour.becomes(root, 'nothing to do');
  transcript.isTrue('nothing more was changed', tour.executed.length === 1);
};
