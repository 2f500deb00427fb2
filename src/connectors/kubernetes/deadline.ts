/** The time of a call is over. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
  readonly code = 'DEADLINE_PASSED';
}

/** No connection could be made in time, so nothing was sent. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
  readonly code = 'NOT_CONNECTED';
}

/** Rejects with DeadlinePassed, and aborts the signal, when the work takes longer. */
export async function within<T>(timeoutMs: number, work: (abort: AbortController) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DeadlinePassed()), timeoutMs);
  const aborted = new Promise<never>((_resolve, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason));
  });
  try {
    return await Promise.race([work(controller), aborted]);
  } finally {
    clearTimeout(timer);
  }
}

/** Aborts the work with NotConnected unless, after this time, there is a connection. */
export async function requiringConnection<T>(limit: ConnectLimit, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => {
    if (!limit.isOpen()) limit.abort.abort(new NotConnected());
  }, limit.timeoutMs);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}

interface ConnectLimit {
  readonly timeoutMs: number;
  readonly isOpen: () => boolean;
  readonly abort: AbortController;
}
