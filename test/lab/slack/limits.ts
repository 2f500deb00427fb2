/** Rates of Slack's tiers as token buckets: `burst` at once, then `perMinute`. */
interface Rate {
  readonly perMinute: number;
  readonly burst: number;
}

const TIER_1 = { perMinute: 1, burst: 20 };
const TIER_2 = { perMinute: 20, burst: 20 };
const TIER_3 = { perMinute: 50, burst: 50 };
const TIER_4 = { perMinute: 100, burst: 100 };

const RATES: Readonly<Record<string, Rate>> = {
  'apps.connections.open': TIER_1,
  'users.list': TIER_2,
  'usergroups.users.list': TIER_2,
  'conversations.list': TIER_2,
  'chat.update': TIER_3,
  'chat.delete': TIER_3,
  'reactions.add': TIER_3,
  'conversations.replies': TIER_3,
  'conversations.history': TIER_3,
  'conversations.info': TIER_3,
  'conversations.open': TIER_3,
  'chat.postEphemeral': TIER_4,
  'conversations.members': TIER_4,
  'users.info': TIER_4,
  'views.open': TIER_4,
  'views.update': TIER_4,
  'views.push': TIER_4,
  'views.publish': TIER_4,
  'files.getUploadURLExternal': TIER_4,
  'files.completeUploadExternal': TIER_4,
};

/** One message a second for each channel, with a small burst. */
const POST_RATE: Rate = { perMinute: 60, burst: 4 };

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Counts calls and tells for how many seconds the next one must wait; 0 lets it pass. */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();

  take(method: string, channel: string): number {
    if (method === 'chat.postMessage') return this.#takeFrom(`${method} ${channel}`, POST_RATE);
    const rate = RATES[method];
    return rate === undefined ? 0 : this.#takeFrom(method, rate);
  }

  #takeFrom(key: string, { perMinute, burst }: Rate): number {
    const now = Date.now();
    const perMs = perMinute / 60_000;
    const bucket = this.#buckets.get(key) ?? { tokens: burst, filledAt: now };
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.filledAt) * perMs);
    bucket.filledAt = now;
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / perMs / 1000);
    bucket.tokens -= 1;
    return 0;
  }
}
