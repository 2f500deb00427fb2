import type { Answer } from '../../src/core/ports.ts';
import type { Actor } from '../../src/core/run.ts';
import { createIntake } from '../../src/slack/connection/intake.ts';
import { DUPLICATE_FOR_MS } from '../../src/slack/connection/seen.ts';
import type { PersonName } from './commands.ts';
import type { Life } from './life.ts';

/** What somebody saw of a step when the button was pressed. */
export interface Shown {
  readonly round: number;
  readonly step: number;
  readonly digest: string;
  /** The exact line of the plan; undefined where no plan was shown. */
  readonly line: string | undefined;
}

/** What a person asks of the bot, as an envelope of Slack carries it: the same in each delivery. */
export type Press = {
  readonly who: PersonName;
  readonly actor: Actor;
  /** Names the press for ever. */
  readonly trigger: string;
} & (
  | {
      readonly does: 'decide';
      readonly run: string;
      readonly shown: Shown;
      readonly digest: string;
      readonly verdict: 'approve' | 'deny';
      readonly typed?: string;
      readonly reason?: string;
    }
  | { readonly does: 'cancel' | 'takeOver'; readonly run: string; readonly reason: string }
  | { readonly does: 'freeze' | 'unfreeze'; readonly reason: string }
  | { readonly does: 'follow'; readonly run: string; readonly how: 'again' | 'undo' }
);

export interface Delivery {
  readonly envelope: string;
  readonly press: Press;
}

/** The real intake of one life of the bot, which forgets with that life what was here. `again`: this life had the press already. */
export function createDoor(life: Life, process: (press: Press, again: boolean) => Promise<void>) {
  const byTrigger = new Map<string, Press>();
  const handledAt = new Map<string, number>();
  const intake = createIntake({
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    process: async ({ body, ack }) => {
      await ack();
      const press = byTrigger.get(String(body['trigger_id']));
      if (press === undefined) return;
      const again = Date.now() - (handledAt.get(press.trigger) ?? 0) < DUPLICATE_FOR_MS;
      handledAt.set(press.trigger, Date.now());
      await process(press, again);
    },
    say: async () => undefined,
  });
  return {
    life,
    deliver({ envelope: id, press }: Delivery): void {
      byTrigger.set(press.trigger, press);
      void intake.take({ id, body: bodyOf(press), ack: async () => undefined });
    },
  };
}

export type Door = ReturnType<typeof createDoor>;

/** A click on Approve is a press; what needs words is a window that was sent; freezing is a command. */
function bodyOf(press: Press): Record<string, unknown> {
  const { trigger, actor } = press;
  if (press.does === 'freeze' || press.does === 'unfreeze') return { command: '/storage', trigger_id: trigger };
  const isButton =
    press.does === 'follow' || (press.does === 'decide' && press.typed === undefined && press.verdict === 'approve');
  if (!isButton) return { type: 'view_submission', trigger_id: trigger };
  const actions = [{ action_id: press.does, action_ts: trigger }];
  return { type: 'block_actions', trigger_id: trigger, user: { id: actor.id }, container: { message_ts: '1' }, actions };
}

/** What the handlers ask of the engine for a press. */
export async function carryOut(life: Life, press: Press): Promise<Answer & { readonly run?: string }> {
  const { actor } = press;
  switch (press.does) {
    case 'decide': {
      const { run, shown, digest, verdict, typed, reason } = press;
      const words = { ...(typed === undefined ? {} : { typed }), ...(reason === undefined ? {} : { reason }) };
      return life.decide({ run, round: shown.round, step: shown.step, digest, actor, verdict, ...words });
    }
    case 'cancel':
    case 'takeOver':
      return life.interventions[press.does]({ run: press.run, actor, reason: press.reason });
    case 'freeze':
    case 'unfreeze':
      return life.interventions[press.does]({ actor, reason: press.reason });
    case 'follow': {
      const { run, how, trigger } = press;
      return life.follow({ run, how, actor, origin: { kind: 'cli' }, key: `press ${trigger}` });
    }
  }
}
