import { scenarioNamed } from '../../scenarios/index.ts';
import { attachmentsOf } from '../../site/attachments.ts';
import type { Scene } from '../scene.ts';
import { APPROVER, OPERATOR, OPS, SECOND_APPROVER } from '../workspace.ts';

/** The disk of a database on the wrong node: what is deleted is Kubernetes' belief, once every view of the disk agrees that nobody has it. */
export const staleAttachment: Scene = async ({ tour, transcript, stage }) => {
  const { world } = stage.site;
  transcript.scene('Vaultwarden cannot start: its disk counts as attached to a node that let go of it');
  tour.goTo(OPS);
  scenarioNamed('block-stale-attachment').prepare(world);
  const before = { executed: tour.executed.length, attachments: attachmentsOf(world.store) };
  const root = await tour.start(OPERATOR, '/storage diagnose block vaultwarden');
  transcript.contains('the cause has its proofs', {
    text: await tour.sees(root, 'stale-attachment'),
    parts: ['still attached to k8s-node4', 'waits for it on k8s-node2'],
  });
  const offer = await tour.offered(root);
  const card = stage.slack.text(offer);
  const stale = before.attachments.find(({ name }) => card.includes(name));
  transcript.isTrue('the card shows which attachment is deleted', stale?.node === 'k8s-node4');
  await tour.approve(APPROVER, offer);
  await tour.approve(SECOND_APPROVER, offer);
  await tour.becomes(root, 'the diagnosis ran again after the change');
  const deleted = tour.executed.slice(before.executed);
  transcript.isTrue('one request did it', deleted.length === 1 && deleted[0]?.startsWith('DELETE ') === true);
  const now = attachmentsOf(world.store).find(({ volume }) => volume === stale?.volume);
  transcript.isTrue('the disk is where its pod is', now?.node === 'k8s-node2' && now.attached);
};
