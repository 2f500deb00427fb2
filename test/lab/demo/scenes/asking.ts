import type { Scene } from '../scene.ts';
import { CHANGES, OPERATOR } from '../workspace.ts';

export const help: Scene = async ({ tour, transcript }) => {
  transcript.scene('What it can do');
  const answer = await tour.askAndBeAnswered(OPERATOR, '/storage help');
  transcript.contains('it lists its runbooks, and how to stop it', {
    text: answer,
    parts: ['diagnose', 'nfs [service|node|all]', 'postgres', 'restore', 'undo', 'freeze', 'cancel', 'takeover'],
  });
  transcript.contains('it says more about what begins with one word', {
    text: await tour.askAndBeAnswered(OPERATOR, '/storage help restore'),
    parts: ['restore postgres', 'restore mysql', 'restore sqlite', 'restore pvc', 'restore files'],
  });
};

export const hostileNames: Scene = async ({ tour, transcript }) => {
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

export const wrongName: Scene = async ({ tour, transcript }) => {
  transcript.scene('A slip of the pen');
  const root = await tour.start(OPERATOR, '/storage diagnose nfs imich');
  transcript.contains('it offers the nearest name', { text: await tour.becomes(root, 'Did you mean'), parts: ['immich'] });
};

export const restartNfs: Scene = async ({ tour, transcript }) => {
  transcript.scene('The documented cure that does harm');
  tour.goTo(CHANGES);
  const before = tour.executed.length;
  const root = await tour.start(OPERATOR, '/storage restart nfs');
  transcript.contains('it is refused, with the reason', { text: await tour.sees(root, 'Refused'), parts: ['48 mounts'] });
  transcript.isTrue('nothing was restarted', tour.executed.length === before);
};
