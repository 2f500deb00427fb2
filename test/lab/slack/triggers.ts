import { newId } from './ids.ts';

const LIFE_MS = 3_000;

export type TriggerError = 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id';

interface Trigger {
  readonly user: string;
  readonly expiresAt: number;
  used: boolean;
}

/** The right to open one modal for one person, within 3 s of what that person did. */
export class Triggers {
  readonly #issued = new Map<string, Trigger>();

  issue(user: string): string {
    const id = newId('trigger.');
    this.#issued.set(id, { user, expiresAt: Date.now() + LIFE_MS, used: false });
    return id;
  }

  redeem(id: string): { readonly user: string } | { readonly error: TriggerError } {
    const trigger = this.#issued.get(id);
    if (trigger === undefined) return { error: 'invalid_trigger_id' };
    if (trigger.used) return { error: 'exchanged_trigger_id' };
    if (Date.now() > trigger.expiresAt) return { error: 'expired_trigger_id' };
    trigger.used = true;
    return { user: trigger.user };
  }
}
