import { openAudit } from '../app/audit.ts';
import { learnSecrets } from '../app/configured-secrets.ts';
import { whyNoReason } from '../approval/confirmation.ts';
import { mayIntervene } from '../approval/permission.ts';
import type { Config } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import { messageOf, Refusal } from '../core/errors.ts';
import type { Intervention } from '../core/run.ts';
import { createKillSwitch, frozenWords } from '../engine/freeze.ts';
import { voidApprovals } from '../engine/interventions.ts';
import { lockState, StateInUse } from '../engine/lock.ts';
import type { Log } from '../log.ts';
import { createClean } from '../redaction/index.ts';
import { prepareDirectory } from '../store/keeping-place.ts';
import { createStore } from '../store/store.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { giveBack } from './give-back.ts';
import { localUser } from './local-user.ts';
import type { Terminal } from './terminal.ts';

export interface FreezeRequest {
  readonly kind: 'freeze' | 'unfreeze';
  /** The reason. */
  readonly words: readonly string[];
  readonly config: Config;
  readonly secrets: Secrets;
  readonly log: Log;
  readonly terminal: Terminal;
}

/** Works while the bot runs, and without it: the bot looks at the state directory right before each change. */
export async function freeze(request: FreezeRequest): Promise<ExitCode> {
  const { kind, words, config, secrets, terminal } = request;
  await learnSecrets(config, secrets);
  const clean = createClean(secrets.known);
  const word: Intervention = { actor: localUser(), reason: clean(words.join(' ')), at: Date.now() };
  const refusal = (await mayIntervene(config.approval, async () => [], { kind, actor: word.actor })) ?? whyNoReason(word.reason);
  if (refusal !== undefined) throw new Refusal('not-allowed', refusal);
  prepareDirectory(config.state.directory);
  const killSwitch = createKillSwitch(config.state.directory, clean);
  const now = killSwitch.state();
  if (kind === 'freeze' && now !== undefined) throw new Refusal('stale', `It is frozen already. ${frozenWords(now)}`);
  if (kind === 'unfreeze' && now === undefined) throw new Refusal('stale', 'It is not frozen.');
  if (kind === 'freeze') killSwitch.freeze(word);
  else killSwitch.unfreeze();
  terminal.out(kind === 'freeze' ? `${frozenWords(word)}\n` : `${word.actor.name} ended the freeze: ${word.reason}\n`);
  return noted(request, word, now ?? word).finally(() => giveBack(config.state.directory));
}

/** The freeze holds whatever becomes of this. */
async function noted(request: FreezeRequest, word: Intervention, frozen: Intervention): Promise<ExitCode> {
  const { kind, config, secrets, log, terminal } = request;
  const { directory } = config.state;
  try {
    const { key } = config.audit;
    // Without anchors: a place outside that hangs must not hold up a freeze, and the bot anchors this with what comes next.
    const unanchored = { ...config, audit: key === undefined ? {} : { key } };
    const { trail, close } = await openAudit({ config: unanchored, secrets, log, directory, isTemporary: false });
    const store = createStore(directory, { trail });
    store.note({ kind: kind === 'freeze' ? 'frozen' : 'unfrozen', actor: word.actor, reason: word.reason });
    // As in the bot: an approval from before the freeze must not come to life when it ends, nor when the bot was not there to see it.
    voidApprovals({ store, clock: () => word.at }, frozenWords(frozen));
    store.touch(store.unfinished());
    await unlessBotRuns(directory, close);
    store.close();
    return EXIT.well;
  } catch (error) {
    terminal.note(`It could not be written into the audit trail: ${messageOf(error)}\n`);
    return EXIT.fault;
  }
}

/** The file of the trail belongs to the bot, which writes there what it finds new in the database. */
async function unlessBotRuns(directory: string, write: () => Promise<void>): Promise<void> {
  try {
    const { release } = lockState(directory);
    await write().finally(release);
  } catch (error) {
    if (!(error instanceof StateInUse)) throw error;
  }
}
