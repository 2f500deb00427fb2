import type { Block, CheckedView } from './blocks.ts';
import { withIds } from './ids.ts';

export interface LabUser {
  /** As Slack writes it: `U0001`. */
  readonly id: string;
  readonly name: string;
  /** What people see: a role, such as `Operator`. */
  readonly label: string;
}

export interface LabChannel {
  /** `C…`, or `D…` for a direct conversation with the bot. */
  readonly id: string;
  readonly name: string;
  /** The person at the other end of a direct conversation. */
  readonly with?: string;
}

export interface LabFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly content: string;
  readonly bytes: number;
}

/** A message as it is now; an update replaces the object, so one that you hold stays as it was. */
export interface LabMessage {
  readonly channel: string;
  readonly ts: string;
  /** The message whose thread this is in, itself included once it has replies. */
  readonly threadTs?: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly files: readonly LabFile[];
  readonly reactions: readonly { readonly name: string; readonly users: readonly string[] }[];
  /** How many times it was changed after it was posted. */
  readonly edits: number;
  readonly replyCount: number;
  /** For an ephemeral message: the only person who sees it. */
  readonly visibleTo?: string;
  readonly metadata?: unknown;
}

export interface LabView extends CheckedView {
  readonly id: string;
  readonly hash: string;
  readonly rootViewId: string;
  readonly previousViewId: string | null;
}

export type Change =
  | { readonly kind: 'message'; readonly message: LabMessage }
  | { readonly kind: 'deleted'; readonly channel: string; readonly ts: string }
  | { readonly kind: 'views'; readonly user: string; readonly views: readonly LabView[] }
  | { readonly kind: 'home'; readonly user: string; readonly view: LabView }
  | { readonly kind: 'channel'; readonly channel: LabChannel };

export type NewMessage = Pick<LabMessage, 'channel' | 'user' | 'text'> &
  Partial<Pick<LabMessage, 'threadTs' | 'blocks' | 'files' | 'visibleTo' | 'metadata'>>;

/** Everything the workspace holds. It knows nothing of HTTP or sockets; whoever wants to know of changes subscribes. */
export class Workspace {
  readonly users: readonly LabUser[];
  readonly #channels: LabChannel[];
  readonly #messages: LabMessage[] = [];
  readonly #views = new Map<string, readonly LabView[]>();
  readonly #homes = new Map<string, LabView>();
  readonly #listeners = new Set<(change: Change) => void>();
  #lastMicroseconds = 0;

  constructor(users: readonly LabUser[], channels: readonly LabChannel[]) {
    this.users = users;
    this.#channels = [...channels];
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get channels(): readonly LabChannel[] {
    return this.#channels;
  }

  channel(idOrName: string): LabChannel | undefined {
    return this.#channels.find(({ id, name }) => id === idOrName || name === idOrName.replace(/^#/, ''));
  }

  user(id: string): LabUser | undefined {
    return this.users.find((user) => user.id === id);
  }

  /** The direct conversation of the bot with this person, opened if need be. */
  directChannel(user: string): LabChannel {
    const open = this.#channels.find((channel) => channel.with === user);
    if (open !== undefined) return open;
    const channel = { id: `D${user.slice(1)}`, name: 'directmessage', with: user };
    this.#channels.push(channel);
    this.#emit({ kind: 'channel', channel });
    return channel;
  }

  /** All messages, ephemeral ones included, in the order of posting. */
  get messages(): readonly LabMessage[] {
    return this.#messages;
  }

  find(channel: string, ts: string): LabMessage | undefined {
    return this.#messages.find((message) => message.channel === channel && message.ts === ts);
  }

  post(fresh: NewMessage): LabMessage {
    const empty = { blocks: [], files: [], reactions: [], edits: 0, replyCount: 0 };
    const message: LabMessage = { ...empty, ...fresh, blocks: withIds(fresh.blocks ?? []), ts: this.nextTs() };
    this.#messages.push(message);
    this.#emit({ kind: 'message', message });
    if (message.threadTs !== undefined && message.visibleTo === undefined) this.#countReplies(message.channel, message.threadTs);
    return message;
  }

  change(message: LabMessage, changed: Partial<LabMessage>): LabMessage {
    const next = { ...message, ...changed, ...(changed.blocks ? { blocks: withIds(changed.blocks) } : {}) };
    const index = this.#messages.findIndex(({ channel, ts }) => channel === message.channel && ts === message.ts);
    this.#messages[index] = next;
    this.#emit({ kind: 'message', message: next });
    return next;
  }

  delete(message: LabMessage): void {
    const index = this.#messages.findIndex(({ channel, ts }) => channel === message.channel && ts === message.ts);
    this.#messages.splice(index, 1);
    this.#emit({ kind: 'deleted', channel: message.channel, ts: message.ts });
    if (message.threadTs !== undefined) this.#countReplies(message.channel, message.threadTs);
  }

  /** The stack of modals that this person has open, the top one last. */
  views(user: string): readonly LabView[] {
    return this.#views.get(user) ?? [];
  }

  setViews(user: string, views: readonly LabView[]): void {
    this.#views.set(user, views);
    this.#emit({ kind: 'views', user, views });
  }

  home(user: string): LabView | undefined {
    return this.#homes.get(user);
  }

  setHome(user: string, view: LabView): void {
    this.#homes.set(user, view);
    this.#emit({ kind: 'home', user, view });
  }

  /** Seconds and microseconds, unique and increasing, as Slack names messages. */
  nextTs(): string {
    this.#lastMicroseconds = Math.max(Date.now() * 1000, this.#lastMicroseconds + 1);
    const digits = String(this.#lastMicroseconds);
    return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  }

  #countReplies(channel: string, threadTs: string): void {
    const root = this.find(channel, threadTs);
    if (root === undefined) return;
    const replyCount = this.#messages.filter((message) => isReply(message, channel, threadTs)).length;
    const { threadTs: _, ...alone } = root;
    this.change(alone, replyCount === 0 ? { replyCount } : { replyCount, threadTs });
  }

  #emit(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function isReply(message: LabMessage, channel: string, threadTs: string): boolean {
  const inThread = message.channel === channel && message.threadTs === threadTs && message.ts !== threadTs;
  return inThread && message.visibleTo === undefined;
}
