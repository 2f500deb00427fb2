import type { RequestContext } from '@kubernetes/client-node';

export type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>;

/** The TCP connections of one dispatcher. */
export interface Connections {
  /** Undefined: undici's global one, where nothing is special about TLS. */
  readonly dispatcher: Dispatcher | undefined;
  /** False while not one connection is made. True where that cannot be seen. */
  readonly isOpen: () => boolean;
  /** Ends at once what is under way. */
  readonly close: () => Promise<void>;
}

export function connectionsOf(context: RequestContext, proxied: boolean): Connections {
  const dispatcher = context.getDispatcher();
  if (dispatcher === undefined) return { dispatcher, isOpen: () => true, close: async () => undefined };
  let open = 0;
  dispatcher.on('connect', () => {
    open += 1;
  });
  dispatcher.on('disconnect', () => {
    open -= 1;
  });
  return { dispatcher, isOpen: () => proxied || open > 0, close: () => dispatcher.destroy() };
}

const renewAfterMs = 60_000;

/**
 * Gives the connections to use for a request. The client makes a dispatcher for each request, so it would never reuse a
 * connection; one is kept here for a minute, so that a renewed certificate or authority comes into use.
 */
export function keepConnections(now: () => number = Date.now) {
  let kept: Connections | undefined;
  let since = 0;
  let old: Promise<void> = Promise.resolve();
  return {
    for(context: RequestContext, proxied: boolean): Connections {
      if (kept !== undefined && now() - since < renewAfterMs) return kept;
      // A graceful close lets the requests that still run on them end.
      old = kept?.dispatcher?.close() ?? old;
      kept = connectionsOf(context, proxied);
      since = now();
      return kept;
    },
    async close(): Promise<void> {
      await kept?.close();
      kept = undefined;
      await old;
    },
  };
}
