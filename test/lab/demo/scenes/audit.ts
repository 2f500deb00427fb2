import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Play, Scene } from '../scene.ts';
import type { Ended } from '../terminal.ts';
import { storagebot } from '../terminal.ts';
import { INCIDENTS } from '../workspace.ts';

export const auditTrail: Scene = async (play) => {
  const { transcript, stage } = play;
  const { site } = stage;
  transcript.scene('The audit trail, and what becomes of it when one byte is changed');
  const verified = tell(play, 'storagebot audit verify', await storagebot(site, site.configPath, ['audit', 'verify']));
  transcript.isTrue('everything agrees', verified.code === 0 && verified.stdout.includes('Everything agrees.'));
  await reported(play);
  const { configPath, line } = await tampered(play);
  const found = tell(play, 'storagebot audit verify', await storagebot(site, configPath, ['audit', 'verify']));
  transcript.isTrue(
    `it is found, and line ${line} is named`,
    found.code === 1 && new RegExp(`Line ${line}\\b`).test(found.stdout) && found.stdout.includes('NOT EVERYTHING AGREES'),
  );
};

/** The run of the first repair, as a post-mortem. */
async function reported(play: Play): Promise<void> {
  const { tour, transcript, stage } = play;
  const repaired = stage.slack
    .messages(INCIDENTS)
    .find((each) => stage.slack.text(each).includes('the diagnosis ran again after'));
  if (repaired === undefined) throw new Error('no run has repaired anything');
  const run = tour.runOf(repaired);
  const { code, stdout } = await storagebot(stage.site, stage.site.configPath, ['audit', 'report', run]);
  const [summary = ''] = stdout.split('## Timeline');
  tell(play, `storagebot audit report ${run}`, { code, stdout: `${summary}…`, stderr: '' });
  transcript.contains('the report is Markdown and says who approved what', {
    text: summary,
    parts: [`# Post-mortem of run ${run}`, '**Approved by:**', 'step 1.1, digest'],
  });
}

/** In a copy of the state directory, somebody else has approved. */
async function tampered({ transcript, stage }: Play) {
  const { site, bot } = stage;
  await bot.stop();
  const [original, copy] = [join(site.directory, 'state'), join(site.directory, 'copy')];
  await cp(original, copy, { recursive: true });
  const configPath = join(site.directory, 'copy.yaml');
  await writeFile(configPath, site.configText.replaceAll(original, copy));
  const trail = join(copy, 'audit.jsonl');
  const lines = (await readFile(trail, 'utf8')).split('\n');
  const index = lines.findIndex((each) => each.includes('"decided"') && each.includes('U2APPROVER'));
  lines[index] = (lines[index] ?? '').replace('U2APPROVER', 'U3APPROVER');
  await writeFile(trail, lines.join('\n'));
  transcript.does('Somebody', `changes one byte in line ${index + 1} of a copy of the trail: who approved`);
  return { configPath, line: index + 1 };
}

function tell({ transcript }: Play, command: string, ended: Ended): Ended {
  transcript.does('On the machine of the bot', command);
  transcript.answers(`${ended.stdout}${ended.stderr}`.trimEnd());
  return ended;
}
