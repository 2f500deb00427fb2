import { PODS } from '../../../src/commands/cluster.ts';
import type { Stage } from './stage.ts';
import { APPROVER, OPERATOR, SECOND_APPROVER, VISITOR } from './stage.ts';
import { Tour } from './tour.ts';
import type { Transcript } from './transcript.ts';

type Scene = (tour: Tour, transcript: Transcript, stage: Stage) => Promise<void>;

/** The tour, scene by scene. Each states what must be true; the first that is not ends it. */
export async function playTour(stage: Stage, transcript: Transcript): Promise<void> {
  const tour = new Tour(stage, transcript);
  for (const scene of SCENES) await scene(tour, transcript, stage);
}

const help: Scene = async (tour, transcript) => {
  transcript.scene('What it can do');
  const answer = await tour.askAndBeAnswered(OPERATOR, '/storage help');
  transcript.contains('it lists its runbooks', { text: answer, parts: ['diagnose nfs', 'add export', 'restart nfs'] });
};

const hostileNames: Scene = async (tour, transcript) => {
  transcript.scene('Names that are no names');
  for (const name of ['immich; rm -rf /', 'іmmich', `immich${'x'.repeat(10_000)}`, '<!channel>']) {
    const answer = await tour.askAndBeAnswered(OPERATOR, `/storage diagnose nfs ${name}`);
    transcript.isTrue(
      'it is refused in words, shortly',
      answer.length > 20 && answer.length < 1_500 && !answer.includes('<!channel>'),
    );
  }
  transcript.isTrue('nothing ran', tour.executed.length === 0);
};

const wrongName: Scene = async (tour, transcript) => {
  transcript.scene('A slip of the pen');
  const root = await tour.start(OPERATOR, '/storage diagnose nfs imich');
  transcript.contains('it offers the nearest name', { text: await tour.finished(root, 'Did you mean'), parts: ['immich'] });
};

const staleHandle: Scene = async (tour, transcript, { site }) => {
  transcript.scene('immich hangs: from the complaint to a verified repair');
  const root = await tour.start(OPERATOR, '/storage diagnose nfs immich');
  transcript.contains('the cause is named with its proofs', {
    text: await tour.sees(root, 'stale-handle'),
    parts: [
      '/mnt/main/immich/upload',
      'fresh mounts of all that the pod needs work on the same node',
      'Do not restart the NFS server',
    ],
  });
  const offer = await tour.offered(root);
  const pod = pendingPod(site.world.store.list({ resource: PODS, namespace: 'immich' }));
  transcript.contains('the exact command is shown, with the uid of this very pod', {
    text: await tour.sees(root, 'Runs exactly this'),
    parts: ['kubectl delete', pod.uid],
  });
  transcript.isTrue('nothing was changed so far', tour.executed.length === 0);
  const refused = await tour.approve(VISITOR, offer);
  transcript.isTrue('somebody without the right is told so', /not|may/.test(refused) && tour.executed.length === 0);
  const answers = await tour.approveTogether([OPERATOR, APPROVER], offer);
  transcript.isTrue('one approval counts, the other is told that it is decided', new Set(answers).size === 2);
  await tour.finished(root, 'well');
  transcript.isTrue(
    'exactly one command changed anything, and it is the one that was shown',
    tour.executed.length === 1 && tour.executed[0] === `DELETE /api/v1/namespaces/immich/pods/${pod.name}`,
  );
  transcript.contains('the message says who decided and has no button any more', {
    text: await tour.decided(offer),
    parts: ['Approved by'],
  });
};

function pendingPod(pods: readonly { readonly metadata: { readonly name: string; readonly uid: string } }[]) {
  const pod = pods.find(({ metadata }) => metadata.name.startsWith('immich-server-'));
  if (pod === undefined) throw new Error('the site has no immich-server pod');
  return pod.metadata;
}

const again: Scene = async (tour, transcript) => {
  transcript.scene('Asked again, it finds nothing to do');
  const root = await tour.start(OPERATOR, '/storage diagnose nfs immich');
  await tour.finished(root, 'nothing to do');
  transcript.isTrue('nothing more was changed', tour.executed.length === 1);
};

const restart: Scene = async (tour, transcript) => {
  transcript.scene('The documented cure that does harm');
  const root = await tour.start(OPERATOR, '/storage restart nfs');
  transcript.contains('it is refused, with the reason', { text: await tour.sees(root, 'Refused'), parts: ['48 mounts'] });
  transcript.isTrue('nothing was restarted', tour.executed.length === 1);
};

const addExport: Scene = async (tour, transcript) => {
  transcript.scene('A new share, and the difference it makes');
  const root = await tour.start(OPERATOR, '/storage add export paperless');
  for (const part of ['Create the directory', 'Add /mnt/main/paperless']) {
    const offer = await tour.offered(root);
    transcript.contains(`the step is: ${part}`, { text: await tour.sees(root, part), parts: ['/mnt/main/paperless'] });
    await tour.approve(APPROVER, offer);
    await tour.decided(offer);
  }
  transcript.contains('the difference of the exports is shown', {
    text: await tour.sees(root, '+ /mnt/main/paperless'),
    parts: ['before'],
  });
  transcript.isTrue('two commands did it', tour.executed.length === 3);
};

const secondAsk: Scene = async (tour, transcript) => {
  const root = await tour.start(APPROVER, '/storage add export paperless');
  await tour.finished(root, 'exported already');
  transcript.isTrue('asked twice, the second run changes nothing', tour.executed.length === 3);
};

const stoppedServer: Scene = async (tour, transcript, { site }) => {
  transcript.scene('The NFS server stops: start, not restart, and two people for it');
  site.world.nas.services.nfsd = false;
  const root = await tour.start(OPERATOR, '/storage diagnose nfs immich');
  await tour.sees(root, 'nfsd-stopped');
  const offer = await tour.offered(root);
  transcript.isTrue(
    'who asked may not approve this one',
    /not|may/.test(await tour.approve(OPERATOR, offer)) && tour.executed.length === 3,
  );
  await tour.approve(APPROVER, offer);
  transcript.isTrue('one approval is not enough', tour.executed.length === 3);
  await tour.approve(SECOND_APPROVER, offer);
  await tour.finished(root, 'well');
  const starts = tour.executed.filter((line) => line.endsWith('service nfsd onestart'));
  transcript.isTrue('the server was started, once, and nothing else was done', starts.length === 1 && tour.executed.length === 4);
};

const SCENES: readonly Scene[] = [
  help,
  hostileNames,
  wrongName,
  staleHandle,
  again,
  restart,
  addExport,
  secondAsk,
  stoppedServer,
];
