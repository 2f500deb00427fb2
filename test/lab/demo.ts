import { parseArgs } from 'node:util';
import { messageOf } from '../../src/core/errors.ts';
import { nasDies } from './demo/nas-dies.ts';
import { playTour } from './demo/script.ts';
import { setStage } from './demo/stage.ts';
import { Transcript } from './demo/transcript.ts';
import { scenarios as ofRunbooks } from './scenarios/index.ts';

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    scenario: { type: 'string', default: 'stale-handle' },
    port: { type: 'string', default: '8321' },
  },
});

const scenarios = [nasDies, ...ofRunbooks];

function scenarioNamed(name: string) {
  const scenario = scenarios.find((each) => each.name === name);
  if (scenario === undefined)
    throw new Error(`There is no scenario ${name}. There are: ${scenarios.map((each) => each.name).join(', ')}.`);
  return scenario;
}

/** Plays the scripted tour, prints it, and says how many statements were true. */
async function check(): Promise<void> {
  const stage = await setStage({ scenario: scenarioNamed('stale-handle'), speed: 10 });
  try {
    const transcript = new Transcript(stage.slack, (line) => console.log(line));
    await playTour(stage, transcript);
    console.log(`\nThe tour is over: ${transcript.checks} statements, every one true.`);
  } finally {
    await stage.stop();
  }
}

const HOW_TO_TRY = `
Type "/storage diagnose nfs immich" there. On the left you choose whom you act as; who asked may not approve, so:
  as Operator          ask; press your own Approve, and be told why it does not count
  as Approver          press Approve, or Deny… and say why; then anybody can press Plan again
  as Second approver   of the platform team, needed beside one of the storage team (Operator, Approver) where the risk is high
  as Visitor           see what a stranger is told
                       (--scenario nfsd-stopped, or block-stale-attachment and /storage diagnose block vaultwarden,
                       or postgres-restore-offered and /storage restore postgres linkwarden)
With --scenario nas-dies Alertmanager tells of 73 alerts: see #alerts, where they are one incident with one cause.
Then try what keeps a change in hand:
  /storage add export paperless               two steps; between them press Cancel… at the first message and say why
  /storage add export grafana                 approve it meanwhile: it names the run in the way, which can be taken over
  /storage freeze Maintenance of the NAS      from now on nothing is changed, whatever is approved
  /storage unfreeze Maintenance is over       and again; the Visitor may not
  Undo… at the first message of a run that added the share   a run of its own takes it back, once it is approved
The trail of it all:
  npm run --silent storagebot -- audit verify --config CONFIG
Stop with Ctrl-C.
`;

/** Serves the page until it is interrupted. */
async function serve(): Promise<void> {
  const scenario = scenarioNamed(values.scenario);
  const stage = await setStage({ scenario, port: Number(values.port) });
  console.log(`\nstoragebot runs against a simulated site, in which something is wrong: ${scenario.says}`);
  console.log(`\n    Open ${stage.slack.pageUrl}`);
  await stage.notifier.notify();
  console.log(HOW_TO_TRY.replace('CONFIG', stage.site.configPath));
  console.log('Other faults: npm run demo -- --scenario NAME, with NAME one of');
  for (const { name, says } of scenarios) console.log(`  ${name.padEnd(24)} ${says}`);
  await new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  await stage.stop();
}

try {
  await (values.check ? check() : serve());
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
